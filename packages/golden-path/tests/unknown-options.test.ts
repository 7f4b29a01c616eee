// Every function of this package that takes options refuses a key that none of them is, and says which, not its value.
import { createServer } from 'node:http'
import { createForUser, liveSessions } from 'user-execution-context'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { agUiMapping } from '../src/ag-ui.ts'
import { aiSdkAgent } from '../src/ai-sdk.ts'
import { openGoldenPath, openReceiver, parseLimits } from '../src/index.ts'
import {
  accessTokens,
  attemptLimits,
  jwtIdentity,
  parseAttemptBounds,
  passwordHasher,
  passwordIdentity,
  ticketOffice,
  userAccounts,
} from '../src/login.ts'
import { goldenPathTelemetry } from '../src/opentelemetry.ts'
import { goldenPathLog, hardenHttpServer, openGoldenPathServer, type GoldenPathServer } from '../src/server.ts'
import { RecordingTransport } from './phases/recording-transport.ts'
import { testIdentity } from './server/mounted-app.ts'
import { newUser } from './users.ts'

const agent = async function* () {
  yield { type: 'agent_message_delta', text: 'hi' } as const
}
const context = createForUser(newUser('alice'))
const goldenPath = openGoldenPath({ agent })
const connection = goldenPath.connect(context, new RecordingTransport())
const sessions = liveSessions({ maxProofMs: 3_600_000 })
const issuer = 'https://chat.example.com'
const secret = { kty: 'oct', alg: 'HS256', k: 'A'.repeat(43) } as const
const tool = { description: 'x', inputSchema: {}, execute: () => 1 }
let server: GoldenPathServer
beforeAll(async () => {
  server = await openGoldenPathServer({ agent, identity: testIdentity, log: () => {} })
})
afterAll(async () => {
  await server.close()
  await goldenPath.close()
  sessions.close()
})

/** Each function, called with good options and one more key. */
const calls: readonly (readonly [what: string, call: (more: object) => unknown, place?: string])[] = [
  ['openGoldenPath', (more) => openGoldenPath({ agent, ...more })],
  ['parseLimits', (more) => parseLimits(more), 'limits.'],
  ['connect', (more) => goldenPath.connect(context, new RecordingTransport(), more)],
  ['execute', (more) => goldenPath.execute(createForUser(newUser('alice')), { text: 'go' }, more)],
  [
    'deliver',
    async (more) => goldenPath.deliver(await goldenPath.execute(context, { text: 'go' }), connection, more as never),
  ],
  ['close', (more) => goldenPath.close(more)],
  ['openReceiver', (more) => openReceiver(goldenPath, connection, { createContext: () => context, ...more })],
  ['openGoldenPathServer', (more) => openGoldenPathServer({ agent, identity: testIdentity, ...more })],
  [
    'openGoldenPathServer with bounds of sign-ins',
    (more) => openGoldenPathServer({ agent, identity: testIdentity, attempts: more }),
    'attempts.',
  ],
  ['listen', (more) => server.listen({ port: 0, ...more })],
  ['close of a server', (more) => server.close(more)],
  ['hardenHttpServer', (more) => hardenHttpServer(createServer(), more)],
  ['goldenPathLog', (more) => goldenPathLog(more)],
  ['accessTokens', (more) => accessTokens({ issuer, audience: 'chat', secret, sessions, users: {} as never, ...more })],
  ['parseAttemptBounds', (more) => parseAttemptBounds(more)],
  ['attemptLimits', (more) => attemptLimits(more)],
  ['jwtIdentity', (more) => jwtIdentity({ issuer, audience: 'chat', keys: [secret], algorithms: ['HS256'], ...more })],
  ['passwordHasher', (more) => passwordHasher(more)],
  [
    'passwordIdentity',
    (more) => passwordIdentity({ users: {} as never, hasher: passwordHasher(), limits: attemptLimits(), ...more }),
  ],
  ['ticketOffice', (more) => ticketOffice(more)],
  [
    'userAccounts',
    (more) => userAccounts({ users: {} as never, hasher: passwordHasher(), sessions, namespace: issuer, ...more }),
  ],
  ['aiSdkAgent', (more) => aiSdkAgent('model', more)],
  [
    'aiSdkAgent, of a tool',
    (more) => aiSdkAgent('model', { tools: { find: { ...tool, ...more } as never } }),
    'tools.find.',
  ],
  ['agUiMapping', (more) => agUiMapping(more)],
  ['goldenPathTelemetry', (more) => goldenPathTelemetry(more)],
]

describe.each(calls.map(([what, call, place = '']) => ({ what, call, place })))('$what', ({ call, place }) => {
  it('refuses a key that it does not know, by its name and without its value', async () => {
    const attempt = (async () => call({ tpyo: 'canary-value' }))()
    await expect(attempt).rejects.toMatchObject({
      code: 'ERR_CONTEXT_INVALID_OPTIONS',
      issues: [{ path: `${place}tpyo`, kind: 'unknown key' }],
    })
    await expect(attempt).rejects.not.toThrow('canary-value')
  })
})

describe('options that are no object', () => {
  const bad = null as never
  it.each<[string, () => unknown]>([
    ['openGoldenPath', () => openGoldenPath(bad)],
    ['connect', () => goldenPath.connect(context, new RecordingTransport(), bad)],
    ['execute', () => goldenPath.execute(createForUser(newUser('alice')), { text: 'go' }, bad)],
    ['close', () => goldenPath.close(bad)],
    ['openGoldenPathServer', () => openGoldenPathServer(bad)],
    ['close of a server', () => server.close(bad)],
    ['hardenHttpServer', () => hardenHttpServer(createServer(), bad)],
  ])('are refused by %s', async (_what, call) => {
    await expect((async () => call())()).rejects.toMatchObject({ code: 'ERR_CONTEXT_INVALID_OPTIONS' })
  })
})

describe('close as a listener of a signal', () => {
  it('closes, although it is given the name of the signal', async () => {
    const own = await openGoldenPathServer({ agent, identity: testIdentity, log: () => {} })
    const path = openGoldenPath({ agent })
    for (const { close } of [own, path] as unknown as { close: (name: string) => Promise<void> }[])
      await close('SIGTERM')
    expect(own.isReady).toBe(false)
    const run = { text: 'go' }
    await expect((async () => path.execute(createForUser(newUser('alice')), run))()).rejects.toMatchObject({
      code: 'ERR_CONTEXT_CLOSED',
    })
  })
})

describe('listen', () => {
  it.each([
    [3000, [': not an object', 'port: missing']],
    [undefined, [': not an object', 'port: missing']],
    [{}, ['port: missing']],
    [{ port: '3000' }, ['port: not a number']],
    [{ port: -1 }, ['port: too small']],
    [{ port: 65_536 }, ['port: too large']],
    [{ port: 0, host: 7, fallback: 'page' }, ['host: not a string', 'fallback: not a function']],
  ])('refuses %j, says how it is called, and listens nowhere', async (at, faults) => {
    const error = await server.listen(at as never).catch((reason: unknown) => reason)
    const { code, issues, message } = error as {
      code: string
      issues: { path: string; kind: string }[]
      message: string
    }
    expect(code).toBe('ERR_CONTEXT_INVALID_OPTIONS')
    expect(issues.map(({ path, kind }) => `${path}: ${kind}`)).toEqual(faults)
    expect(message).toContain('server.listen({ port: 3000 })')
  })
})
