/**
 * Stops what is under way in a thread, for clients whose own stop only ends their reading.
 */
import { createForUser, parseThreadId } from 'user-execution-context'
import { sendJson } from '../answer.ts'
import type { Handler } from '../route.ts'
import { authenticate } from '../services.ts'
import { unlessForgotten } from './unless-forgotten.ts'

/** Cancels the runs of a thread of the user; a thread of another user and an unknown one are answered alike. */
export const stopRuns =
  (parameter: string): Handler =>
  async ({ request, response, services, parameters }) => {
    const context = createForUser(await authenticate(services, request))
    const threadId = parseThreadId(parameters[parameter])
    const { goldenPath } = services
    const runs = (await goldenPath.listRuns(context)).filter((run) => run.threadId === threadId)
    // A run that was forgotten since it was listed has nothing left to cancel.
    const cancelled = await Promise.all(
      runs.map(({ runId }) => goldenPath.cancel(context, runId).catch(unlessForgotten(false))),
    )
    sendJson(response, 200, { cancelledRuns: cancelled.filter(Boolean).length })
  }
