// The programs of docs/guides with jobs on Postgres, run with their real libraries.
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import PgBoss from 'pg-boss'
import {
  createForUser,
  identityProvider,
  liveSessions,
  type LiveSessions,
  type Scope,
  type UserExecutionContext,
} from 'user-execution-context'
import { sealingKeys } from '@user-execution-context/transfer'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { toDriverConfig } from '../../src/connection/connection-target.ts'
import { postgresReplayMemory } from '../../src/stores/postgres-replay-memory.ts'
import { notesApp } from '../session/notes-app.ts'
import * as nightly from './nightly-reports.ts'
import * as jobs from './pg-boss-jobs.ts'

const app = notesApp()
describe('pg-boss', () => {
  const secret = Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('base64url')
  const { sealer, opener } = sealingKeys({
    workload: 'web',
    keys: [{ kty: 'oct', alg: 'A256GCM', kid: 'k', k: secret }],
  })
  let sessions: LiveSessions
  let boss: PgBoss

  const signIn = async (userId: string): Promise<UserExecutionContext> => {
    const expiresAtMs = Date.now() + 3_600_000
    const verify = (): object => ({ userId, sessionId: `session-of-${userId}`, expiresAtMs })
    const identity = identityProvider({ name: 'tokens', sessions, verify: verify as never })
    return createForUser(await identity(''))
  }
  const stateOf = async (queue: string, id: string): Promise<string> => (await boss.getJobById(queue, id))!.state
  const outcomeOf = async (id: string): Promise<object> => {
    await vi.waitUntil(async () => ['completed', 'failed'].includes(await stateOf('reports', id)), 60_000)
    const { state, output } = (await boss.getJobById('reports', id))!
    return { state, ...output }
  }

  beforeAll(async () => {
    sessions = liveSessions({ maxProofMs: 3_600_000 })
    boss = new PgBoss({ ...(toDriverConfig(app.database.migrate) as PgBoss.DatabaseOptions), supervise: false })
    boss.on('error', () => undefined)
    await boss.start()
  })
  afterAll(() => boss.stop({ graceful: false, wait: true }))

  it('does a job as the user who asked, also a second time, and as nobody else', async () => {
    const attempts: string[] = []
    const report = async ({ userId, runId }: UserExecutionContext, payload: string): Promise<object> => {
      attempts.push(payload)
      if (payload === 'of alice' && attempts.filter((one) => one === payload).length === 1) throw new Error('no paper')
      return { userId, runId, payload }
    }
    const replay = postgresReplayMemory(app.pool)
    for (let worker = 0; worker < 3; worker++) await jobs.doJobs(boss, { opener, replay, sessions }, report)

    const [alice, bob] = [await signIn('alice'), await signIn('bob')]
    const [ofAlice, ofBob] = [
      await jobs.addJob(boss, alice, sealer, 'of alice'),
      await jobs.addJob(boss, bob, sealer, 'of bob'),
    ]
    const done = { state: 'completed' }
    expect(await outcomeOf(ofAlice)).toEqual({ ...done, userId: 'alice', runId: alice.runId, payload: 'of alice' })
    expect(await outcomeOf(ofBob)).toEqual({ ...done, userId: 'bob', runId: bob.runId, payload: 'of bob' })
    expect(attempts.filter((payload) => payload === 'of alice')).toHaveLength(2)

    // What somebody who can write to the queue may try with the text of a job of Alice's.
    const { sealed } = (await boss.getJobById<{ sealed: string }>('reports', ofAlice))!.data
    const forged = await boss.send('reports', { sealed, payload: 'of alice' }, { retryLimit: 0 })
    expect(await outcomeOf(forged!)).toMatchObject({ state: 'failed', code: 'ERR_CONTEXT_SEAL_BINDING' })
    // Signed out while the job waits for a worker.
    await boss.offWork('reports')
    const carol = await signIn('carol')
    const ofCarol = await jobs.addJob(boss, carol, sealer, 'of carol')
    await sessions.revoke({ session: carol })
    await jobs.doJobs(boss, { opener, replay, sessions }, report)
    expect(await outcomeOf(ofCarol)).toMatchObject({ state: 'failed', code: 'ERR_CONTEXT_IDENTITY_REVOKED' })
    // The whole job of Bob's once more, under its id.
    const { data } = (await boss.getJobById<{ sealed: string }>('reports', ofBob))!
    await boss.deleteJob('reports', ofBob)
    await boss.send('reports', data, { id: ofBob, retryLimit: 0 })
    expect(await outcomeOf(ofBob)).toMatchObject({ state: 'failed', code: 'ERR_CONTEXT_SEAL_REPLAYED' })
  })

  it('reports each night to those who are subscribed, whatever a job says', async () => {
    const users = new Map([
      ['alice', ['notes:read']],
      ['bob', []],
    ])
    const reports: object[] = []
    const errors: unknown[] = []
    const subscribers = async () => Array.from(users, ([userId, permissions]) => ({ userId, permissions }))
    const report = async ({ context, signal }: Scope): Promise<void> => {
      const { userId, permissions, identity } = context
      if (!users.has('alice')) await sessions.revoke({ user: { namespace: 'tokens', userId } })
      reports.push({ userId, permissions, reason: identity.reason, ended: signal.aborted })
      if (userId === 'alice') throw new Error('no paper')
    }
    await nightly.scheduleReports(boss, { subscribers, sessions, report, onError: (error) => errors.push(error) })
    expect(await boss.getSchedules()).toMatchObject([{ name: 'nightly-reports', cron: '0 3 * * *' }])

    const night = await boss.send('nightly-reports', { userId: 'mallory', permissions: ['admin'] })
    await vi.waitUntil(async () => (await stateOf('nightly-reports', night!)) === 'completed', 60_000)
    expect(reports).toEqual([
      { userId: 'alice', permissions: ['notes:read'], reason: 'nightly report', ended: false },
      { userId: 'bob', permissions: [], reason: 'nightly report', ended: false },
    ])
    expect(errors).toMatchObject([{ message: 'no paper' }])

    // A user who was removed since has no report, and one who is signed out meanwhile has none that goes on.
    users.delete('alice')
    const next = await boss.send('nightly-reports', {})
    await vi.waitUntil(async () => (await stateOf('nightly-reports', next!)) === 'completed', 60_000)
    expect(reports).toHaveLength(3)
    expect(reports.at(-1)).toMatchObject({ userId: 'bob', ended: true })
  })
})

it('the program of the guide for pg-boss prints what the page says', async () => {
  const [home, directory] = [process.cwd(), mkdtempSync(join(tmpdir(), 'uec-pg-boss-'))]
  const said = /^```text\n([\s\S]*?)^```/m.exec(readFileSync('../../docs/guides/pg-boss.md', 'utf8'))![1]
  const printed = vi.spyOn(console, 'log').mockImplementation(() => undefined)
  // As root PostgreSQL runs as another account, which must get through.
  chmodSync(directory, 0o755)
  process.chdir(directory)
  try {
    await import('./pg-boss-main.ts')
    expect(printed.mock.calls.map((words) => `${words.join(' ')}\n`).join('')).toBe(said)
  } finally {
    process.chdir(home)
    rmSync(directory, { recursive: true, force: true })
    printed.mockRestore()
  }
})
