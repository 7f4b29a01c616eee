// Routes of Fastify that were there before the plugin: Fastify runs the hooks of the plugin for them, and answers their
// errors without its error handler, message and all.
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { contextOf, userContext } from '@user-execution-context/http/fastify'
import { assertOwned, isContextError, own } from 'user-execution-context'
import { afterEach, describe, expect, test } from 'vitest'
import { ask, portOf } from './client.ts'
import { identity } from './two-users.ts'

let opened: FastifyInstance | undefined
afterEach(async () => {
  opened?.server.closeAllConnections()
  await opened?.close()
})
const listen = async (app: FastifyInstance): Promise<number> => {
  opened = app
  await app.listen({ port: 0, host: '127.0.0.1' })
  return portOf(app.server)
}

let ofAda: object | undefined
/** Gives the first user a resource, and refuses every other user the same. */
const read = async (request: FastifyRequest): Promise<string> => {
  const context = contextOf(request)
  ofAda ??= own(context, {})
  assertOwned(context, ofAda)
  return 'served'
}

describe.each(['before', 'after', 'beside'])('a route that was added %s the plugin', (order) => {
  const open = async (): Promise<number> => {
    ofAda = undefined
    const app = Fastify()
    if (order === 'before') app.get('/', read)
    // Without await, as in most programs: the route is there before the plugin runs, and has its error handler.
    if (order === 'beside') void app.register(userContext(identity)).get('/', read)
    else await app.register(userContext(identity))
    if (order === 'after') app.get('/', read)
    app.get('/younger', read)
    app.get('/plain', () => {
      throw new Error('of the app')
    })
    return listen(app)
  }

  test('tells a client no message for the developer', async () => {
    const port = await open()
    expect((await ask(port, { path: '/', token: 'ada' })).text).toBe('served')
    const foreign = await ask(port, { path: '/', token: 'bob' })
    const notFound = { code: 'ERR_CONTEXT_ISOLATION', message: 'Not found.' }
    expect([foreign.status, JSON.parse(foreign.text)]).toEqual([404, expect.objectContaining(notFound)])
    const unknown = await ask(port, { path: '/' })
    const signIn = { code: 'ERR_CONTEXT_IDENTITY_REFUSED', message: 'Please sign in.' }
    expect([unknown.status, JSON.parse(unknown.text)]).toEqual([401, expect.objectContaining(signIn)])
    expect(unknown.headers['www-authenticate']).toBeDefined()
    // The usual answer has nothing else: only the default error handler of Fastify adds its own.
    if (order !== 'before') expect(JSON.parse(unknown.text)).toEqual(signIn)
    const younger = await ask(port, { path: '/younger', token: 'bob' })
    expect([younger.status, JSON.parse(younger.text)]).toEqual([404, notFound])
  })

  test('leaves all other errors and answers as they are', async () => {
    const port = await open()
    expect((await ask(port, { path: '/plain', token: 'ada' })).text).toContain('of the app')
    expect((await ask(port, { path: '/no-such', token: 'ada' })).text).toContain('Route GET:/no-such not found')
  })
})

test('an early route with an error handler of its own gets the error without its message, and its cause', async () => {
  const app = Fastify()
  const causes: unknown[] = []
  app.setErrorHandler((error: Error, _request, reply: FastifyReply) => {
    causes.push((error.cause as { code?: string } | undefined)?.code)
    return reply.code(418).send({ told: error.message })
  })
  app.get('/', read)
  await app.register(userContext(identity))
  expect((await ask(await listen(app), { path: '/' })).text).toBe('{"told":"Please sign in."}')
  expect(causes).toEqual(['ERR_CONTEXT_IDENTITY_REFUSED'])
})

test('a younger route beside an early one gives the error itself to an error handler of its own', async () => {
  const app = Fastify()
  app.get('/', read)
  await app.register(userContext(identity))
  const errorHandler = (error: Error, _request: FastifyRequest, reply: FastifyReply): FastifyReply =>
    reply.code(418).send({ isOurs: isContextError(error) })
  app.get('/younger', { errorHandler }, read)
  expect((await ask(await listen(app), { path: '/younger' })).text).toBe('{"isOurs":true}')
})
