// NestJS over real sockets, HTTP and WebSocket: the program of examples/nestjs, and what a forgotten guard does. Nest
// 11 runs it here, and Nest 12 in integration/http-nest-12.
import 'reflect-metadata'
import type { IncomingMessage } from 'node:http'
import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import {
  Controller,
  Get,
  Inject,
  Injectable,
  Module,
  Post,
  UseFilters,
  UseGuards,
  type INestApplication,
  type Type,
} from '@nestjs/common'
import { APP_GUARD, ExternalContextCreator, NestFactory } from '@nestjs/core'
import { WsAdapter } from '@nestjs/platform-ws'
import { SubscribeMessage, WebSocketGateway } from '@nestjs/websockets'
import { ClsModule, ClsService } from 'nestjs-cls'
import { userContext } from '@user-execution-context/http/express'
import {
  ContextExceptionFilter,
  CurrentContext,
  CurrentScope,
  UserContextGuard,
  UserContextModule,
  UserContexts,
  type GatewayClient,
  type UserContextModuleOptions,
} from '@user-execution-context/http/nestjs'
import {
  ContextError,
  identityProvider,
  liveSessions,
  type Scope,
  type UserExecutionContext,
} from 'user-execution-context'
import { currentContext, runWithContext } from 'user-execution-context/ambient'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { WebSocket } from 'ws'
import { versionOf } from '../../../../scripts/page-row.ts'
import { ask, portOf } from './client.ts'
import { describeExample } from './run-example.ts'

describe('the program of NestJS', () => {
  const library = '@nestjs/core'
  const [major] = versionOf(library, import.meta.url).split('.')
  const measuredAs = major === '11' ? 'nestjs' : `nestjs-${major}`
  describeExample(() => import('../../../../examples/nestjs/server.ts'), {
    guide: 'nestjs',
    row: { framework: 'NestJS', library, program: 'examples/nestjs/server.ts', measuredAs },
  })
})

const sessions = liveSessions({ maxProofMs: 3_600_000 })
const identity = identityProvider({
  name: 'nest-tokens',
  sessions,
  verify: async (token: string) => {
    await pause(20)
    const [userId, lifetime] = token.split('~') as [string, string?]
    const expiresAtMs = Date.now() + Number(lifetime ?? 60_000)
    return ['ada', 'bob', 'carl'].includes(userId) ? { userId, sessionId: `of-${userId}`, expiresAtMs } : undefined
  },
})
let opened: INestApplication[] = []
afterEach(async () => {
  await Promise.all(opened.map((app) => app.close()))
  opened = []
})
const open = async (
  parts: { controllers?: Type[]; providers?: unknown[]; imports?: unknown[] },
  options: Partial<UserContextModuleOptions> = {},
) => {
  @Module({
    imports: [UserContextModule.forRoot({ identity, ...options }), ...((parts.imports ?? []) as never[])],
    controllers: parts.controllers ?? [],
    providers: (parts.providers ?? []) as never[],
  })
  class TestModule {}
  const app = await NestFactory.create(TestModule, { logger: false, abortOnError: false })
  app.useWebSocketAdapter(new WsAdapter(app))
  await app.listen(0, '127.0.0.1')
  opened.push(app)
  return portOf(app.getHttpServer())
}

@Controller()
class Unguarded {
  @Get()
  run(@CurrentContext() context: UserExecutionContext) {
    return { user: context.userId }
  }
  @Get('scope')
  scope(@CurrentScope() scope: Scope) {
    return { user: scope.context.userId }
  }
  @Get('busy')
  busy() {
    throw new ContextError('ERR_CONTEXT_TOO_MANY_RUNS', { issues: [{ path: 'inner.path', kind: 'too large' }] })
  }
}

