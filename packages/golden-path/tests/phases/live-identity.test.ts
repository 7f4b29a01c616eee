// What ends with the identity of a user, and what outlives it. AISVS 9.5.6: the authority of an agent is asked about
// again at every action, and not only when it starts.
import { setTimeout as pause } from 'node:timers/promises'
import { jsonSchema } from 'ai'
import {
  createForUser,
  identityProvider,
  liveSessions,
  openAuditTrail,
  openScope,
  type AuditRecord,
  type LiveSessions,
  type VerifiedUser,
} from 'user-execution-context'
import { describe, expect, it } from 'vitest'
import { aiSdkTool } from '../../src/ai-sdk.ts'
import { toToolSet } from '../../src/adapters/ai-sdk-tools.ts'
import { openGoldenPath, type Agent, type ExecuteOptions } from '../../src/index.ts'
import { RecordingTransport } from './recording-transport.ts'
import { never, newGate } from './run-agent.ts'

const namespace = 'test'
const open = (agent: Agent = async function* () {}, limits = {}) => {
  const sessions = liveSessions({ maxProofMs: 3_600_000 })
  const signIn = identityProvider({
    name: 'test',
    namespace,
    sessions,
    verify: (facts: { userId: string; sessionId?: string; expiresAtMs?: number; tenantId?: string }) => ({
      expiresAtMs: Date.now() + 600_000,
      issuedAtMs: Date.now(),
      ...facts,
    }),
  })
  const goldenPath = openGoldenPath({ agent, limits: { cleanupTimeMs: 300, ...limits } })
  const connect = (user: VerifiedUser) => {
    const transport = new RecordingTransport()
    return { transport, connection: goldenPath.connect(createForUser(user), transport, { runs: 'requested' }) }
  }
  return { sessions, signIn, goldenPath, connect }
}
type Ways = readonly (readonly [string, (sessions: LiveSessions, user: VerifiedUser) => Promise<unknown>])[]
const revocations: Ways = [
  ['the sign-out of the session', (sessions, user) => sessions.revoke({ session: user })],
  [
    'the sign-out of the user everywhere',
    (sessions) => sessions.revoke({ user: { namespace, userId: 'alice', tenantId: 't-1' } }),
  ],
  ['the end of the tenant', (sessions) => sessions.revoke({ tenant: { namespace, tenantId: 't-1' } })],
]
const alice = { userId: 'alice', sessionId: 's-1', tenantId: 't-1' }

describe.each(revocations)('%s', (_what, revoke) => {
  it('closes each connection of the user with 4401 and no other', async () => {
    const { sessions, signIn, goldenPath, connect } = open()
    const user = await signIn(alice)
    const own = [connect(user), connect(user)]
    const others = [
      connect(await signIn({ ...alice, userId: 'bob', sessionId: 's-2', tenantId: 't-2' })),
      connect(await signIn({ userId: 'alice', sessionId: 's-1' })),
    ]
    await revoke(sessions, user)
    expect(own.map(({ transport }) => transport.closes.map(({ code }) => code))).toEqual([[4401], [4401]])
    expect(others.map(({ connection }) => connection.isClosed)).toEqual([false, false])
    await goldenPath.close()
  })

  it('cancels what executes, refuses what waits, each with one end; cleanup and audit still work', async () => {
    const records: AuditRecord[] = []
    const audit = openAuditTrail({ write: (record) => void records.push(record) })
    const began = newGate()
    let starts = 0
    let isClean = false
    const { sessions, signIn, goldenPath, connect } = open(
      async function* (scope) {
        starts++
        scope.defer(async () => {
          await audit.record(scope.context, 'run-cleaned')
          isClean = true
        })
        began.open()
        await new Promise((_resolve, reject) =>
          scope.signal.addEventListener('abort', () => reject(scope.signal.reason as Error), { once: true }),
        )
      },
      { concurrentRunsPerUser: 1 },
    )
    const user = await signIn(alice)
    const context = createForUser(user)
    const runs = [
      await goldenPath.execute(context, { text: 'executes' }),
      await goldenPath.execute(createForUser(user), { text: 'waits' }),
    ]
    await began.opened
    await revoke(sessions, user)
    for (const begin of [
      () => goldenPath.execute(context, { text: 'go' }),
      async () => goldenPath.connect(context, new RecordingTransport()),
    ])
      await expect(begin()).rejects.toMatchObject({ code: 'ERR_CONTEXT_IDENTITY_REVOKED' })
    // The same user, signed in again, reads how the runs ended.
    await pause(5)
    const reader = connect(await signIn({ ...alice, sessionId: 's-9' }))
    for (const run of runs) expect(await goldenPath.deliver(run, reader.connection)).toBe('completed')
    expect(reader.transport.types).toEqual(['agent_started', 'agent_cancelled', 'agent_started', 'agent_cancelled'])
    for (const event of reader.transport.events)
      if (event.type === 'agent_cancelled') expect(event.data).toEqual({ reason: 'identity_ended' })
    expect([starts, isClean, records.length]).toEqual([1, true, 1])
    await goldenPath.close()
  })

  it('stops a tool call that the model makes afterwards', async () => {
    const { sessions, signIn, goldenPath } = open()
    const user = await signIn(alice)
    const scope = openScope(createForUser(user))
    let calls = 0
    const failures: unknown[] = []
    const read = aiSdkTool({
      description: 'Reads.',
      inputSchema: jsonSchema<object>({ type: 'object' }),
      execute: () => ++calls,
    })
    const { read: tool } = toToolSet(scope, { tools: { read } }, (error) => failures.push(error))
    const call = () => tool!.execute!({}, { toolCallId: 'c', messages: [] })
    expect(await call()).toBe(1)
    await revoke(sessions, user)
    await call()
    expect(calls).toBe(1)
    expect(failures).toHaveLength(1)
    await scope.close()
    await goldenPath.close()
  })
})

