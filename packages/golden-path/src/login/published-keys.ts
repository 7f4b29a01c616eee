/**
 * The keys that an issuer publishes (RFC 7517), kept, and fetched again when they are old or one is missing.
 */
import { createLocalJWKSet, errors, type JSONWebKeySet } from 'jose'
import { setTimeout as pause } from 'node:timers/promises'
import { ContextError } from 'user-execution-context'
import type { FoundKey, JwtKeys } from './jwt-keys.ts'

/** A key that the issuer has withdrawn is refused after this time. */
const maxAgeMs = 600_000
/**
 * From this age on, keys are fetched while the old ones serve: an issuer that is down for a moment locks nobody out.
 */
const refreshAgeMs = 300_000
/** How long an issuer that failed is left alone. Each token that anybody sends would else ask it: a storm. */
const quietMs = 5000
/** Least time between two fetches for keys that are missing: short, because the next token may be of a new key… */
const shortestGapMs = 1000
/** … and twice as long after each fetch that brought nothing new, because anybody can make up the name of a key. */
const longestGapMs = 5000
/** Tokens that wait for such a fetch: a rotation may meet all users at once, and each costs a few kilobytes. */
const maxWaiting = 4096

type Held = { readonly text: string; readonly list: KeyList; readonly loadedAtMs: number }
type KeyList = ReturnType<typeof createLocalJWKSet>

/**
 * Finds keys in what `load` fetches. A token of a key that is not known waits for one more fetch, together with all
 * others that do: at once when the last fetch was a second ago, after 5 seconds at most while many such tokens come.
 *
 * Its function throws `ERR_CONTEXT_TOKEN_KEYS_UNAVAILABLE` when no keys could be fetched, and when more than 4,096
 * tokens of unknown keys wait.
 *
 * @param load - Fetches the key set.
 */
export const publishedKeys = (load: () => Promise<JSONWebKeySet>): JwtKeys => {
  let held: Held | undefined
  let loading: Promise<Held> | undefined
  let next: Promise<Held> | undefined
  let waiting = 0
  let startedAtMs = -Infinity
  let quietUntilMs = -Infinity
  let gapMs = shortestGapMs

  const start = async (): Promise<Held> => {
    if (performance.now() < quietUntilMs) throw new ContextError('ERR_CONTEXT_TOKEN_KEYS_UNAVAILABLE')
    startedAtMs = performance.now()
    try {
      const keySet = await load()
      const text = JSON.stringify(keySet)
      const loadedAtMs = startedAtMs
      // Throws for what is no key set. The same keys stay the same list, so that nothing has to be verified again.
      held = { text, loadedAtMs, list: held?.text === text ? held.list : createLocalJWKSet(keySet) }
      return held
    } catch (error) {
      quietUntilMs = performance.now() + quietMs
      throw error
    }
  }
  const fetchOnce = (): Promise<Held> => (loading ??= start().finally(() => (loading = undefined)))

  const findFresh = (): Held | undefined => {
    const ageMs = held === undefined ? Infinity : performance.now() - held.loadedAtMs
    if (ageMs > refreshAgeMs && ageMs <= maxAgeMs) fetchOnce().catch(() => undefined)
    return ageMs > maxAgeMs ? undefined : held
  }

  // One fetch that begins after now, for all who ask before it begins: what is under way may be older than the key.
  const fetchNext = (): Promise<Held> =>
    (next ??= (async () => {
      const known = held
      if (performance.now() - startedAtMs > 2 * longestGapMs) gapMs = shortestGapMs
      await pause(Math.max(0, startedAtMs + gapMs - performance.now()))
      await loading?.catch(() => undefined)
      next = undefined
      const fetched = await fetchOnce()
      gapMs = fetched.list === known?.list ? Math.min(gapMs * 2, longestGapMs) : shortestGapMs
      return fetched
    })())

  return {
    currentList: () => findFresh()?.list,
    find: async (header, token) => {
      const askedAtMs = performance.now()
      const known = findFresh() ?? (await fetchOnce())
      try {
        return await findIn(known, header, token)
      } catch (error) {
        if (!(error instanceof errors.JWKSNoMatchingKey) || known.loadedAtMs >= askedAtMs) throw error
      }
      if (waiting >= maxWaiting || performance.now() < quietUntilMs)
        throw new ContextError('ERR_CONTEXT_TOKEN_KEYS_UNAVAILABLE')
      waiting++
      try {
        return await findIn(await fetchNext(), header, token)
      } finally {
        waiting--
      }
    },
  }
}

async function findIn({ list }: Held, ...asked: Parameters<JwtKeys['find']>): Promise<FoundKey> {
  return { key: await list(...asked), list }
}
