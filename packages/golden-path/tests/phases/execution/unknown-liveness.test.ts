// A run whose turn comes while nobody knows whether its user is still signed in: it waits, and an outage ends nothing.
// AISVS 9.5.6.
import { setTimeout as pause } from 'node:timers/promises'
import {
  createForUser,
  identityProvider,
  liveSessions,
  toOwnerKey,
  type RevocationListener,
} from 'user-execution-context'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { inProcessEventLog, openGoldenPath, parseLimits, type Agent } from '../../../src/index.ts'
import { RecordingTransport } from '../recording-transport.ts'
import { newGate } from '../run-agent.ts'

const namespace = 'test'
const staleAfterMs = 300
let stop: () => Promise<void>
let steps: ReturnType<typeof setInterval>
let listener: RevocationListener
let isHeard: boolean

/** A registry that hears of other processes while `isHeard`. */
const openSessions = () => {
  isHeard = true
  const follow = (given: RevocationListener) => {
    listener = given
    listener.heard()
    return () => {}
  }
  const store = { write: async () => {}, follow }
  const sessions = liveSessions({ maxProofMs: 3_600_000, staleAfterMs, store })
  const verify = (expiresAtMs: number) => ({ userId: 'alice', issuedAtMs: Date.now(), expiresAtMs })
  const signIn = identityProvider({ name: 'test', namespace, sessions, verify })
  return { sessions, signIn }
}

/** Two runs of one slot: the first until `release`, the second waits for its turn. */
const openWaiting = async () => {
  const { sessions, signIn } = openSessions()
  const first = newGate()
  const starts: string[] = []
  const agent: Agent = async function* (_scope, { text }) {
    starts.push(text)
    if (text === 'first') await first.opened
    yield { type: 'agent_message_delta', text }
  }
  const errors: unknown[] = []
  const onError = (error: unknown): void => void errors.push(error)
  const eventLog = inProcessEventLog(parseLimits())
  const limits = { concurrentRuns: 1, cleanupTimeMs: 300 }
  const goldenPath = openGoldenPath({ agent, eventLog, limits, onError })
  stop = () => goldenPath.close()
  const user = await signIn(Date.now() + 600_000)
  const context = createForUser(user)
  const transport = new RecordingTransport()
  const connection = goldenPath.connect(context, transport, { runs: 'requested' })
  await goldenPath.execute(createForUser(user), { text: 'first' })
  const run = await goldenPath.execute(context, { text: 'second' })
  const delivered = goldenPath.deliver(run, connection)
  const toOutage = async () => {
    isHeard = false
    while (sessions.isLivenessKnown) await pause(10)
    // The flag follows within 250 ms.
    await pause(300)
    first.open()
    // Long enough for the turn of the second.
    await pause(200)
  }
  /** The last event of the second run, as it is logged. */
  const lastEvent = async (): Promise<unknown> => {
    const key = { ownerKey: toOwnerKey(context), runId: run.runId }
    const { events } = await eventLog.read(key, { epoch: 1, sequence: 0 }, 100)
    return JSON.parse(events.at(-1)!.text)
  }
  return { sessions, goldenPath, context, run, transport, delivered, starts, errors, lastEvent, toOutage }
}

beforeEach(() => {
  stop = async () => {}
  steps = setInterval(() => isHeard && listener?.heard(), 20)
})
afterEach(async () => {
  clearInterval(steps)
  await stop()
})

describe('a run whose turn comes while liveness is unknown', () => {
  it('waits, is not ended, and begins once it is known', async () => {
    const { transport, delivered, starts, errors, toOutage } = await openWaiting()
    await toOutage()
    expect([starts, transport.types, errors]).toEqual([['first'], ['agent_started'], []])
    isHeard = true
    expect(await delivered).toBe('completed')
    expect(transport.types).toEqual(['agent_started', 'agent_message_delta', 'agent_completed'])
    expect([starts, errors]).toEqual([['first', 'second'], []])
  })

  it('ends when its user is signed out meanwhile', async () => {
    const { sessions, transport, delivered, starts, lastEvent, toOutage } = await openWaiting()
    await toOutage()
    await sessions.revoke({ user: { namespace, userId: 'alice' } })
    // Its connection is closed: what another device of the user reads later is the log.
    await delivered
    isHeard = true
    await pause(300)
    expect(await lastEvent()).toMatchObject({ type: 'agent_cancelled', data: { reason: 'identity_ended' } })
    expect([starts, transport.types]).toEqual([['first'], ['agent_started']])
  })

  it('ends when its user cancels it', async () => {
    const { goldenPath, context, run, transport, delivered, starts, toOutage } = await openWaiting()
    await toOutage()
    expect(await goldenPath.cancel(context, run.runId)).toBe(true)
    expect(await delivered).toBe('completed')
    expect(transport.events.at(-1)).toMatchObject({ type: 'agent_cancelled', data: { reason: 'user' } })
    expect(starts).toEqual(['first'])
  })

  it('ends with one that can be asked for again when the process stops', async () => {
    const { goldenPath, transport, starts, toOutage } = await openWaiting()
    await toOutage()
    await goldenPath.close()
    expect(starts).toEqual(['first'])
    expect(transport.events.at(-1)).toMatchObject({ type: 'agent_failed', data: { code: 'ERR_CONTEXT_RUN_DRAINED' } })
  })
})