describe('UserContextModule in NestJS', () => {
  test('refuses a handler without the guard, and the answer is not for the developer', async () => {
    const port = await open({ controllers: [Unguarded] })
    for (const path of ['/', '/scope']) {
      const { status, text } = await ask(port, { path, token: 'ada' })
      expect([status, JSON.parse(text)]).toEqual([
        500,
        { code: 'ERR_CONTEXT_NOT_ISSUED', message: 'Something went wrong on our side.' },
      ])
    }
  })

  test('takes the guard for the whole app', async () => {
    const port = await open({
      controllers: [Unguarded],
      providers: [{ provide: APP_GUARD, useExisting: UserContextGuard }],
    })
    expect((await ask(port, { path: '/', token: 'ada' })).text).toBe('{"user":"ada"}')
    expect((await ask(port, { path: '/scope', token: 'bob' })).text).toBe('{"user":"bob"}')
    expect((await ask(port, { path: '/' })).status).toBe(401)
  })

  test('answers errors of this package with their status and headers, and without their message', async () => {
    const { status, headers, text } = await ask(await open({ controllers: [Unguarded] }), { path: '/busy' })
    expect([status, headers['retry-after'], headers['cache-control']]).toEqual([429, '60', 'no-store'])
    expect(text).toBe('{"code":"ERR_CONTEXT_TOO_MANY_RUNS","message":"Too many requests. Try again later."}')
  })

  test('takes its options from a factory', async () => {
    @Injectable()
    class Settings {
      readonly identity = identity
    }
    @Module({ providers: [Settings], exports: [Settings] })
    class SettingsModule {}
    @Module({
      imports: [
        UserContextModule.forRootAsync({
          imports: [SettingsModule],
          inject: [Settings],
          useFactory: (settings: Settings) => ({ identity: settings.identity }),
        }),
      ],
      controllers: [Unguarded],
      providers: [{ provide: APP_GUARD, useExisting: UserContextGuard }],
    })
    class TestModule {}
    const app = await NestFactory.create(TestModule, { logger: false, abortOnError: false })
    opened.push(app)
    await app.listen(0, '127.0.0.1')
    expect((await ask(await portOf(app.getHttpServer()), { path: '/', token: 'bob' })).text).toBe('{"user":"bob"}')
  })

  test('believes no other middleware: its guard verifies by its own identity', async () => {
    const admins = identityProvider({ name: 'admins', verify: (token: string) => admin(token) })
    const admin = (token: string) => (token === 'root' ? { userId: 'root' } : undefined)
    @Module({
      imports: [UserContextModule.forRoot({ identity: admins })],
      controllers: [Unguarded],
      providers: [{ provide: APP_GUARD, useExisting: UserContextGuard }],
    })
    class TestModule {}
    const app = await NestFactory.create(TestModule, { logger: false, abortOnError: false })
    opened.push(app)
    app.use(userContext(identityProvider({ name: 'all', verify: (token: string) => ({ userId: `any:${token}` }) })))
    await app.listen(0, '127.0.0.1')
    const port = await portOf(app.getHttpServer())
    expect((await ask(port, { path: '/', token: 'ada' })).status).toBe(401)
    expect((await ask(port, { path: '/', token: 'root' })).text).toBe('{"user":"root"}')
  })

  test('verifies once where the guard stands over the app and over a handler', async () => {
    const verify = vi.fn((token: string) => ({ userId: token }))
    @Controller()
    @UseGuards(UserContextGuard)
    class Twice {
      @Get()
      @UseGuards(UserContextGuard)
      run(@CurrentContext() context: UserExecutionContext) {
        return context.userId
      }
    }
    const port = await open(
      { controllers: [Twice], providers: [{ provide: APP_GUARD, useExisting: UserContextGuard }] },
      { identity: identityProvider({ name: 'counted', verify }) },
    )
    expect((await ask(port, { path: '/', token: 'ada' })).text).toBe('ada')
    expect(verify).toHaveBeenCalledTimes(1)
  })

  test('refuses a resolver of GraphQL, which @nestjs/graphql calls so, and tells its client nothing else', async () => {
    @Injectable()
    class Notes {
      @UseGuards(UserContextGuard)
      read() {
        return 'served'
      }
    }
    await open({ providers: [Notes] })
    const notes = opened[0]!.get(Notes)
    const creator = opened[0]!.get(ExternalContextCreator, { strict: false })
    const resolve = creator.create(
      notes,
      notes.read,
      'read',
      undefined,
      undefined,
      undefined,
      undefined,
      undefined,
      'graphql',
    )
    await expect(resolve(undefined, {}, {}, {})).rejects.toMatchObject({
      ...{ message: 'Something went wrong on our side.', code: 'ERR_CONTEXT_NOT_ISSUED' },
      cause: { message: expect.stringContaining('Verify its user where its message arrives') },
    })
  })

  test.each([undefined, null, 0, '', 'route'])('lets nobody in whose check throws %j', async (thrown) => {
    const options = { identity, run: () => Promise.reject(thrown) }
    const port = await open(
      { controllers: [Unguarded], providers: [{ provide: APP_GUARD, useExisting: UserContextGuard }] },
      options,
    )
    expect((await ask(port, { path: '/', token: 'ada' })).status).toBe(500)
  })

  test('fails at start with options that it cannot use', async () => {
    await expect(open({}, { identity: undefined as never })).rejects.toThrow()
  })

  test('has an ambient context when asked, in two users at once, and none otherwise', async () => {
    @Controller()
    @UseGuards(UserContextGuard)
    class Ambient {
      @Post()
      async read(@CurrentContext() context: UserExecutionContext) {
        await pause(10)
        return [currentContext() === context, currentContext().userId]
      }
    }
    const port = await open({ controllers: [Ambient] }, { ambient: runWithContext })
    const answers = await Promise.all(
      ['ada', 'bob', 'ada', 'bob'].map((token) => ask(port, { method: 'POST', path: '/', token, body: { a: 1 } })),
    )
    expect(answers.map(({ text }) => text)).toEqual(['[true,"ada"]', '[true,"bob"]', '[true,"ada"]', '[true,"bob"]'])
    const without = await open({ controllers: [Ambient] })
    expect((await ask(without, { method: 'POST', path: '/', token: 'ada', body: {} })).status).toBe(500)
  })

  test('stands beside nestjs-cls, which keeps the context as it is', async () => {
    @Injectable()
    class Notes {
      @Inject(ClsService) readonly cls!: ClsService<{ user: UserExecutionContext }>
      owner(): string {
        return this.cls.get('user').userId
      }
    }
    @Controller()
    @UseGuards(UserContextGuard)
    class Handler {
      @Inject(ClsService) readonly cls!: ClsService<{ user: UserExecutionContext }>
      @Inject(Notes) readonly notes!: Notes
      @Get()
      async read(@CurrentContext() context: UserExecutionContext) {
        this.cls.set('user', context)
        await pause(10)
        return [this.cls.get('user') === context, this.notes.owner()]
      }
    }
    const port = await open({
      imports: [ClsModule.forRoot({ middleware: { mount: true } })],
      controllers: [Handler],
      providers: [Notes],
    })
    const answers = await Promise.all(['ada', 'bob'].map((token) => ask(port, { path: '/', token })))
    expect(answers.map(({ text }) => text)).toEqual(['[true,"ada"]', '[true,"bob"]'])
  })
})

