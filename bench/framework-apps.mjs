// The servers that bench/http.mjs compares: a framework that checks a token and answers with JSON.
//
// `bare` checks the token by hand and keeps the user on the request, `ours` has the middleware of packages/http, `peer`
// is `bare` with the library that its framework has for contexts.
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import { nest12Site } from './nest-12-site.mjs'
import { nextSite } from './next-site.mjs'
import { newToken, openIdentity } from './tokens.mjs'

// Before a framework is loaded.
process.env.NODE_ENV = 'production'
const require = createRequire(new URL('../packages/http/package.json', import.meta.url))
const ourMiddleware = (framework) => require(`../../packages/http/dist/cjs/${framework}.js`)
const identity = await openIdentity()

/** The check by hand: what one writes who has no package for it. */
const check = (header) => identity(/^Bearer +([A-Za-z0-9\-._~+/]+=*)$/i.exec(header ?? '')?.[1] ?? '')
const toBody = ({ permissions }) => ({ permissions })

/** A server of a framework that listens, the path that it answers, and a token for it. */
export async function openApp(framework, kind) {
  const open = { express, 'express-4': express4, fastify, hono, nestjs, 'nestjs-12': nestjs12, next, trpc }
  const server = await open[framework](kind)
  // A connection waits as long as the other servers are measured.
  server.keepAliveTimeout = 0
  const paths = { trpc: '/read', next: kind === 'ours' ? '/ours' : '/bare' }
  return { server, path: paths[framework] ?? '/', token: await newToken() }
}

const express4 = (kind) => express(kind, 'express-4')

async function express(kind, library = 'express') {
  const app = require(library)()
  if (kind === 'ours') {
    const users = ourMiddleware('express').userContext(identity)
    app.get(
      '/',
      users,
      users.handler((_request, response, { context }) => response.json(toBody(context))),
    )
  } else {
    app.use(async (request, _response, next) => {
      request.user = await check(request.headers.authorization)
      next()
    })
    app.get('/', (request, response) => response.json(toBody(request.user)))
  }
  return listening(createServer(app))
}

async function fastify(kind) {
  const app = require('fastify')()
  if (kind === 'ours') {
    const users = ourMiddleware('fastify').userContext(identity)
    app.register(users)
    app.after(() =>
      app.get(
        '/',
        users.handler((_request, _reply, { context }) => toBody(context)),
      ),
    )
  } else {
    if (kind === 'peer') app.register(require('@fastify/request-context'))
    app.decorateRequest('user', null)
    app.addHook('onRequest', async (request) => {
      request.user = await check(request.headers.authorization)
      if (kind === 'peer') request.requestContext.set('user', request.user)
    })
    app.after(() =>
      app.get('/', (request) => toBody(kind === 'peer' ? request.requestContext.get('user') : request.user)),
    )
  }
  await app.listen({ port: 0, host: '127.0.0.1' })
  return app.server
}

async function hono(kind) {
  const { Hono } = require('hono')
  const { getRequestListener } = require('@hono/node-server')
  const app = new Hono()
  if (kind === 'ours') {
    app.use(ourMiddleware('hono').userContext(identity))
    app.get('/', (c) => c.json(toBody(c.var.userContext)))
  } else {
    if (kind === 'peer') app.use(require('hono/context-storage').contextStorage())
    app.use(async (c, next) => {
      c.set('user', await check(c.req.header('authorization')))
      await next()
    })
    app.get('/', (c) =>
      c.json(toBody(kind === 'peer' ? require('hono/context-storage').getContext().var.user : c.var.user)),
    )
  }
  return listening(createServer(getRequestListener(app.fetch)))
}

function nestjs12(kind) {
  const requireOf12 = createRequire(`${nest12Site}/`)
  return nestjs(kind, requireOf12, () => requireOf12('@user-execution-context/http/nestjs'))
}

async function nestjs(kind, requireOf = require, ofOurs = () => ourMiddleware('nestjs')) {
  const { Controller, Get, Module, Req, UseGuards } = requireOf('@nestjs/common')
  const { NestFactory } = requireOf('@nestjs/core')
  const { ClsModule, ClsServiceManager } = requireOf('nestjs-cls')
  const ours = kind === 'ours' ? ofOurs() : undefined
  class Guard {
    async canActivate(execution) {
      const request = execution.switchToHttp().getRequest()
      request.user = await check(request.headers.authorization)
      if (kind === 'peer') ClsServiceManager.getClsService().set('user', request.user)
      return true
    }
  }
  class Handler {
    read(value) {
      if (kind === 'peer') return toBody(ClsServiceManager.getClsService().get('user'))
      return toBody(kind === 'ours' ? value : value.user)
    }
  }
  Get()(Handler.prototype, 'read', Object.getOwnPropertyDescriptor(Handler.prototype, 'read'))
  ;(ours === undefined ? Req() : ours.CurrentContext())(Handler.prototype, 'read', 0)
  UseGuards(ours?.UserContextGuard ?? Guard)(Handler)
  Controller()(Handler)
  class App {}
  const imports = ours === undefined ? [] : [ours.UserContextModule.forRoot({ identity })]
  if (kind === 'peer') imports.push(ClsModule.forRoot({ middleware: { mount: true } }))
  Module({ imports, controllers: [Handler] })(App)
  const app = await NestFactory.create(App, { logger: false })
  return app.listen(0, '127.0.0.1')
}

/** Both routes are of one app, which bench/next-site.mjs has built. */
async function next() {
  globalThis.benchChecks = { bare: check, ours: identity }
  const app = createRequire(`${nextSite}/`)('next')({ dir: nextSite, dev: false })
  await app.prepare()
  return listening(createServer(app.getRequestHandler()))
}

async function trpc(kind) {
  const { initTRPC } = require('@trpc/server')
  const { createHTTPServer } = require('@trpc/server/adapters/standalone')
  const ours = kind === 'ours' ? ourMiddleware('trpc') : undefined
  const t = initTRPC.context().create(ours && { errorFormatter: ours.formatContextErrors })
  const read =
    ours === undefined
      ? t.procedure
          .use(async ({ ctx, next }) => next({ ctx: { user: await check(ctx.req.headers.authorization) } }))
          .query(({ ctx }) => toBody(ctx.user))
      : t.procedure.use(ours.userContext(identity)).query(({ ctx }) => toBody(ctx.userContext))
  return listening(createHTTPServer({ router: t.router({ read }), createContext: ({ req, res }) => ({ req, res }) }))
}

function listening(made) {
  return new Promise((resolve) => made.listen(0, '127.0.0.1', () => resolve(made)))
}
