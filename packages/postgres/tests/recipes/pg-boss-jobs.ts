import type PgBoss from 'pg-boss'
import type { LiveSessions, UserExecutionContext } from 'user-execution-context'
import { completeSealed, openSealed, sealContext } from '@user-execution-context/transfer'
import type { Opener, ReplayMemory, Sealer } from '@user-execution-context/transfer'

type Job = { readonly sealed: string; readonly payload: string }
type Parts = { readonly opener: Opener; readonly replay: ReplayMemory; readonly sessions: LiveSessions }

const queue = 'reports'
const hop = { audience: 'worker', purpose: 'send-report' }
const bytes = (text: string) => new TextEncoder().encode(text)

/** Puts a job into the queue for a user. The text is bound to the id and the payload of this job, and opens once. */
export const addJob = async (boss: PgBoss, context: UserExecutionContext, sealer: Sealer, payload: string) => {
  const id = crypto.randomUUID()
  const bind = [bytes(id), bytes(payload)]
  const sealed = await sealContext(context, { ...hop, sealer, ttlMs: 3_600_000, once: true, bind })
  // A job for a queue that nobody has made is lost without a word.
  await boss.createQueue(queue)
  await boss.send(queue, { sealed, payload }, { id, retryLimit: 2 })
  return id
}

/** Does the jobs, each as the user who asked for it. Nothing of a job is believed before it is opened. */
export const doJobs = async (
  boss: PgBoss,
  parts: Parts,
  report: (context: UserExecutionContext, payload: string) => Promise<object>,
) => {
  await boss.createQueue(queue)
  await boss.work<Job>(queue, { pollingIntervalSeconds: 0.5 }, async ([job]) => {
    const { id, data } = job!
    const bind = [bytes(id), bytes(data.payload)]
    const context = await openSealed(data.sealed, { ...hop, ...parts, attemptKey: id, bind })
    const output = await report(context, data.payload)
    await completeSealed(context)
    return output
  })
}
