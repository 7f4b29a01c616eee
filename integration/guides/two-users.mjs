// What each program of the guides must show: two users who stay apart, and nothing personal where it is not wanted.
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { context as otel, trace } from '@opentelemetry/api'
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { Usage } from '@openai/agents-core'
import { MockLanguageModelV4 } from 'ai/test'
import { betterAuth } from 'better-auth'
import { memoryAdapter } from 'better-auth/adapters/memory'
import { SignJWT } from 'jose'
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import passport from 'passport'
import pino from 'pino'
import { io as connect } from 'socket.io-client'
import { createForUser, identityProvider, liveSessions, toOwnerKey } from 'user-execution-context'
import winston from 'winston'
import * as aiSdk from './programs/ai-sdk.ts'
import * as auth from './programs/better-auth.ts'
import * as yoga from './programs/graphql-yoga.ts'
import * as graph from './programs/langgraph.ts'
import * as agents from './programs/openai-agents.ts'
import * as spans from './programs/opentelemetry.ts'
import * as jwt from './programs/passport-jwt.ts'
import * as ofPino from './programs/pino.ts'
import * as sockets from './programs/socket-io.ts'
import * as ofWinston from './programs/winston.ts'

const sessions = liveSessions({ maxProofMs: 3_600_000 })
const verify = (userId) =>
  ['patient-ada', 'patient-bob'].includes(userId)
    ? { userId, sessionId: `session-of-${userId}`, expiresAtMs: Date.now() + 3_600_000 }
    : undefined
const identity = identityProvider({ name: 'tokens', sessions, verify })
const newContext = async (userId) => createForUser(await identity(userId), { agentContext: { note: 'very-private' } })
const [ada, bob] = await Promise.all(['patient-ada', 'patient-bob'].map(newContext))
const personal = /patient-|session-of-|very-private/
const each = (work) => Promise.all(Array.from({ length: 40 }, (_, index) => work([ada, bob][index % 2], index)))

export const guides = [
  { library: 'pino', what: 'a line names the request, and nobody', run: logsWith(pinoLines) },
  { library: 'winston', what: 'a line names the request, and nobody', run: logsWith(winstonLines) },
  { library: '@opentelemetry/api', what: 'a span names the request, and nobody', run: expectSpans },
  { library: 'socket.io', what: 'two users hear their own, and a signed-out one is cut', run: expectSockets },
  { library: 'ai', what: 'a tool acts for its user, whom the model never sees', run: expectTools },
  { library: '@openai/agents-core', what: 'a stored run names nobody, and goes on for its user', run: expectApproval },
  { library: '@langchain/langgraph', what: "a thread is its owner's", run: expectThreads },
  { library: 'better-auth', what: 'a session is a user, and a stranger is refused', run: expectSessions },
  { library: 'passport-jwt', what: 'a token is a user, and a forged one is refused', run: expectTokens },
  { library: 'graphql-yoga', what: 'two users in 40 requests at once, and a stranger is refused', run: expectQueries },
]

function logsWith(linesOf) {
  return async () => {
    const lines = await linesOf()
    assert.equal(lines.length, 2)
    for (const [index, context] of [ada, bob].entries()) {
      assert.ok(lines[index].includes(context.requestId), lines[index])
      assert.doesNotMatch(lines[index], personal)
    }
  }
}

async function pinoLines() {
  const lines = []
  const parent = pino(
    { serializers: { context: (context) => context.toJSON() } },
    { write: (line) => lines.push(line) },
  )
  for (const context of [ada, bob]) ofPino.loggerOf(context, parent).info('hello')
  assert.throws(() => ofPino.loggerOf({ ...ada }))
  return lines
}

async function winstonLines() {
  const lines = []
  const { Writable } = await import('node:stream')
  const stream = new Writable({ write: (piece, _encoding, done) => done(void lines.push(String(piece))) })
  const parent = winston.createLogger({ transports: [new winston.transports.Stream({ stream })] })
  for (const context of [ada, bob]) ofWinston.loggerOf(context, parent).info('hello')
  await pause(50)
  return lines
}

async function expectSpans() {
  const exporter = new InMemorySpanExporter()
  otel.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
  trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }))
  await each((context) => spans.inSpan('report', context, async () => pause(5)))
  const found = exporter.getFinishedSpans().map(({ attributes }) => JSON.stringify(attributes))
  assert.equal(found.length, 40)
  assert.equal(found.filter((text) => text.includes(ada.runId)).length, 20)
  assert.doesNotMatch(found.join(), personal)
}

