// Type tests of the entry points of the frameworks: each takes an identity that verifies, and gives scopes, never ids.
import type { ArgumentsHost } from '@nestjs/common'
import type { Request as ExpressRequest, RequestHandler } from 'express'
import type { FastifyRequest } from 'fastify'
import { Hono, type Context as HonoContext } from 'hono'
import { expectAssignable, expectNotAssignable, expectType } from 'tsd'
import { parseThreadId, type Scope, type UserExecutionContext, type UserId } from 'user-execution-context'
import type { RequestIdentity } from '@user-execution-context/http'
import * as express from '@user-execution-context/http/express'
import * as fastify from '@user-execution-context/http/fastify'
import * as hono from '@user-execution-context/http/hono'
import * as nestjs from '@user-execution-context/http/nestjs'
import * as next from '@user-execution-context/http/next'
import * as trpc from '@user-execution-context/http/trpc'

declare const identity: RequestIdentity
declare const unverified: (token: string) => Promise<{ readonly userId: UserId }>
declare const request: Request

/* What verifies nobody is no identity, whatever the framework. */
for (const { userContext } of [express, fastify, hono, next, trpc]) userContext(identity)
// @ts-expect-error
express.userContext(unverified)
// @ts-expect-error
fastify.userContext(unverified)
// @ts-expect-error
hono.userContext(unverified)
// @ts-expect-error
next.userContext(unverified)
// @ts-expect-error
trpc.userContext(unverified)
expectAssignable<nestjs.UserContextModuleOptions>({ identity })
expectNotAssignable<nestjs.UserContextModuleOptions>({ identity: unverified })
expectNotAssignable<nestjs.UserContextModuleOptions>({})
// @ts-expect-error
nestjs.UserContextModule.forRoot({ identity: unverified })
// @ts-expect-error
nestjs.UserContextModule.forRootAsync({ useFactory: () => ({ identity: unverified }) })
nestjs.UserContextModule.forRootAsync({ useFactory: () => ({ identity }) })

/* Express: a handler takes the scope, and its request is the one of its route. */
const guard = express.userContext(identity, {
  run: ({ params }) => ({ threadId: parseThreadId(`${params['thread']}`) }),
})
expectAssignable<RequestHandler>(guard)
guard.handler<{ thread: string }>(({ params }, response, scope) => {
  expectType<{ thread: string }>(params)
  expectType<Scope>(scope)
  response.json({ run: scope.context.runId })
})
expectType<Scope>(express.scopeOf({} as ExpressRequest))
expectType<UserExecutionContext>(express.contextOf({} as ExpressRequest))
// @ts-expect-error
express.contextOf(request)
// @ts-expect-error
express.answerContextErrors({ log: true })
// @ts-expect-error
express.userContext(identity, { run: ({ params }) => ({ threadId: params['thread'] }) })

/* Fastify. */
fastify
  .userContext(identity, { answerErrors: false })
  .handler<{ Params: { thread: string } }>(({ params }, _, scope) => {
    expectType<{ thread: string }>(params)
    expectType<Scope>(scope)
  })
expectType<UserExecutionContext>(fastify.contextOf({} as FastifyRequest))
// @ts-expect-error
fastify.contextOf({ headers: {} })
// @ts-expect-error
fastify.userContext(identity, { answerErrors: 'no' })

/* Hono: the context stands in the variables of what follows the middleware, and of nothing else. */
new Hono().use(hono.userContext(identity)).get('/', (c) => {
  expectType<UserExecutionContext>(c.get('userContext'))
  expectType<UserExecutionContext>(c.var.userContext)
  return c.text(hono.contextOf(c).runId)
})
expectType<Scope>(hono.scopeOf({} as HonoContext))
new Hono<hono.UserContextEnv>().get('/', (c) => {
  // @ts-expect-error
  c.set('userContext', c.get('userContext').userId)
  return c.text('')
})
// @ts-expect-error
hono.contextOf(request)

/* NestJS. */
expectType<Scope>(nestjs.scopeOf({} as ArgumentsHost))
expectType<ParameterDecorator>(nestjs.CurrentContext())
// @ts-expect-error
nestjs.scopeOf(request)
// @ts-expect-error
new nestjs.UserContextGuard({ identity })

/* Next.js: a route keeps its request and its segment, an action its parameters. */
const web = next.userContext(identity)
expectType<Promise<UserExecutionContext>>(web.context())
web.route(async (incoming, scope, { params }) => {
  expectType<Request>(incoming)
  expectType<Scope>(scope)
  return new Response((await params)['thread'])
})
const rename = web.action(async (scope, name: string) => [scope.context.runId, name].length)
expectType<(name: string) => Promise<number>>(rename)
// @ts-expect-error
rename(1)
// @ts-expect-error
web.route(() => 'text')
// @ts-expect-error
web.action(async (context: UserExecutionContext) => context.runId)
// @ts-expect-error
next.userContext(identity, { onRefused: () => undefined })

/* tRPC. */
expectType<UserExecutionContext>(trpc.contextOf({}))
expectAssignable<trpc.TrpcRequestContext>({ req: request })
expectNotAssignable<trpc.TrpcRequestContext>({ req: 'token' })
expectNotAssignable<trpc.TrpcUserContext>({ userContext: { userId: 'ada' }, userScope: {} })