const closedScopes: string[] = []
let touched = 0
@WebSocketGateway({ path: '/notes' })
@UseGuards(UserContextGuard)
@UseFilters(ContextExceptionFilter)
class NotesGateway {
  @Inject(UserContexts) readonly contexts!: UserContexts
  async handleConnection(client: GatewayClient, request: IncomingMessage) {
    await this.contexts.connect(client, request)
  }
  @SubscribeMessage('whoami')
  whoami(@CurrentContext() context: UserExecutionContext, @CurrentScope() scope: Scope) {
    if (!closedScopes.includes(scope.context.requestId)) scope.defer(() => closedScopes.push(scope.context.userId))
    return {
      event: 'you',
      data: [context.userId, context.requestId, context.parentRequestId === scope.context.requestId],
    }
  }
  @SubscribeMessage('touch')
  touch() {
    touched++
  }
  @SubscribeMessage('busy')
  busy() {
    throw new ContextError('ERR_CONTEXT_TOO_MANY_RUNS')
  }
}
@WebSocketGateway({ path: '/forgotten' })
@UseGuards(UserContextGuard)
@UseFilters(ContextExceptionFilter)
class ForgottenGateway {
  @SubscribeMessage('whoami')
  whoami(@CurrentContext() context: UserExecutionContext) {
    return { event: 'you', data: context.userId }
  }
}

