/**
 * How often somebody may fail to sign in: counted for a user name at an address, for the address, and for the name.
 *
 * Stops guessing one user's password, and many users' from one place. A right sign-in is never limited, however often,
 * and what others fail at elsewhere keeps no user out.
 */
import { ContextError, encodeKey } from 'user-execution-context'
import { parseAttemptBounds, type AttemptLimitOptions } from './attempt-bounds.ts'
import { toNameKey } from './stored-user.ts'

/**
 * One attempt under way. Settle it once, and await that: until then it holds a place. What is settled again, or is
 * settled already, changes nothing.
 */
export type Attempt = {
  /** The password was right: forgets what this user failed at from this address. */
  readonly succeed: () => void | Promise<void>
  /** The password was wrong. It counts once this has resolved. */
  readonly fail: () => void | Promise<void>
  /** The password was not compared: this attempt does not count. */
  readonly withdraw: () => void | Promise<void>
}

/** Counts attempts. */
export type AttemptLimits = {
  /**
   * Begins an attempt, before the password is compared. As many are under way at once as may fail; more wait until it
   * is known how those ended, so that guesses sent together cannot pass together.
   */
  readonly begin: (userName: string, address: string) => Promise<Attempt>
}

type Count = { failures: number; underWay: number; endsAtMs: number; readonly waiting: Set<() => void> }

const maxWaiting = 1000

/**
 * Makes a counter. Its begin() rejects with `ERR_CONTEXT_SIGN_IN_LIMIT` when a limit is reached, and with
 * `ERR_CONTEXT_SIGN_IN_BUSY` when more than 1,000 attempts of one name at one address wait.
 *
 * @throws {ContextError} `ERR_CONTEXT_INVALID_OPTIONS` when a bound is no number from 1 up.
 * @example
 * ```ts
 * import { attemptLimits } from '@user-execution-context/golden-path/login'
 *
 * export const limits = attemptLimits({ perUser: 5 })
 * ```
 */
export const attemptLimits = (options: AttemptLimitOptions = {}): AttemptLimits => {
  const { perAddress, windowMs, maxKeys, toPerUser } = parseAttemptBounds(options)
  const counts = new Map<string, Count>()

  const find = (key: string): Count | undefined => {
    const known = counts.get(key)
    if (known !== undefined && known.endsAtMs <= performance.now())
      Object.assign(known, { failures: 0, endsAtMs: Infinity })
    return known
  }
  const ensure = (key: string): Count => {
    const known = find(key)
    if (known !== undefined) return known
    const fresh: Count = { failures: 0, underWay: 0, endsAtMs: Infinity, waiting: new Set() }
    counts.set(key, fresh)
    forgetOldest(counts, maxKeys)
    return fresh
  }
  const failuresOf = (key: string): number => find(key)?.failures ?? 0

  return Object.freeze({
    begin: async (userName: string, address: string) => {
      const name = toNameKey(userName)
      const [everywhere, here, fromAddress] = [
        ['user', name],
        ['user at address', name, address],
        ['address', address],
      ].map(encodeKey) as [string, string, string]
      for (;;) {
        const perUserHere = toPerUser(failuresOf(everywhere))
        // Before anything is remembered: names that a refused address makes up would push out the counts of others.
        if (failuresOf(here) >= perUserHere || failuresOf(fromAddress) >= perAddress)
          throw new ContextError('ERR_CONTEXT_SIGN_IN_LIMIT')
        const bounds = [
          { count: ensure(here), limit: perUserHere },
          { count: ensure(fromAddress), limit: perAddress },
        ] as const
        const full = bounds.find(({ count, limit }) => count.failures + count.underWay >= limit)
        if (full === undefined) return toAttempt(bounds[0].count, [bounds[1].count, ensure(everywhere)], windowMs)
        await waitAt(full.count)
      }
    },
  })
}

function toAttempt(here: Count, others: readonly Count[], windowMs: number): Attempt {
  const all = [here, ...others]
  let isSettled = false
  const settle = (change: (count: Count) => void) => (): void => {
    if (isSettled) return
    isSettled = true
    for (const count of all) {
      count.underWay--
      change(count)
      // Each looks again: one may go on, or all are refused.
      for (const look of count.waiting) look()
      count.waiting.clear()
    }
  }
  for (const count of all) count.underWay++
  return Object.freeze({
    succeed: settle((count) => {
      if (count === here) count.failures = 0
    }),
    fail: settle((count) => {
      if (count.failures++ === 0) count.endsAtMs = performance.now() + windowMs
    }),
    withdraw: settle(() => {}),
  })
}

async function waitAt({ waiting }: Count): Promise<void> {
  if (waiting.size >= maxWaiting) throw new ContextError('ERR_CONTEXT_SIGN_IN_BUSY')
  await new Promise<void>((resolve) => waiting.add(resolve))
}

function forgetOldest(counts: Map<string, Count>, maxKeys: number): void {
  for (const [key, { underWay }] of counts) {
    if (counts.size <= maxKeys) return
    if (underWay === 0) counts.delete(key)
  }
}
