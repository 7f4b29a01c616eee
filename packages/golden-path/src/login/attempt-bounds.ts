/**
 * The bounds of failed sign-ins, and their check.
 */
import { ContextError, findUnknownKeys, type Issue } from 'user-execution-context'

/** Bounds of failed sign-ins. Each at least 1. */
export type AttemptLimitOptions = {
  /** Failures for one user name from one address within the window. Default 10. */
  readonly perUser?: number
  /** Failures from one address within the window, whatever the names. Default 50. */
  readonly perAddress?: number
  /**
   * Failures for one user name from all addresses within the window. From then on an address may fail 3 times for this
   * name: an attacker with many addresses gets 3 guesses from each, and the user signs in from an address of their own.
   * Default 100.
   */
  readonly perUserEverywhere?: number
  /** Length of the window, from the first failure in it. Default 900,000 (15 minutes). */
  readonly windowMs?: number
  /** Names and addresses remembered; beyond it the oldest are forgotten. Default 100,000. */
  readonly maxKeys?: number
}

/** Bounds that have been checked, with their defaults. */
export type AttemptBounds = Required<Omit<AttemptLimitOptions, 'perUser' | 'perUserEverywhere'>> & {
  /** How often a name may fail at one address, when it has failed so often at all of them. */
  readonly toPerUser: (failuresEverywhere: number) => number
}

/** Failures that a name has left at each address once it is guessed from many. */
const failuresUnderAttack = 3

/**
 * Checks bounds: for a store of attempts of yours. No count is ever as large as NaN: a setting that could not be read
 * would switch the limit off.
 *
 * @param more - Bounds of the store's own, by name: each a number from 1 up, too.
 * @throws {ContextError} `ERR_CONTEXT_INVALID_OPTIONS` when a bound is no number from 1 up, or is not known.
 * @example
 * ```ts
 * import { parseAttemptBounds } from '@user-execution-context/golden-path/login'
 *
 * export const { perAddress, toPerUser } = parseAttemptBounds({ perUser: 5 })
 * ```
 */
export const parseAttemptBounds = (
  options: AttemptLimitOptions = {},
  more: Readonly<Record<string, number>> = {},
): AttemptBounds => {
  const { perUser = 10, perAddress = 50, perUserEverywhere = 100, windowMs = 900_000, maxKeys = 100_000 } = options
  const bounds = { perUser, perAddress, perUserEverywhere, windowMs, maxKeys, ...more }
  const issues: Issue[] = findUnknownKeys(options, Object.keys(bounds))
  for (const [path, value] of Object.entries(bounds)) {
    if (typeof value !== 'number' || Number.isNaN(value)) issues.push({ path, kind: 'not a number' })
    else if (value < 1) issues.push({ path, kind: 'too small' })
  }
  if (issues.length > 0) throw new ContextError('ERR_CONTEXT_INVALID_OPTIONS', { issues })
  const toPerUser = (failuresEverywhere: number): number =>
    failuresEverywhere >= perUserEverywhere ? Math.min(perUser, failuresUnderAttack) : perUser
  return { perAddress, windowMs, maxKeys, toPerUser }
}