describe('UserContexts in a gateway of NestJS', () => {
  const connect = (port: number, path: string, token?: string) => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, {
      headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
    })
    const messages: { event: string; data: unknown }[] = []
    socket.on('message', (data) => messages.push(JSON.parse(String(data)) as never))
    const hasOpened = once(socket, 'open').catch(() => undefined)
    const closed = once(socket, 'close') as Promise<[number, Buffer]>
    socket.on('error', () => undefined)
    return {
      socket,
      messages,
      closed,
      hasOpened,
      say: (event: string) => socket.send(JSON.stringify({ event, data: {} })),
    }
  }
  const openGateways = () => open({ providers: [NotesGateway, ForgottenGateway] })

  test('gives each message a context of its own of the user of its connection, also the first', async () => {
    const port = await openGateways()
    const clients = { ada: connect(port, '/notes', 'ada'), bob: connect(port, '/notes', 'bob') }
    for (const [user, { hasOpened, say, messages }] of Object.entries(clients)) {
      await hasOpened
      say('whoami')
      say('whoami')
      await expect.poll(() => messages.length).toBe(2)
      const data = messages.map((message) => message.data as [string, string, boolean])
      expect(data.map(([named, , isChild]) => [named, isChild])).toEqual([
        [user, true],
        [user, true],
      ])
      expect(data[0]![1]).not.toBe(data[1]![1])
    }
  })

  test('closes the scope of a client that has gone', async () => {
    const { socket, hasOpened, say, messages } = connect(await openGateways(), '/notes', 'bob')
    await hasOpened
    say('whoami')
    await expect.poll(() => messages.length).toBe(1)
    closedScopes.length = 0
    socket.terminate()
    await expect.poll(() => closedScopes).toEqual(['bob'])
  })

  test.each([
    ['has no token', undefined],
    ['has a wrong token', 'eve'],
    ['has a token that expires', 'ada~1000'],
  ])('closes a client that %s with 4401', async (_what, token) => {
    const { closed } = connect(await openGateways(), '/notes', token)
    const [code, reason] = await closed
    expect([code, String(reason)]).toEqual([4401, 'Please sign in.'])
  })

  test('closes the clients of a user who is signed out, and no other', async () => {
    const port = await openGateways()
    const [ada, bob] = [connect(port, '/notes', 'ada'), connect(port, '/notes', 'bob')]
    for (const { hasOpened, say, messages } of [ada, bob]) {
      await hasOpened
      say('whoami')
      await expect.poll(() => messages.length).toBe(1)
    }
    await sessions.revoke({ user: { namespace: 'nest-tokens', userId: 'ada' } })
    expect((await ada.closed)[0]).toBe(4401)
    bob.say('whoami')
    await expect.poll(() => bob.messages.length).toBe(2)
  })

  test('runs no handler for a client that was signed out, and sends on without reading the close', async () => {
    const { socket, hasOpened, say, closed } = connect(await openGateways(), '/notes', 'carl')
    await hasOpened
    touched = 0
    say('touch')
    await expect.poll(() => touched).toBe(1)
    socket.pause()
    await sessions.revoke({ user: { namespace: 'nest-tokens', userId: 'carl' } })
    say('touch')
    await pause(200)
    expect(touched).toBe(1)
    socket.resume()
    expect((await closed)[0]).toBe(4401)
  })

  test('refuses the messages of a gateway that never called connect(), by the event of Nest', async () => {
    const { hasOpened, say, messages } = connect(await openGateways(), '/forgotten', 'bob')
    await hasOpened
    say('whoami')
    await expect
      .poll(() => messages)
      .toEqual([
        {
          event: 'exception',
          data: { status: 'error', code: 'ERR_CONTEXT_NOT_ISSUED', message: 'Something went wrong on our side.' },
        },
      ])
  })

  test('tells a client of an error of this package what a client may be told', async () => {
    const { hasOpened, say, messages } = connect(await openGateways(), '/notes', 'bob')
    await hasOpened
    say('busy')
    await expect.poll(() => messages.map(({ data }) => data)).toMatchObject([{ code: 'ERR_CONTEXT_TOO_MANY_RUNS' }])
  })
})
