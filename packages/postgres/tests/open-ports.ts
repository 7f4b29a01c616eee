// The ports of a node, on a database of a test file.
import { createForUser, liveSessions, toOwnerKey } from 'user-execution-context'
import { vouchForUser } from 'user-execution-context/restricted'
import { sealingKeys } from '@user-execution-context/transfer'
import type { EventLog, Limits, RunJob, RunKey, RunQueue } from '@user-execution-context/golden-path'
import { openPostgres, openWakeChannel, postgresEventLog, postgresRunQueue } from '../src/index.ts'
import type { TestDatabase } from './test-database.ts'

const key = { kty: 'oct', alg: 'A256GCM', kid: 'k1', k: Buffer.alloc(32, 1).toString('base64url') } as const
export const ring = sealingKeys({ workload: 'test', keys: [key] })

export const newContext = (userId: string) => createForUser(vouchForUser(userId, { reason: 'tests of the queue' }))

/** A job of a user, for a run of its own. */
export const newJob = (userId = 'alice'): RunJob => ({ context: newContext(userId), input: { text: 'go' } })

/** The run of a job. */
export const toKey = ({ context }: RunJob): RunKey => ({ ownerKey: toOwnerKey(context), runId: context.runId })

/** A queue whose jobs come with a run that is not filed yet: it files both in one step. */
export const filing = (queue: RunQueue): RunQueue => ({
  ...queue,
  enqueue: async (job, onQueued) => void (await queue.fileAndEnqueue!(job, onQueued)),
})

/** Opens the pools and wakes of a node. */
export const openNode = async ({ service, worker, listen }: TestDatabase) => {
  const postgres = await openPostgres({ connections: { service, worker, listen } })
  const wakes = openWakeChannel({ pool: postgres.service, listen: postgres.listen })
  // No round of trimming falls into a TRUNCATE of a case.
  const eventLog = postgresEventLog({ postgres, wakes, retention: { everyMs: 86_400_000 } })
  const sessions = liveSessions({ maxProofMs: 3_600_000 })
  const openQueue = (limits: Limits, more: Partial<Parameters<typeof postgresRunQueue>[0]> = {}) =>
    postgresRunQueue({ postgres, wakes, eventLog, limits, sessions, ...ring, ...more })
  const close = async (): Promise<void> => {
    await eventLog.close()
    await wakes.close()
    await postgres.close()
  }
  return { ports: { postgres, wakes }, postgres, wakes, eventLog, sessions, openQueue, close }
}

/** Files the run of a job, as execute() does before it queues it. */
export const fileRun = async (eventLog: EventLog, { context }: RunJob): Promise<void> => {
  const { runId, threadId, requestId } = context
  await eventLog.create({ ownerKey: toOwnerKey(context), runId, threadId, requestId, createdAtMs: Date.now() })
}

/** Ends the run of a job, as its worker does. */
export const endRun = async ({ writer }: RunJob): Promise<void> => {
  const { epoch, lastSequence, append } = writer!
  const event = { epoch, sequence: lastSequence + 1, type: 'agent_completed' } as const
  const text = JSON.stringify(event)
  await append({ ...event, text, bytes: text.length })
}
