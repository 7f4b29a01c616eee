// Two users of Socket.IO, each with sockets of their own, and what a listener must not do: end the process.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { io as connect } from 'socket.io-client'
import { identityProvider, liveSessions, toOwnerKey } from 'user-execution-context'
import * as sockets from './programs/socket-io.ts'
import { identity, newContext, sessions } from './users.mjs'

/** Two users hear their own, a stranger is refused, and one who is signed out is cut. */
export async function expectSockets() {
  const http = createServer().listen(0, '127.0.0.1')
  await once(http, 'listening')
  const io = sockets.openSockets(identity)
  io.attach(http)
  io.on('connection', (socket) =>
    sockets.onMessage(socket, 'note', (context, text) => io.to(toOwnerKey(context)).emit('noted', text)),
  )
  const open = (token) => connect(`http://127.0.0.1:${http.address().port}`, { auth: { token }, reconnection: false })
  const heard = { 'patient-ada': [], 'patient-bob': [] }
  const clients = Object.keys(heard).map((token) => open(token).on('noted', (text) => heard[token].push(text)))
  await Promise.all(clients.map((client) => new Promise((connected) => client.on('connect', connected))))
  for (let index = 0; index < 20; index++)
    for (const [at, name] of ['ada', 'bob'].entries()) clients[at].emit('note', `secret of ${name}`)
  while (Object.values(heard).some(({ length }) => length < 20)) await pause(10)
  assert.deepEqual(new Set(heard['patient-ada']), new Set(['secret of ada']))
  assert.deepEqual(new Set(heard['patient-bob']), new Set(['secret of bob']))
  const stranger = open('mallory')
  const refusal = await new Promise((refused) => stranger.on('connect_error', refused))
  assert.equal(refusal.message, 'Please sign in.')
  const cut = new Promise((disconnected) => clients[0].on('disconnect', disconnected))
  await sessions.revoke({ session: await newContext('patient-ada') })
  assert.equal(await cut, 'io server disconnect')
  assert.equal(clients[1].connected, true)
  clients[1].close()
  await io.close()
}

/** A client that sends until its token ends, one whose feed is silent, and a handler that fails. */
export async function expectSocketsAtTheEnd() {
  const uncaught = []
  const catchAll = (error) => void uncaught.push(error)
  for (const event of ['uncaughtException', 'unhandledRejection']) process.on(event, catchAll)
  const feed = {}
  const store = { write: async () => {}, follow: (heard) => (Object.assign(feed, heard), () => {}) }
  const followed = liveSessions({ maxProofMs: 3_600_000, staleAfterMs: 400, store })
  // The feed falls silent when somebody has signed in: on a slow machine it would before.
  const verify = (userId) => (feed.heard(), { userId, expiresAtMs: Date.now() + 1_130 })
  const failures = []
  const serve = async (provided) => {
    const http = createServer().listen(0, '127.0.0.1')
    await once(http, 'listening')
    const report = (error) => void failures.push(error.code ?? error.message)
    const io = sockets.openSockets(identityProvider({ name: 'short', ...provided, verify }), report)
    io.attach(http)
    io.on('connection', (socket) => {
      sockets.onMessage(socket, 'note', () => undefined, report)
      sockets.onMessage(socket, 'fail', () => Promise.reject(new Error('a handler of yours')), report)
    })
    const client = connect(`http://127.0.0.1:${http.address().port}`, { auth: { token: 'ada' }, reconnection: false })
    return { io, client, cut: new Promise((disconnected) => client.on('disconnect', disconnected)) }
  }
  const clocked = await serve({})
  const refused = new Promise((told) => clocked.client.on('exception', told))
  clocked.client.emit('fail')
  assert.deepEqual(await refused, { code: 'ERR_INTERNAL', message: 'Something went wrong on our side.' })
  const silent = await serve({ sessions: followed })
  const unknown = new Promise((told) => silent.client.on('exception', ({ code }) => told(code)))
  const timer = setInterval(() => [clocked, silent].map(({ client }) => client.emit('note', 'x')), 5)
  assert.equal(await clocked.cut, 'io server disconnect')
  assert.equal(await unknown, 'ERR_CONTEXT_LIVENESS_UNKNOWN')
  assert.equal(await silent.cut, 'io server disconnect')
  clearInterval(timer)
  await pause(50)
  for (const event of ['uncaughtException', 'unhandledRejection']) process.off(event, catchAll)
  assert.deepEqual(uncaught, [])
  assert.ok(failures.includes('a handler of yours'))
  for (const { io } of [clocked, silent]) await io.close()
  followed.close()
}
