// A listener for failed cleanups that fails itself, in every framework: nobody awaits it, and an error that nobody
// takes ends the process, with the requests of all users.
import 'reflect-metadata'
import { createServer, type Server } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { serve } from '@hono/node-server'
import { Controller, Get, Module, UseGuards } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { initTRPC } from '@trpc/server'
import { createHTTPHandler } from '@trpc/server/adapters/standalone'
import * as ofExpress from '@user-execution-context/http/express'
import * as ofFastify from '@user-execution-context/http/fastify'
import * as ofHono from '@user-execution-context/http/hono'
import { CurrentScope, UserContextGuard, UserContextModule } from '@user-execution-context/http/nestjs'
import * as ofNext from '@user-execution-context/http/next'
import * as ofTrpc from '@user-execution-context/http/trpc'
import express from 'express'
import Fastify from 'fastify'
import { Hono } from 'hono'
import type { Scope } from 'user-execution-context'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { ask, portOf } from './client.ts'
import { closeAfterEach, identity } from './two-users.ts'

type Listener = (error: unknown) => void
type Options = { readonly onCleanupError: Listener }
const listened = closeAfterEach()
const failing = (scope: Scope): string => {
  scope.defer(() => Promise.reject(new Error('stuck')))
  return 'served'
}
const askAt = (port: number): Promise<unknown> => ask(port, { path: '/', token: 'ada' })
const bearer = new Headers({ authorization: 'Bearer ada' })

@Controller()
@UseGuards(UserContextGuard)
class Failing {
  @Get()
  get(@CurrentScope() scope: Scope) {
    return failing(scope)
  }
}

/** By framework: asks once, with a cleanup that fails. */
const frameworks: Readonly<Record<string, (options: Options) => Promise<unknown>>> = {
  'Express': async (options) => {
    const app = express()
    app.get(
      '/',
      ofExpress
        .userContext(identity, options)
        .handler((_request, response, scope) => void response.send(failing(scope))),
    )
    return askAt(await listened(createServer(app).listen(0, '127.0.0.1')))
  },
  'Fastify': async (options) => {
    const app = Fastify()
    const users = ofFastify.userContext(identity, options)
    await app.register(users)
    app.get(
      '/',
      users.handler((_request, reply, scope) => reply.send(failing(scope))),
    )
    await app.listen({ port: 0, host: '127.0.0.1' })
    return askAt(await listened(app.server))
  },
  'Hono': async (options) => {
    const app = new Hono()
      .use(ofHono.userContext(identity, options))
      .get('/', (c) => c.text(failing(ofHono.scopeOf(c))))
    return askAt(await listened(serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }) as Server))
  },
  'Hono outside of Node': async (options) => {
    const app = new Hono()
      .use(ofHono.userContext(identity, options))
      .get('/', (c) => c.text(failing(ofHono.scopeOf(c))))
    return (await app.request('/', { headers: bearer })).text()
  },
  'NestJS': async (options) => {
    @Module({ imports: [UserContextModule.forRoot({ identity, ...options })], controllers: [Failing] })
    class TestModule {}
    const app = await NestFactory.create(TestModule, { logger: false, abortOnError: false })
    await app.listen(0, '127.0.0.1')
    await askAt(await portOf(app.getHttpServer()))
    return app.close()
  },
  'Next.js, a route': async (options) => {
    const route = ofNext.userContext(identity, options).route((_request, scope) => Response.json(failing(scope)))
    return (await route(new Request('http://localhost/', { headers: bearer }), {} as never)).text()
  },
  'Next.js, an action': (options) =>
    ofNext.userContext(identity, { headers: async () => bearer, ...options }).action(async (scope) => failing(scope))(),
  'tRPC': async (options) => {
    const t = initTRPC.context<ofTrpc.TrpcRequestContext>().create()
    const router = t.router({
      run: t.procedure.use(ofTrpc.userContext(identity, options)).query(({ ctx }) => failing(ctx.userScope)),
    })
    const createContext = ({ req, res }: ofTrpc.TrpcRequestContext) => ({ req, res })
    const port = await listened(createServer(createHTTPHandler({ router, createContext })).listen(0, '127.0.0.1'))
    return ask(port, { path: '/run', token: 'ada' })
  },
}

const uncaught = vi.fn()
beforeEach(() => {
  uncaught.mockClear()
  process.prependListener('uncaughtException', uncaught)
  process.prependListener('unhandledRejection', uncaught)
})
afterEach(() => {
  process.off('uncaughtException', uncaught)
  process.off('unhandledRejection', uncaught)
  vi.restoreAllMocks()
})

describe.each(Object.entries(frameworks))('onCleanupError of %s', (_name, serveOnce) => {
  test.each<[string, Listener]>([
    [
      'throws',
      () => {
        throw new Error('of the listener')
      },
    ],
    ['rejects', (async () => Promise.reject(new Error('of the listener'))) as Listener],
  ])('that %s ends no process, and the failure is printed in its place', async (_how, fail) => {
    const printed = vi.spyOn(console, 'error').mockImplementation(() => {})
    // A mock would take the rejection.
    const told: unknown[] = []
    await serveOnce({ onCleanupError: (error) => (told.push(error), fail(error)) })
    await expect.poll(() => told.length).toBe(1)
    await expect.poll(() => printed.mock.calls).toEqual([[(told[0] as Error).message]])
    await pause(20)
    expect(uncaught).not.toHaveBeenCalled()
  })
})
