// A body that arrives late, of a user who is signed out meanwhile: no handler behind it runs for them. AISVS 9.5.6.
import { createServer } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import * as ofExpress from '@user-execution-context/http/express'
import * as ofFastify from '@user-execution-context/http/fastify'
import express from 'express'
import Fastify from 'fastify'
import { identityProvider, liveSessions } from 'user-execution-context'
import { expect, test } from 'vitest'
import { answerTo, begin } from './client.ts'
import { closeAfterEach } from './two-users.ts'

const sessions = liveSessions({ maxProofMs: 3_600_000 })
const verify = (userId: string) => ({ userId, issuedAtMs: Date.now() })
const identity = identityProvider({ name: 'late', sessions, verify })
const portOf = closeAfterEach()
type Serve = (ran: (userId: string) => void, verified: () => void) => Promise<number>

const ofExpressApp =
  (withScopeBefore: boolean): Serve =>
  (ran, verified) => {
    const users = ofExpress.userContext(identity)
    const app = express()
    app.use(users, (request, _response, next) => {
      if (withScopeBefore) ofExpress.scopeOf(request)
      verified()
      next()
    })
    app.use(express.json())
    app.post(
      '/',
      users.handler((_request, response, { context }) => {
        ran(context.userId)
        response.json('done')
      }),
    )
    app.use(ofExpress.answerContextErrors())
    return portOf(createServer(app).listen(0, '127.0.0.1'))
  }
const ofFastifyApp =
  (how: 'contextOf' | 'handler', withScopeBefore: boolean): Serve =>
  async (ran, verified) => {
    const app = Fastify()
    const users = ofFastify.userContext(identity)
    await app.register(users)
    app.addHook('onRequest', async (request) => {
      if (withScopeBefore) ofFastify.scopeOf(request)
      verified()
    })
    if (how === 'contextOf') app.post('/', async (request) => (ran(ofFastify.contextOf(request).userId), 'done'))
    else
      app.post(
        '/',
        users.handler(async (_request, _reply, { context }) => (ran(context.userId), 'done')),
      )
    await app.listen({ port: 0, host: '127.0.0.1' })
    return portOf(app.server)
  }

test.each<[string, Serve]>([
  ['Express, with handler()', ofExpressApp(false)],
  ['Express, with handler(), behind a middleware that has opened the scope', ofExpressApp(true)],
  ['Fastify, with handler()', ofFastifyApp('handler', false)],
  ['Fastify, with handler(), behind a hook that has opened the scope', ofFastifyApp('handler', true)],
  ['Fastify, with contextOf()', ofFastifyApp('contextOf', false)],
  ['Fastify, with contextOf(), behind a hook that has opened the scope', ofFastifyApp('contextOf', true)],
])('a late body of a user who was signed out runs no handler: %s', async (_what, serve) => {
  const ran: string[] = []
  let verified = 0
  const port = await serve(
    (userId) => void ran.push(userId),
    () => verified++,
  )
  const [ada, bob] = ['ada', 'bob'].map((token) => {
    const sent = begin(port, { method: 'POST', path: '/', token, body: { a: 1 } })
    sent.write('{"a":')
    return { sent, answer: answerTo(sent) }
  })
  await expect.poll(() => verified).toBe(2)
  await sessions.revoke({ user: { namespace: 'late', userId: 'ada' } })
  for (const { sent } of [ada!, bob!]) sent.end('1}')
  const answers = await Promise.all([ada!, bob!].map(({ answer }) => answer))
  expect(answers.map(({ status }) => status)).toEqual([401, 200])
  await pause(5)
  expect(ran).toEqual(['bob'])
})
