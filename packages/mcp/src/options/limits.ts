/**
 * What one user may use at once. Nobody's use counts against another.
 */
import { toIssuePath, type Issue } from 'user-execution-context'

/** Limits for each user, and two for each request. All are whole numbers, 1 or more. */
export type McpLimits = {
  /**
   * Requests of one user in a minute, each message of a batch one; beyond them the answer is 429, and over stdio an
   * error. Default 600.
   */
  readonly requestsPerMinute: number
  /**
   * Calls of tools, resources and prompts of one user that run at once, with what lists and completes the resources of
   * a template, the completion of prompts, requests about tasks of SDK 1 but for `tasks/cancel`, and all that
   * configure() registers. One that was given up counts until its handler has ended. Default 20.
   */
  readonly concurrentCalls: number
  /** How long one call may take, milliseconds. Its scope aborts then. Default 300,000 (5 minutes). */
  readonly callMs: number
  /** Open `subscriptions/listen` streams of one user. Default 10. */
  readonly subscriptions: number
  /** Open sessions of one user, with SDK 1 only. Default 20. */
  readonly sessions: number
  /** How long a session may be unused, milliseconds, with SDK 1 only. Default 1,800,000 (30 minutes). */
  readonly idleSessionMs: number
  /** The body of a request, bytes. Default 4,194,304 (4 MiB). */
  readonly bodyBytes: number
}

const defaults: McpLimits = {
  requestsPerMinute: 600,
  concurrentCalls: 20,
  callMs: 300_000,
  subscriptions: 10,
  sessions: 20,
  idleSessionMs: 1_800_000,
  bodyBytes: 4_194_304,
}
/** The bound of timers, and enough for each of the others. */
const maxLimit = 2_147_483_647

/** All limits, with what is wrong with those that were given. */
export const parseLimits = (
  given: Partial<McpLimits> | undefined,
): { readonly limits: McpLimits; readonly issues: readonly Issue[] } => {
  if (given !== undefined && (typeof given !== 'object' || given === null))
    return { limits: defaults, issues: [{ path: 'limits', kind: 'not an object' }] }
  const issues: Issue[] = []
  const limits: Record<string, number> = { ...defaults }
  for (const [position, [name, value]] of Object.entries(given ?? {}).entries()) {
    const path = toIssuePath('limits', name, position)
    if (!Object.hasOwn(defaults, name)) issues.push({ path, kind: 'unknown key' })
    else if (value === undefined) continue
    else if (typeof value !== 'number') issues.push({ path, kind: 'not a number' })
    else if (!(value >= 1)) issues.push({ path, kind: 'too small' })
    else if (value > maxLimit) issues.push({ path, kind: 'too large' })
    else if (!Number.isInteger(value)) issues.push({ path, kind: 'does not fit' })
    else limits[name] = value
  }
  return { limits: limits as McpLimits, issues }
}
