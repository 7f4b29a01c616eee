// One subject and one session id of two issuers, over every route and every message of one server: two users.
import { SignJWT } from 'jose'
import { liveSessions } from 'user-execution-context'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { jwtIdentity } from '../../../src/login/jwt-identity.ts'
import { clientMessageSchema } from '../../../src/phases/wire/client-message.ts'
import type { Agent } from '../../../src/phases/ports/agent.ts'
import { openClient, openTestServer, type Message, type TestServer } from '../test-server.ts'
import { messages, requests, unknownNames, type Named } from './targets.ts'
import { toComparable } from './to-comparable.ts'

const canary = 'canary-of-the-victim'
const audience = 'agents'
const issuers = [
  { issuer: 'https://id.example.com/', secret: Buffer.alloc(32, 1) },
  { issuer: 'https://partner.example/', secret: Buffer.alloc(32, 2) },
] as const
const sign = ({ issuer, secret }: (typeof issuers)[number], sub = '1001', sid?: string): Promise<string> =>
  new SignJWT(sid === undefined ? {} : { sid })
    .setProtectedHeader({ alg: 'HS256' })
    .setIssuer(issuer)
    .setAudience(audience)
    .setSubject(sub)
    .setIssuedAt()
    .setExpirationTime('1h')
    .sign(secret)

/** Waits when it is asked to, until it is aborted. */
const agent: Agent = async function* (scope, { text }) {
  yield { type: 'agent_message_delta', text: `begun ${text}` }
  if (text.startsWith('wait')) await new Promise((resolve) => scope.signal.addEventListener('abort', resolve))
}
const sessions = liveSessions({ maxProofMs: 86_400_000 })
/** One is of users who sign in here, and this server checks tokens of others; one ends who asks, and has its test. */
const apart = ['POST /token', 'POST /logout']
const routes = Object.keys(requests).filter((route) => !apart.includes(route))
let server: TestServer
let victim: string
let other: string
let named: Named

beforeAll(async () => {
  const identity = jwtIdentity(
    issuers.map(({ issuer, secret }) => ({
      issuer,
      audience,
      keys: [{ kty: 'oct', alg: 'HS256', k: secret.toString('base64url') }],
      algorithms: ['HS256'],
      sessions,
    })),
  )
  server = await openTestServer({ agent, identity, sessions })
  ;[victim, other] = (await Promise.all(issuers.map((issuer) => sign(issuer, '1001', 's-1')))) as [string, string]
  const names = { threadId: 'thread-of-the-victim', key: 'idempotency-key-of-the-victim' }
  const body = { input: { text: `wait ${canary}` }, threadId: names.threadId, idempotencyKey: names.key }
  const { runId } = (await server.request('POST', '/runs', { token: victim, body })).body as { runId: string }
  named = { ...names, runId }
})
afterAll(async () => {
  await server.close()
  sessions.close()
})

const ask = (route: string, of: Named) => {
  const { path, body } = requests[route]!(of)
  return server.request(route.split(' ')[0]!, path, { body, token: other })
}

test('the subject at another issuer is answered by every route as for names that nobody has', async () => {
  expect(routes.length).toBeGreaterThan(10)
  for (const route of routes) {
    const unknown = unknownNames()
    const answers = [await ask(route, named), await ask(route, unknown)] as const
    expect([route, answers[0].status]).toEqual([route, answers[1].status])
    expect(answers[0].status).not.toBe(401)
    // The list grows by what the attack itself has started.
    if (route !== 'GET /threads')
      expect(toComparable(answers[0].text, named)).toBe(toComparable(answers[1].text, unknown))
    for (const mark of [canary, named.runId]) expect(answers[0].text).not.toContain(mark)
  }
})

test('the subject at another issuer is answered every message as for names that nobody has', async () => {
  const client = await openClient(server, { token: other })
  let count = 0
  const say = (message: object): Promise<Message> => {
    const clientRequestId = `attempt-${++count}`
    client.send({ ...message, clientRequestId })
    return client.next((answer) => answer['clientRequestId'] === clientRequestId)
  }
  for (const type of clientMessageSchema.oneOf.map(({ properties }) => properties.type.const)) {
    if (type === 'ping') continue
    const unknown = unknownNames()
    const answers = [
      await say({ type, ...messages[type]!(named, other) }),
      await say({ type, ...messages[type]!(unknown, other) }),
    ]
    expect([type, toComparable(JSON.stringify(answers[0]), named)]).toEqual([
      type,
      toComparable(JSON.stringify(answers[1]), unknown),
    ])
  }
  // Its socket stays that of its own user, whatever token of the subject it is given.
  expect(await say({ type: 'renew_token', token: victim })).toMatchObject({ type: 'error' })
  client.close()
  await client.closed
  for (const mark of [canary, named.runId]) expect(client.bytes().toString('latin1')).not.toContain(mark)
})

test.each([
  ['of the session that both name', '1002', 's-2'],
  ['of all that the subject has, where none names a session', '1003', undefined],
])('a sign-out %s is one of its own issuer only', async (_what, sub, sid) => {
  const tokens = await Promise.all(issuers.map((issuer) => sign(issuer, sub, sid)))
  const clients = await Promise.all(tokens.map((token) => openClient(server, { token })))
  const statusOf = async (token: string): Promise<number> => (await server.request('GET', '/threads', { token })).status
  for (const [first, second] of [[1, 0] as const, [0, 1] as const]) {
    const isLast = second === 1
    expect((await server.request('POST', '/logout', { token: tokens[first]! })).status).toBe(204)
    expect(await clients[first]!.closed).toMatchObject({ code: 4401 })
    expect(await Promise.all(tokens.map(statusOf))).toEqual(isLast ? [401, 401] : [200, 401])
    if (isLast) continue
    clients[second]!.send({ type: 'ping' })
    expect(await clients[second]!.next(({ type }) => type === 'pong')).toBeDefined()
    // Signed out already: the other one is not signed out in its place.
    expect((await server.request('POST', '/logout', { token: tokens[first]! })).status).toBe(401)
    expect(await statusOf(tokens[second]!)).toBe(200)
  }
})

test('the end of one of them ends nothing of the other', async () => {
  const [mine, theirs] = [await openClient(server, { token: victim }), await openClient(server, { token: other })]
  await sessions.revoke({ user: { namespace: issuers[1].issuer, userId: '1001' } })
  expect(await theirs.closed).toMatchObject({ code: 4401 })
  mine.send({ type: 'ping' })
  expect(await mine.next(({ type }) => type === 'pong')).toBeDefined()
  const { threads } = (await server.request('GET', '/threads', { token: victim })).body
  expect(JSON.stringify(threads)).toContain('"state":"running"')
  expect((await server.request('GET', '/threads', { token: other })).status).toBe(401)
  mine.close()
})
