// What each program of the guides must show: two users who stay apart, and nothing personal where it is not wanted.
import { ApolloServer } from '@apollo/server'
import { startStandaloneServer } from '@apollo/server/standalone'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { context as otel, trace } from '@opentelemetry/api'
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { createSchema, createYoga } from 'graphql-yoga'
import pino from 'pino'
import { contextFromRequest } from '@user-execution-context/http'
import { identityProvider, toLogFields, toOwnerKey } from 'user-execution-context'
import winston from 'winston'
import * as apollo from './programs/apollo-server.ts'
import * as yoga from './programs/graphql-yoga.ts'
import * as spans from './programs/opentelemetry.ts'
import * as ofPino from './programs/pino.ts'
import * as ofWinston from './programs/winston.ts'
import { expectSockets, expectSocketsAtTheEnd } from './two-users-of-sockets.mjs'
import { ada, bob, each, personal } from './users.mjs'

export const guides = [
  { library: 'pino', what: 'a line names the request, and nobody', run: logsWith(pinoLines) },
  { library: 'winston', what: 'a line names the request, and nobody', run: logsWith(winstonLines) },
  { library: '@opentelemetry/api', what: 'a span names the request, and nobody', run: expectSpans },
  { library: 'socket.io', what: 'two users hear their own, and a signed-out one is cut', run: expectSockets },
  { library: 'socket.io', what: 'messages beyond the end of a token end no process', run: expectSocketsAtTheEnd },
  { library: 'graphql-yoga', what: 'two users in 40 requests at once, and a stranger is refused', run: expectYoga },
  { library: 'graphql-yoga', what: 'a context as its context object is refused, in a sentence', run: expectYogaRoot },
  { library: '@apollo/server', what: 'two users in 40 requests at once, and a stranger is refused', run: expectApollo },
  {
    library: '@apollo/server',
    what: 'a context as its context object is refused, in a sentence',
    run: expectApolloRoot,
  },
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
  const parent = pino({ serializers: { context: toLogFields } }, { write: (line) => lines.push(line) })
  for (const context of [ada, bob]) ofPino.loggerOf(context, parent).info('hello')
  for (const copy of [{ ...ada }, structuredClone(ada)])
    assert.throws(() => ofPino.loggerOf(copy), { code: 'ERR_CONTEXT_NOT_ISSUED' })
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

const names = identityProvider({ name: 'names', verify: (userId) => ({ userId }) })

async function expectYoga() {
  await withYoga(yoga.openYoga(names), async (address) => {
    await expectQueries(address)
    assert.equal((await askGraph(address, undefined, '{ notes }')).status, 401)
  })
}

async function expectApollo() {
  await withApollo(apollo.newApollo(), apollo.contextOf(names), async (address) => {
    await expectQueries(address)
    assert.equal((await askGraph(address, undefined, '{ notes }')).status, 401)
  })
}

/** A server whose context object is the context of a user itself: what its resolvers get is a copy. */
const rootForm = {
  typeDefs: 'type Query { owner: String! user: String }',
  resolvers: {
    Query: {
      owner: (_root, _input, context) => toOwnerKey(context),
      user: (_root, _input, context) => context.userId,
    },
  },
}
const sentence = /Apollo, Yoga and tRPC copy their context object: return \{ userContext: context \}/
const toContext = contextFromRequest(names)

async function expectYogaRoot() {
  const told = []
  const maskError = (error) => {
    told.push((error.originalError ?? error).message)
    return new Error('masked')
  }
  const options = { schema: createSchema(rootForm), context: ({ request }) => toContext(request) }
  const server = createYoga({ ...options, maskedErrors: { maskError } })
  await withYoga(server, async (address) => expectRefusedRoot(address, told))
  // With the plugin of the guide a resolver that reads the copy itself does not run either.
  told.length = 0
  const guarded = createYoga({ ...options, plugins: [yoga.refusesCopies], maskedErrors: { maskError } })
  await withYoga(guarded, async (address) => {
    assert.match((await askGraph(address, 'patient-ada', '{ user }')).text, /"errors"/)
    assert.equal(told.length, 1)
    assert.match(told[0], sentence)
  })
}

async function expectApolloRoot() {
  const told = []
  const formatError = (_formatted, error) => {
    told.push(error.originalError?.message)
    return { message: 'masked' }
  }
  const server = new ApolloServer({ ...rootForm, formatError })
  await withApollo(
    server,
    ({ req }) => toContext(req),
    async (address) => expectRefusedRoot(address, told),
  )
}

async function expectRefusedRoot(address, told) {
  const { text } = await askGraph(address, 'patient-ada', '{ owner }')
  assert.match(text, /"errors"/)
  assert.equal(told.length, 1)
  assert.match(told[0], sentence)
  // A service refuses the copy. Nothing in it names its user either: a spread has no id, and a clone refuses to say it.
  assert.doesNotMatch((await askGraph(address, 'patient-ada', '{ user }')).text, personal)
}

async function withYoga(server, work) {
  const http = createServer(server).listen(0, '127.0.0.1')
  await once(http, 'listening')
  await work(`http://127.0.0.1:${http.address().port}/graphql`)
  http.close()
  http.closeAllConnections()
}

async function withApollo(server, context, work) {
  const { url } = await startStandaloneServer(server, { listen: { port: 0, host: '127.0.0.1' }, context })
  await work(url)
  await server.stop()
}

async function askGraph(address, token, query) {
  const headers = { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) }
  const answer = await fetch(address, { method: 'POST', headers, body: JSON.stringify({ query }) })
  return { status: answer.status, text: await answer.text() }
}

async function expectQueries(address) {
  const answers = await each(async ({ userId }, index) => ({
    userId,
    text: (await askGraph(address, userId, `mutation { addNote(text: "secret of ${userId} ${index}") }`)).text,
  }))
  for (const { userId, text } of answers) {
    assert.ok(text.includes(`secret of ${userId}`), text)
    assert.ok(!text.includes(userId === 'patient-ada' ? 'of patient-bob' : 'of patient-ada'), text)
  }
  const { text } = await askGraph(address, undefined, '{ notes }')
  assert.doesNotMatch(text, /secret|Authorization: Bearer/)
  assert.match(text, /"errors"/)
}
