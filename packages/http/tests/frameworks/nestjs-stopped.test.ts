// Handlers of NestJS that are stopped because the identity of their user ends, over real sockets.
import 'reflect-metadata'
import { once } from 'node:events'
import { Controller, createParamDecorator, Get, Module, UseGuards } from '@nestjs/common'
import type { ExecutionContext, INestApplication } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import {
  CurrentContext,
  CurrentScope,
  scopeOf,
  UserContextGuard,
  UserContextModule,
} from '@user-execution-context/http/nestjs'
import { identityProvider, liveSessions, type Scope, type UserExecutionContext } from 'user-execution-context'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ask, portOf } from './client.ts'

const sessions = liveSessions({ maxProofMs: 3_600_000 })
const verify = (userId: string) => ({ userId, expiresAtMs: Date.now() + 60_000 })
const identity = identityProvider({ name: 'nest-tokens', sessions, verify })
const started: string[] = []

class AbortError extends Error {
  override readonly name = 'AbortError'
}
const SignalOf = createParamDecorator((_data: unknown, execution: ExecutionContext) => scopeOf(execution).signal)
const waitFor = async (signal: AbortSignal, user: string): Promise<void> => {
  started.push(user)
  if (!signal.aborted) await once(signal, 'abort')
}

@Controller()
@UseGuards(UserContextGuard)
class Stopped {
  @Get('scope')
  async scope(@CurrentScope() { signal, context }: Scope) {
    await waitFor(signal, context.userId)
    // As a library does that keeps no reason.
    throw new AbortError('aborted')
  }
  @Get('signal')
  async signal(@SignalOf() signal: AbortSignal, @CurrentContext() { userId }: UserExecutionContext) {
    await waitFor(signal, userId)
    // As Node does.
    throw new AbortError('aborted', { cause: signal.reason })
  }
  @Get('own')
  own(@CurrentContext() context: UserExecutionContext) {
    throw new AbortError(`of ${context.operation}`, { cause: new Error('of the app') })
  }
}

let app: INestApplication
let port: number
beforeAll(async () => {
  @Module({ imports: [UserContextModule.forRoot({ identity })], controllers: [Stopped] })
  class TestModule {}
  app = await NestFactory.create(TestModule, { logger: false, abortOnError: false })
  await app.listen(0, '127.0.0.1')
  port = await portOf(app.getHttpServer())
})
afterAll(() => app.close())

describe('a handler of NestJS', () => {
  test.each(['scope', 'signal'])(
    'that is stopped when its user is signed out is answered with 401: %s',
    async (path) => {
      const user = `user-of-${path}`
      const answer = ask(port, { path: `/${path}`, token: user })
      await expect.poll(() => started, { timeout: 10_000 }).toContain(user)
      await sessions.revoke({ user: { namespace: 'nest-tokens', userId: user } })
      const { status, text } = await answer
      expect([status, text]).toEqual([401, '{"code":"ERR_CONTEXT_IDENTITY_REFUSED","message":"Please sign in."}'])
    },
  )

  test('that throws an AbortError of its own is left to Nest', async () => {
    const { status, text } = await ask(port, { path: '/own', token: 'ada' })
    expect([status, JSON.parse(text)]).toEqual([500, { statusCode: 500, message: 'Internal server error' }])
  })
})
