/**
 * Whether the user of a run is still there when its turn comes: a run that waited has not begun anything, and begins
 * nothing for a user who has left meanwhile.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { assertLive, isContextError, type UserExecutionContext } from 'user-execution-context'
import type { Awaitable } from '../ports/awaitable.ts'
import { RunCancelled, type RunCancellation } from '../ports/run-cancellation.ts'

/** How often a run asks whether sign-outs are heard again, milliseconds. */
const askMs = 100

/**
 * Why a run may not begin, or undefined. While the process hears of no sign-out it waits: an outage is no end of a run,
 * and a cancellation ends the wait.
 */
export const findRefusal = (
  context: UserExecutionContext,
  cancellation: RunCancellation,
): Awaitable<RunCancelled | undefined> => {
  if (cancellation.cancelled !== undefined) return cancellation.cancelled
  const answer = ask(context)
  return answer === 'unknown' ? askAgain(context, cancellation) : answer
}

async function askAgain(
  context: UserExecutionContext,
  cancellation: RunCancellation,
): Promise<RunCancelled | undefined> {
  for (;;) {
    await pause(askMs)
    if (cancellation.cancelled !== undefined) return cancellation.cancelled
    const answer = ask(context)
    if (answer !== 'unknown') return answer
  }
}

function ask(context: UserExecutionContext): RunCancelled | 'unknown' | undefined {
  try {
    assertLive(context)
    return undefined
  } catch (error) {
    const isUnknown = isContextError(error) && error.code === 'ERR_CONTEXT_LIVENESS_UNKNOWN'
    return isUnknown ? 'unknown' : new RunCancelled('identity_ended')
  }
}
