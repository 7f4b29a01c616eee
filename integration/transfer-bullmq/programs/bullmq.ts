import { Queue, Worker, type ConnectionOptions } from 'bullmq'
import type { LiveSessions, UserExecutionContext } from 'user-execution-context'
import { completeSealed, openSealed, parseBoundJson, sealContext } from '@user-execution-context/transfer'
import type { Opener, ReplayMemory, Sealer } from '@user-execution-context/transfer'

type Data = { readonly sealed: string; readonly payload: string }
type Parts = { readonly opener: Opener; readonly replay: ReplayMemory; readonly sessions: LiveSessions }

const hop = { audience: 'worker', purpose: 'send-report' }
const bytes = (text: string) => new TextEncoder().encode(text)

/** Puts a job into the queue for a user. The text is bound to the id and the payload of this job, and opens once. */
export const addJob = async (queue: Queue<Data>, context: UserExecutionContext, sealer: Sealer, payload: string) => {
  const jobId = crypto.randomUUID()
  const bind = [bytes(jobId), bytes(payload)]
  const sealed = await sealContext(context, { ...hop, sealer, ttlMs: 3_600_000, once: true, bind })
  return queue.add('report', { sealed, payload }, { jobId, attempts: 3 })
}

/** Does the jobs, each as the user who asked for it. Nothing of a job is believed before it is opened. */
export const openWorker = <Result>(
  connection: ConnectionOptions,
  parts: Parts,
  report: (context: UserExecutionContext, payload: unknown) => Promise<Result>,
) =>
  new Worker<Data, Result>(
    'reports',
    async ({ id, data: { sealed, payload } }) => {
      const bind = [bytes(id!), bytes(payload)]
      const context = await openSealed(sealed, { ...hop, ...parts, attemptKey: id!, bind })
      const result = await report(context, parseBoundJson(bytes(payload)))
      await completeSealed(context)
      return result
    },
    { connection },
  )
