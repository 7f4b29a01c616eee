// Rows of users in the tables of the schema, written by the ports, and what the ports read of them again.
import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { createForUser, identityProvider, liveSessions, openAuditTrail, toOwnerKey } from 'user-execution-context'
import { parseLimits, type RunJob, type RunKey, type RunRecord } from '@user-execution-context/golden-path'
import { passwordHasher, type StoredUser } from '@user-execution-context/golden-path/login'
import { expect } from 'vitest'
import {
  postgresAttemptLimits,
  postgresAuditTrail,
  postgresHandleStore,
  postgresReplayMemory,
  postgresRevocations,
  postgresStartKeys,
  postgresTickets,
  postgresUsers,
} from '../../src/index.ts'
import { endRun, fileRun, newContext, openNode } from '../open-ports.ts'

export type Node = Awaited<ReturnType<typeof openNode>>
/** What a run is in a database that is migrated. */
const states = ['filed', 'queued', 'cancelled', 'running', 'lost', 'cancelled and lost', 'ended'] as const
type State = (typeof states)[number]
const claimed = ['running', 'lost', 'cancelled and lost'] as const

/** What was written of one user. */
export type FilledUser = {
  readonly userId: string
  readonly ownerKey: string
  readonly runs: Readonly<Record<State, RunJob>>
  readonly account: StoredUser
  readonly ticket: string
  readonly started: RunRecord
}

export const keyOf = ({ ownerKey, runs }: Pick<FilledUser, 'ownerKey' | 'runs'>, state: State): RunKey => ({
  ownerKey,
  runId: runs[state].context.runId,
})
export const newJobOf = (userId: string): RunJob => ({ context: newContext(userId), input: { text: 'go' } })
export const startKeyOf = (ownerKey: string) => ({ ownerKey, digest: 'digest', inputDigest: 'input' })
export const openKeys = ({ postgres }: Node) => postgresStartKeys({ postgres, limits: parseLimits() })
export const trailName = 'node-1'

/** Writes everything, with the newest schema. @param lose - Lets the worker of a run be lost. */
export const fillUsers = async (
  node: Node,
  userIds: readonly string[],
  lose: (key: RunKey) => Promise<void>,
): Promise<readonly FilledUser[]> => {
  const queue = node.openQueue(parseLimits(), { executes: false })
  const begun = userIds.map((userId) => {
    const runs = Object.fromEntries(states.map((state) => [state, newJobOf(userId)])) as Record<State, RunJob>
    return { userId, ownerKey: toOwnerKey(runs.ended.context), runs }
  })
  const enqueue = async (state: State): Promise<void> => {
    for (const { runs } of begun) {
      await fileRun(node.eventLog, runs[state])
      await queue.enqueue(runs[state])
    }
  }
  for (const state of claimed) await enqueue(state)
  const claim = `SELECT * FROM uec.claim($1, 50, 50, 3600000, '{}', '{}')`
  expect((await node.postgres.worker.query(claim, [randomUUID()])).rowCount).toBe(claimed.length * userIds.length)
  for (const state of ['queued', 'cancelled'] as const) await enqueue(state)
  const users: FilledUser[] = []
  for (const user of begun) {
    for (const state of ['cancelled', 'cancelled and lost'] as const) await queue.cancel(keyOf(user, state), 'user')
    for (const state of ['lost', 'cancelled and lost'] as const) await lose(keyOf(user, state))
    await fileRun(node.eventLog, user.runs.filed)
    await fileRun(node.eventLog, user.runs.ended)
    const writer = await node.eventLog.openWriter(keyOf(user, 'ended'))
    await writer.append({ epoch: 1, sequence: 1, type: 'tool_executing', text: '{"data":{}}', bytes: 11 })
    await endRun({ ...user.runs.ended, writer: { ...writer, lastSequence: 1 } })
    users.push({ ...user, ...(await fillStores(node, user)) })
  }
  await queue.close()
  await fillShared(node)
  return users
}

/** The statement for it. */
export const toLoss = ({ runId }: RunKey): string =>
  `UPDATE uec.jobs SET leased_until = now() - interval '1 hour' WHERE run_id = '${runId}'`

async function fillStores(node: Node, { userId, ownerKey, runs }: Pick<FilledUser, 'userId' | 'ownerKey' | 'runs'>) {
  const { service } = node.postgres
  const password = await passwordHasher({ cost: 1024 }).toRecord('secret')
  const account: StoredUser = { userId, userName: userId, password, permissions: ['notes:read'] }
  await postgresUsers(service).add(account)
  const ticket = await postgresTickets(service, { lifetimeMs: 3_600_000 }).issue(
    `session of ${userId}`,
    `for ${userId}`,
  )
  const { runId, threadId, requestId } = runs.queued.context
  const started: RunRecord = { ownerKey, runId, threadId, requestId, createdAtMs: 1 }
  const keys = openKeys(node)
  await keys.claim(startKeyOf(ownerKey), started)
  await keys.confirm(startKeyOf(ownerKey), started)
  const entry = { ownerKey, handleDigest: 'handle', endsAtMs: Date.now() + 3_600_000, tie: {}, value: `of ${userId}` }
  await postgresHandleStore<string>({ postgres: node.postgres }).insert(entry, { maxPerUser: 5, maxTotal: 100 })
  const limits = postgresAttemptLimits(service, { perUser: 1 })
  await (await limits.begin(userId, '10.0.0.1')).fail()
  // One that is under way.
  await limits.begin(`${userId} again`, '10.0.0.1')
  await signOut(node, userId)
  return { account, ticket, started }
}

async function signOut({ ports }: Node, userId: string): Promise<void> {
  const store = await postgresRevocations({ ...ports, pollMs: 50 })
  const sessions = liveSessions({ maxProofMs: 3_600_000, store })
  const verify = async (id: string) => ({ userId: id, sessionId: 's-1', issuedAtMs: Date.now() })
  const provider = identityProvider({ name: 'test', namespace: 'user-execution-context', sessions, verify })
  // Until the registry has heard of its store.
  while (!(await provider(userId).then(Boolean, () => false))) await pause(10)
  await sessions.revoke({ session: createForUser(await provider(userId)) })
  sessions.close()
}

async function fillShared({ postgres }: Node): Promise<void> {
  const memory = postgresReplayMemory(postgres.service)
  await memory.claim('text', 'attempt', Date.now() + 3_600_000)
  await memory.complete('text', 'attempt')
  const trail = openAuditTrail(await postgresAuditTrail({ pool: postgres.service, trail: trailName }))
  for (const action of ['signed-in', 'signed-out']) await trail.record(newContext('alice'), action)
}
