/**
 * How often somebody may try to sign in: counted for the user name and for the address.
 *
 * Stops guessing one user's password from many places, and many users' from one. The price, said openly: who knows a
 * user name can keep that user from signing in for the length of the window.
 */
import { ContextError, encodeKey, type Issue } from 'user-execution-context'

/** Bounds of sign-in attempts. Each at least 1. */
export type AttemptLimitOptions = {
  /** Failed attempts for one user name within the window. Default 10. */
  readonly perUser?: number
  /** Failed attempts from one address within the window. Default 50. */
  readonly perAddress?: number
  /** Length of the window, from the first attempt in it. Default 900,000 (15 minutes). */
  readonly windowMs?: number
  /** Names and addresses remembered; beyond it the oldest are forgotten. Default 100,000. */
  readonly maxKeys?: number
}

/** One attempt under way. It counts as failed until it is taken back. */
export type Attempt = {
  /** The password was right: forgets the user's failures, and this attempt of the address. */
  readonly succeed: () => void
  /** The password was not compared: this attempt does not count. */
  readonly withdraw: () => void
}

/** Counts attempts. */
export type AttemptLimits = {
  /** Counts an attempt before the password is compared, so that parallel attempts cannot pass together. */
  readonly begin: (userName: string, address: string) => Attempt
}

type Count = { attempts: number; readonly endsAtMs: number }

/**
 * Makes a counter. Its begin() throws `ERR_CONTEXT_SIGN_IN_LIMIT` when either limit is reached.
 *
 * @throws {ContextError} `ERR_CONTEXT_INVALID_OPTIONS` when a bound is no number from 1 up.
 * @example
 * ```ts
 * import { attemptLimits } from '@user-execution-context/golden-path/login'
 *
 * export const limits = attemptLimits()
 * ```
 */
export const attemptLimits = (options: AttemptLimitOptions = {}): AttemptLimits => {
  const { perUser = 10, perAddress = 50, windowMs = 900_000, maxKeys = 100_000 } = options
  assertBounds({ perUser, perAddress, windowMs, maxKeys })
  const counts = new Map<string, Count>()

  const findCount = (key: string): Count | undefined => {
    const known = counts.get(key)
    return known !== undefined && known.endsAtMs > performance.now() ? known : undefined
  }
  const ensureCount = (key: string): Count => {
    const known = findCount(key)
    if (known !== undefined) return known
    const fresh = { attempts: 0, endsAtMs: performance.now() + windowMs }
    counts.delete(key)
    counts.set(key, fresh)
    forgetOldest(counts, maxKeys)
    return fresh
  }
  const isReached = (key: string, limit: number): boolean => (findCount(key)?.attempts ?? 0) >= limit

  return Object.freeze({
    begin: (userName: string, address: string) => {
      const userKey = encodeKey(['user', userName.toLowerCase()])
      const addressKey = encodeKey(['address', address])
      // Before anything is remembered: names that a refused address makes up would push out the counts of others.
      if (isReached(userKey, perUser) || isReached(addressKey, perAddress))
        throw new ContextError('ERR_CONTEXT_SIGN_IN_LIMIT')
      const byUser = ensureCount(userKey)
      const byAddress = ensureCount(addressKey)
      byUser.attempts++
      byAddress.attempts++
      return Object.freeze({
        succeed: () => {
          counts.delete(userKey)
          byAddress.attempts--
        },
        withdraw: () => {
          byUser.attempts--
          byAddress.attempts--
        },
      })
    },
  })
}

// No count is ever as large as NaN: a setting that could not be read would switch the limit off.
function assertBounds(bounds: Readonly<Record<string, number>>): void {
  const issues = Object.entries(bounds).flatMap(([path, value]): Issue[] => {
    if (typeof value !== 'number' || Number.isNaN(value)) return [{ path, kind: 'not a number' }]
    return value < 1 ? [{ path, kind: 'too small' }] : []
  })
  if (issues.length > 0) throw new ContextError('ERR_CONTEXT_INVALID_OPTIONS', { issues })
}

function forgetOldest(counts: Map<string, Count>, maxKeys: number): void {
  for (const key of counts.keys()) {
    if (counts.size <= maxKeys) return
    counts.delete(key)
  }
}
