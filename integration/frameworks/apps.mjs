// Apps that are what their framework makes them: no error handler of their own. Each listens on a free port.
import { once } from 'node:events'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import express5 from 'express'
import express4 from 'express-4'
import Fastify from 'fastify'
import { Hono } from 'hono'
import { getRequestListener } from '@hono/node-server'
import Koa from 'koa'
import { isContextError } from 'user-execution-context'

const require = createRequire(import.meta.url)
const versionOf = (name) => require(`./node_modules/${name}/package.json`).version

/** From `fail`, which throws an error for a code, to a server that answers `GET /CODE` with it. */
export const defaultApps = {
  [`Express ${versionOf('express-4')}`]: (fail) => createServer(toExpressApp(express4, fail)),
  [`Express ${versionOf('express')}`]: (fail) => createServer(toExpressApp(express5, fail)),
  [`Koa ${versionOf('koa')}`]: (fail) => {
    const app = new Koa()
    app.silent = true
    app.use((exchange) => fail(exchange.path.slice(1)))
    return createServer(app.callback())
  },
  [`Hono ${versionOf('hono')}`]: (fail) => {
    const app = new Hono()
    app.get('/:code', (exchange) => fail(exchange.req.param('code')))
    return createServer(getRequestListener(app.fetch))
  },
}

/** The name under which the checks of Fastify are listed. */
export const fastifyName = `Fastify ${versionOf('fastify')}`

/** The same with Fastify; `configure` may give it an error handler. */
export async function openFastify(fail, configure = () => {}) {
  const app = Fastify()
  configure(app)
  app.get('/:code', async (request) => fail(request.params.code))
  await app.ready()
  return app.server
}

/** From a golden path below `/api` to an app with a page of its own at `/` that mounts it. */
export const mountedApps = {
  [`Express ${versionOf('express-4')}`]: (goldenPath) => mountInExpress(express4, goldenPath),
  [`Express ${versionOf('express')}`]: (goldenPath) => mountInExpress(express5, goldenPath),
  [fastifyName]: async (goldenPath) => {
    const app = Fastify()
    mountInFastify(app, goldenPath)
    app.get('/', async (_request, reply) => reply.type('text/html').send('<h1>the app</h1>'))
    await app.ready()
    return app.server
  },
}

/** Listens on a free port, runs `use` with the host, and closes. */
export async function withListening(server, use) {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  try {
    return await use(`127.0.0.1:${server.address().port}`)
  } finally {
    server.close()
    server.closeAllConnections()
  }
}

/** As in the README of the golden path, which has these lines. */
export function mountInFastify(app, goldenPath) {
  app.addHook('onRequest', (request, reply, done) => {
    if (!goldenPath.handles(request.raw)) return done()
    reply.hijack()
    goldenPath.handleRequest(request.raw, reply.raw)
  })
  app.server.on('upgrade', goldenPath.handleUpgrade)
}

/** As in docs/core.md, which has this line. */
export function answerInFastify(app) {
  app.setErrorHandler((error, _request, reply) => reply.send(isContextError(error) ? error.getResponse() : error))
}

function toExpressApp(express, fail) {
  const app = express()
  app.get('/:code', (request) => fail(request.params.code))
  return app
}

// Behind a parser of bodies, which is the harder place.
function mountInExpress(express, goldenPath) {
  const app = express()
  app.use(express.json())
  app.use(goldenPath.handleRequest)
  app.get('/', (_request, response) => response.send('<h1>the app</h1>'))
  return createServer(app).on('upgrade', goldenPath.handleUpgrade)
}
