// An app of Nest with notes of each user, over HTTP and in a gateway. Node 20 with Nest 11 and Node 24 with Nest 12 run
// this same file. `guarded: false` is the app whose author forgot the guard.
import 'reflect-metadata'
import type { IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Body, Controller, Get, Module, Post, UseFilters, UseGuards } from '@nestjs/common'
import type { INestApplication, Type } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { SubscribeMessage, WebSocketGateway } from '@nestjs/websockets'
import { identityProvider, liveSessions, toOwnerKey } from 'user-execution-context'
import type { Scope, UserExecutionContext } from 'user-execution-context'
import {
  ContextExceptionFilter,
  CurrentContext,
  CurrentScope,
  UserContextGuard,
  UserContextModule,
  UserContexts,
} from '@user-execution-context/http/nestjs'
import type { GatewayClient } from '@user-execution-context/http/nestjs'

/** What a test gives: the adapters of Express or Fastify and of ws or Socket.IO, and whether the guard is there. */
export type Setting = {
  readonly guarded: boolean
  readonly create: (module: Type) => Promise<INestApplication>
}

export const openApp = async ({ guarded, create }: Setting) => {
  const sessions = liveSessions({ maxProofMs: 3_600_000 })
  const identity = identityProvider({
    name: 'tokens',
    sessions,
    verify: async (token: string) =>
      ['ada', 'bob'].includes(token)
        ? { userId: token, sessionId: `of-${token}`, expiresAtMs: Date.now() + 3_600_000 }
        : undefined,
  })
  const notes = new Map<string, string[]>()
  const open = { scopes: 0 }
  const Guarded = () => (guarded ? UseGuards(UserContextGuard) : () => {})

  @Controller()
  @Guarded()
  class NotesController {
    @Post('notes')
    add(@CurrentContext() context: UserExecutionContext, @Body() { text }: { text: string }) {
      const own = [...(notes.get(toOwnerKey(context)) ?? []), text]
      notes.set(toOwnerKey(context), own)
      return { user: context.userId, notes: own }
    }
    @Get('wait')
    wait(@CurrentScope() scope: Scope) {
      open.scopes += 1
      scope.defer(() => void (open.scopes -= 1))
      return new Promise((_resolve, reject) => {
        const stop = () => reject(new DOMException('The request is over.', 'AbortError'))
        scope.signal.addEventListener('abort', stop)
      })
    }
  }
  @WebSocketGateway({ path: '/live' })
  @Guarded()
  @UseFilters(ContextExceptionFilter)
  class NotesGateway {
    constructor(readonly contexts: UserContexts) {}
    handleConnection(client: GatewayClient, request?: IncomingMessage) {
      if (guarded) return this.contexts.connect(client, request)
    }
    @SubscribeMessage('whoami')
    whoami(@CurrentContext() context: UserExecutionContext) {
      return { event: 'you', data: context.userId }
    }
  }
  @Module({
    imports: [UserContextModule.forRoot({ identity })],
    controllers: [NotesController],
    providers: [NotesGateway],
  })
  class AppModule {}

  const app = await create(AppModule)
  await app.listen(0, '127.0.0.1')
  const { port } = app.getHttpServer().address() as AddressInfo
  return { app, port, sessions, open }
}

/** The factory of Nest, without its log. */
export const create = (module: Type, adapter?: object): Promise<INestApplication> => {
  const options = { logger: false as const, abortOnError: false }
  return adapter === undefined
    ? NestFactory.create(module, options)
    : NestFactory.create(module, adapter as never, options)
}