async function expectSockets() {
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

async function expectTools() {
  const prompts = []
  const [carol, dave] = [await visitor('carol'), await visitor('dave')]
  const usage = { inputTokens: { total: 1 }, outputTokens: { total: 1 } }
  const toModel = (text) =>
    new MockLanguageModelV4({
      doGenerate: async ({ prompt }) => {
        prompts.push(JSON.stringify(prompt))
        const result = prompt.find(({ role }) => role === 'tool')
        const call = { type: 'tool-call', toolCallId: 'call-1', toolName: 'addNote', input: JSON.stringify({ text }) }
        const content = result ? { type: 'text', text: JSON.stringify(result.content[0].output.value) } : call
        const finishReason = { unified: result ? 'stop' : 'tool-calls', raw: undefined }
        return { content: [content], finishReason, usage, warnings: [] }
      },
    })
  const answers = await Promise.all(
    Array.from({ length: 40 }, async (_, index) => {
      const [user, name] = index % 2 === 0 ? [carol, 'carol'] : [dave, 'dave']
      return { name, text: await aiSdk.answer(user, toModel(`secret of ${name}`), 'Keep this.') }
    }),
  )
  for (const { name, text } of answers) {
    assert.ok(text.includes(`secret of ${name}`), text)
    assert.ok(!text.includes(`secret of ${name === 'carol' ? 'dave' : 'carol'}`), text)
  }
  assert.doesNotMatch(prompts.join(), /visitor-/)
}

async function visitor(name) {
  const signIn = identityProvider({ name: 'visitors', verify: (userId) => ({ userId }) })
  return createForUser(await signIn(`visitor-${name}`))
}

async function expectApproval() {
  const model = {
    name: 'stub',
    getResponse: async ({ input }) => {
      const result = Array.isArray(input) ? input.find(({ type }) => type === 'function_call_result') : undefined
      const call = { type: 'function_call', callId: 'call-1', name: 'refund', status: 'completed', arguments: '{}' }
      const said = { type: 'output_text', text: JSON.stringify(result?.output) }
      const message = { type: 'message', role: 'assistant', status: 'completed', content: [said] }
      return { usage: new Usage(), output: [result ? message : call] }
    },
    async *getStreamedResponse() {},
  }
  const agent = agents.supportAgent(model)
  for (const name of ['carol', 'dave']) {
    const user = await visitor(name)
    const text = await agents.suspend(agent, user, 'Refund me')
    assert.doesNotMatch(text, /visitor-/)
    assert.match(await agents.approve(agent, user, text), new RegExp(`refunded visitor-${name}`))
  }
}

async function expectThreads() {
  const [carol, dave] = [await visitor('carol'), await visitor('dave')]
  await graph.addNote(carol, 'thread-1', 'secret of carol')
  assert.deepEqual(await graph.addNote(dave, 'thread-1', 'secret of dave'), ['secret of dave'])
  assert.deepEqual(await graph.addNote(carol, 'thread-1', 'more'), ['secret of carol', 'more'])
}

async function expectSessions() {
  const baseURL = 'http://localhost:3000'
  const database = memoryAdapter({ user: [], session: [], account: [], verification: [] })
  const secret = crypto.randomUUID() + crypto.randomUUID()
  const telemetry = { enabled: false }
  const app = betterAuth({ database, secret, baseURL, telemetry, emailAndPassword: { enabled: true } })
  const signIn = auth.sessionIdentity(app)
  const ids = new Set()
  for (const name of ['ada', 'bob']) {
    const body = { name, email: `${name}@example.com`, password: crypto.randomUUID() }
    const { headers, response } = await app.api.signUpEmail({ body, returnHeaders: true })
    const context = createForUser(await signIn(headers.get('set-cookie').split(';')[0]))
    assert.equal(context.userId, response.user.id)
    ids.add(context.userId)
  }
  assert.equal(ids.size, 2)
  await assert.rejects(signIn('better-auth.session_token=forged'), { code: 'ERR_CONTEXT_IDENTITY_REFUSED' })
}

async function expectTokens() {
  const secret = 's'.repeat(32)
  const strategy = jwt.strategy(secret)
  const http = createServer((request, response) => {
    passport.authenticate(strategy, { session: false }, (error, user) => {
      if (!user) return response.writeHead(401).end()
      request.user = user
      response.end(jwt.contextOf(request).userId)
    })(request, response, () => response.writeHead(500).end())
  }).listen(0, '127.0.0.1')
  await once(http, 'listening')
  const ask = async (subject, key = secret) => {
    const token = await new SignJWT({ sub: subject })
      .setProtectedHeader({ alg: 'HS256' })
      .setIssuer('https://id.example.com')
      .setAudience('notes')
      .setExpirationTime('10m')
      .sign(Buffer.from(key))
    const headers = { authorization: `Bearer ${token}` }
    const answer = await fetch(`http://127.0.0.1:${http.address().port}/`, { headers })
    return { status: answer.status, text: await answer.text() }
  }
  const answers = await each(async (context) => ({ context, ...(await ask(context.userId)) }))
  for (const { context, text } of answers) assert.equal(text, context.userId)
  assert.equal((await ask('patient-ada', 'f'.repeat(32))).status, 401)
  // What a client puts on the request is no user.
  assert.throws(() => jwt.contextOf({ user: { userId: 'patient-ada' } }), { code: 'ERR_CONTEXT_USER_NOT_VERIFIED' })
  http.close()
}

async function expectQueries() {
  const http = createServer(yoga.openYoga(identityProvider({ name: 'names', verify: (userId) => ({ userId }) })))
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  const ask = async (token, query) => {
    const headers = { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) }
    const address = `http://127.0.0.1:${http.address().port}/graphql`
    return (await fetch(address, { method: 'POST', headers, body: JSON.stringify({ query }) })).text()
  }
  const answers = await each(async ({ userId }, index) => ({
    userId,
    text: await ask(userId, `mutation { addNote(text: "secret of ${userId} ${index}") }`),
  }))
  for (const { userId, text } of answers) {
    assert.ok(text.includes(`secret of ${userId}`), text)
    assert.ok(!text.includes(userId === 'patient-ada' ? 'of patient-bob' : 'of patient-ada'), text)
  }
  const refused = await ask(undefined, '{ notes }')
  assert.doesNotMatch(refused, /secret|Authorization: Bearer/)
  assert.match(refused, /"errors"/)
  http.close()
  http.closeAllConnections()
}
