/**
 * A store of handles in this process: for one process, and for values that are live objects.
 */
import { KeptMap } from '../facts/assert-sealed.ts'
import type { HandleEntry, HandleStore } from './handle-store.ts'

// Captured before any other code can replace them.
const { freeze } = Object

/**
 * Makes a store of handles in the memory of this process: what ownedHandles() uses when it is given none. A restart
 * forgets them, and a second process knows nothing of them.
 *
 * @example
 * ```ts
 * import { inProcessHandleStore, ownedHandles } from 'user-execution-context'
 *
 * const store = inProcessHandleStore<{ readonly cursor: number }>()
 * export const searches = ownedHandles({ ttlMs: 600_000, maxPerUser: 10, maxTotal: 10_000, store })
 * ```
 */
export const inProcessHandleStore = <Value>(): HandleStore<Value> => {
  // A map in a map: no pair of owner and digest can be mistaken for another.
  const owners = new KeptMap<string, Map<string, HandleEntry<Value>>>()
  let total = 0
  /** Nothing ends before: a store that is full looks through all of it only when something may have ended. */
  let earliestEndMs = Infinity

  const remove = (ownerKey: string, handleDigest: string): HandleEntry<Value> | undefined => {
    const entries = owners.get(ownerKey)
    const entry = entries?.get(handleDigest)
    if (entries === undefined || entry === undefined) return undefined
    entries.delete(handleDigest)
    if (entries.size === 0) owners.delete(ownerKey)
    total--
    return entry
  }
  function* all(): Generator<HandleEntry<Value>> {
    for (const entries of owners.values()) yield* entries.values()
  }
  const isFull = (maxTotal: number): boolean => {
    if (total < maxTotal) return false
    if (Date.now() < earliestEndMs) return true
    earliestEndMs = Infinity
    for (const { endsAtMs } of all()) earliestEndMs = Math.min(earliestEndMs, endsAtMs)
    return countLive(all()) >= maxTotal
  }

  return freeze({
    insert: (entry, { maxPerUser, maxTotal }) => {
      const entries = owners.get(entry.ownerKey)
      if (entries !== undefined && entries.size >= maxPerUser && countLive(entries.values()) >= maxPerUser)
        return 'user full'
      if (isFull(maxTotal)) return 'full'
      if (entries === undefined) owners.set(entry.ownerKey, new KeptMap([[entry.handleDigest, entry]]))
      else entries.set(entry.handleDigest, entry)
      total++
      earliestEndMs = Math.min(earliestEndMs, entry.endsAtMs)
      return 'kept'
    },
    find: (ownerKey, handleDigest) => {
      const entry = owners.get(ownerKey)?.get(handleDigest)
      return entry !== undefined && entry.endsAtMs > Date.now() ? entry : undefined
    },
    retie: (ownerKey, handleDigest, tie) => {
      const entries = owners.get(ownerKey)
      const entry = entries?.get(handleDigest)
      if (entry !== undefined) entries!.set(handleDigest, freeze({ ...entry, tie }))
    },
    remove,
    takeEnded: (maxEntries) => {
      const nowMs = Date.now()
      const ended: HandleEntry<Value>[] = []
      for (const entry of all()) {
        if (ended.length >= maxEntries) break
        if (entry.endsAtMs <= nowMs) ended.push(entry)
      }
      for (const { ownerKey, handleDigest } of ended) remove(ownerKey, handleDigest)
      return ended
    },
  } satisfies HandleStore<Value>)
}

/** Entries that have ended do not count, also while nobody has taken them. */
function countLive(entries: Iterable<HandleEntry<unknown>>): number {
  const nowMs = Date.now()
  let live = 0
  for (const { endsAtMs } of entries) if (endsAtMs > nowMs) live++
  return live
}