describe('the expiry of a proof', () => {
  it.each([
    ['with', true],
    ['without', false],
  ])('closes connections and cancels runs, %s a registry', async (_what, hasRegistry) => {
    const signIn = identityProvider({
      name: 'test',
      ...(hasRegistry && { sessions: liveSessions({ maxProofMs: 60_000 }) }),
      verify: (userId: string) => ({ userId, expiresAtMs: Date.now() + 1_000 }),
    })
    const agent: Agent = async function* () {
      await never()
    }
    const goldenPath = openGoldenPath({ agent, limits: { cleanupTimeMs: 50 } })
    const transport = new RecordingTransport()
    const user = await signIn('alice')
    const connection = goldenPath.connect(createForUser(user), transport, { runs: 'requested' })
    const run = await goldenPath.execute(createForUser(user), { text: 'go' })
    void goldenPath.deliver(run, connection)
    await expect.poll(() => transport.closes.map(({ code }) => code), { timeout: 30_000 }).toEqual([4401])
    const later = new RecordingTransport()
    const again = createForUser(await signIn('alice'))
    await goldenPath.deliver(run, goldenPath.connect(again, later, { runs: 'requested' }))
    expect(later.events.at(-1)).toMatchObject({ type: 'agent_cancelled', data: { reason: 'identity_ended' } })
    await goldenPath.close()
  })

  it('is moved by a renewal, for the connection and for what runs', async () => {
    const gate = newGate()
    const { sessions, signIn, goldenPath, connect } = open(async function* () {
      await gate.opened
    })
    const user = await signIn({ ...alice, expiresAtMs: Date.now() + 1_000 })
    const { transport, connection } = connect(user)
    const run = await goldenPath.execute(createForUser(user), { text: 'go' })
    const delivered = goldenPath.deliver(run, connection)
    expect(sessions.renew(user, await signIn(alice))).toBe(true)
    await pause(1_600)
    gate.open()
    expect(await delivered).toBe('completed')
    expect(transport.types.at(-1)).toBe('agent_completed')
    expect(connection.isClosed).toBe(false)
    await goldenPath.close()
  })
})

describe('a run that outlives the identity by name', () => {
  const reason = 'a report that the user waits for'
  const exempt = (): ExecuteOptions<typeof reason> => ({ outlivesIdentity: { reason, untilMs: Date.now() + 60_000 } })
  const openRun = async () => {
    const gate = newGate()
    const seen: unknown[] = []
    const opened = open(async function* (scope) {
      seen.push(scope.context.identity.outlives?.reason)
      await gate.opened
      seen.push(scope.child('tool').context.identity.outlives?.reason)
    })
    const user = await opened.signIn(alice)
    const run = await opened.goldenPath.execute(createForUser(user), { text: 'go' }, exempt())
    const readEnd = async () => {
      await pause(5)
      const { transport, connection } = opened.connect(await opened.signIn({ ...alice, sessionId: 's-9' }))
      await opened.goldenPath.deliver(run, connection)
      return transport.types.at(-1)
    }
    return { ...opened, gate, seen, user, readEnd }
  }

  it('goes on after the sign-out of its session, and its children carry the exemption', async () => {
    const { sessions, user, gate, seen, readEnd, goldenPath } = await openRun()
    await sessions.revoke({ session: user })
    await pause(20)
    gate.open()
    expect(await readEnd()).toBe('agent_completed')
    expect(seen).toEqual([reason, reason])
    await goldenPath.close()
  })

  it('ends with its user all the same', async () => {
    const { sessions, readEnd, goldenPath } = await openRun()
    await sessions.revoke({ user: { namespace, userId: 'alice', tenantId: 't-1' } })
    expect(await readEnd()).toBe('agent_cancelled')
    await goldenPath.close()
  })
})
