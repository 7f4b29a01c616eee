/**
 * What every store of ownedHandles() must do, as cases that any test runner can run.
 */
import type { HandleEntry, HandleInsertion, HandleStore } from 'user-execution-context'

/** One behaviour: a sentence, and a check that rejects with what was found instead. */
export type HandleStoreCase = { readonly name: string; readonly run: () => Promise<void> }

/** What the cases keep: plain JSON. */
export type HandleStoreCaseValue = { readonly cursor: number; readonly words: readonly string[] }

const limits = { maxPerUser: 3, maxTotal: 5 }

/**
 * The cases for a store of handles.
 *
 * @param openStore - Gives a store without entries. Each case opens one of its own.
 * @example
 * ```ts
 * import { handleStoreContract } from '@user-execution-context/testing'
 * import { inProcessHandleStore } from 'user-execution-context'
 *
 * for (const { run } of handleStoreContract(() => inProcessHandleStore())) await run()
 * ```
 */
export const handleStoreContract = (
  openStore: () => HandleStore<HandleStoreCaseValue> | Promise<HandleStore<HandleStoreCaseValue>>,
): readonly HandleStoreCase[] => {
  const newCase = (name: string, run: (store: HandleStore<HandleStoreCaseValue>) => Promise<void>) => ({
    name,
    run: async () => run(await openStore()),
  })
  return [
    newCase('finds what it keeps, with every field', async (store) => {
      const entry = newEntry('owner-1', { tie: { endsAtMs: 9_999_999_999_999, issuedAtMs: 1, sessionId: 's-1' } })
      expectSame(await store.insert(entry, limits), 'kept')
      expectSame(await store.find('owner-1', entry.handleDigest), entry)
      expectSame(await store.find('owner-1', entry.handleDigest), entry)
    }),
    newCase('finds nothing under another owner, nor under an owner and a digest that run together', async (store) => {
      const entry = newEntry('a:b', { handleDigest: 'c' })
      await store.insert(entry, limits)
      for (const [owner, digest] of [
        ['owner-2', 'c'],
        ['a', 'b:c'],
        ['a:b:c', ''],
        ['A:B', 'c'],
        ['a:b', 'C'],
      ] as const) {
        expectSame(await store.find(owner, digest), undefined)
        expectSame(await store.remove(owner, digest), undefined)
      }
      expectSame(await store.find('a:b', 'c'), entry)
    }),
    newCase('keeps entries of two owners under one digest apart', async (store) => {
      const [mine, theirs] = [newEntry('owner-1', { handleDigest: 'c' }), newEntry('owner-2', { handleDigest: 'c' })]
      expectSame(await store.insert(mine, limits), 'kept')
      expectSame(await store.insert(theirs, limits), 'kept')
      expectSame(await store.remove('owner-2', 'c'), theirs)
      expectSame(await store.find('owner-1', 'c'), mine)
    }),
    newCase('removes an entry once, also when many ask at the same time', async (store) => {
      const entry = newEntry('owner-1')
      await store.insert(entry, limits)
      const asked = Array.from({ length: 10 }, async () => store.remove('owner-1', entry.handleDigest))
      expectSame((await Promise.all(asked)).filter((removed) => removed !== undefined).length, 1)
      expectSame(await store.find('owner-1', entry.handleDigest), undefined)
    }),
    newCase('refuses one more than a user may have, and takes one again after a removal', async (store) => {
      const entries = await fill(store, 'owner-1', limits.maxPerUser)
      expectSame(await store.insert(newEntry('owner-1'), limits), 'user full')
      expectSame(await store.insert(newEntry('owner-2'), limits), 'kept')
      await store.remove('owner-1', entries[0]!.handleDigest)
      expectSame(await store.insert(newEntry('owner-1'), limits), 'kept')
    }),
    newCase('refuses one more than all may have, and evicts nobody', async (store) => {
      const entries = [...(await fill(store, 'owner-1', 3)), ...(await fill(store, 'owner-2', 2))]
      expectSame(await store.insert(newEntry('owner-3'), limits), 'full')
      for (const entry of entries) expectSame(await store.find(entry.ownerKey, entry.handleDigest), entry)
    }),
    newCase('keeps exactly as many as there is room for when many come at the same time', async (store) => {
      const asked = Array.from({ length: 10 }, async () => store.insert(newEntry('owner-1'), limits))
      const kept = (await Promise.all(asked)).filter((insertion) => insertion === 'kept')
      expectSame(kept.length, limits.maxPerUser)
    }),
    newCase('neither finds nor counts what has ended', async (store) => {
      const ended = newEntry('owner-1', { endsAtMs: Date.now() - 1 })
      expectSame(await store.insert(ended, limits), 'kept')
      expectSame(await store.find('owner-1', ended.handleDigest), undefined)
      await fill(store, 'owner-1', limits.maxPerUser)
      expectSame(await store.insert(newEntry('owner-1'), limits), 'user full')
      await fill(store, 'owner-2', limits.maxTotal - limits.maxPerUser)
      expectSame(await store.insert(newEntry('owner-2'), limits), 'full')
    }),
    newCase('gives what has ended to one caller, and nothing else', async (store) => {
      const live = newEntry('owner-1')
      const ended = ['owner-1', 'owner-2'].map((owner) => newEntry(owner, { endsAtMs: Date.now() - 1 }))
      for (const entry of [live, ...ended]) await store.insert(entry, limits)
      const one = await store.takeEnded(1)
      const more = await store.takeEnded(10)
      expectSame([one.length, more.length], [1, 1])
      expectSame(
        [...one, ...more].map(({ handleDigest }) => handleDigest).sort(),
        ended.map(({ handleDigest }) => handleDigest).sort(),
      )
      expectSame((await store.takeEnded(10)).length, 0)
      expectSame(await store.remove('owner-2', ended[1]!.handleDigest), undefined)
      expectSame(await store.find('owner-1', live.handleDigest), live)
    }),
    newCase('ties an entry anew and changes nothing else', async (store) => {
      const entry = newEntry('owner-1', { tie: { endsAtMs: 1, sessionId: 's-1' } })
      await store.insert(entry, limits)
      await store.retie('owner-2', entry.handleDigest, { endsAtMs: 3 })
      await store.retie('owner-1', 'no such entry', { endsAtMs: 3 })
      expectSame(await store.find('owner-1', entry.handleDigest), entry)
      await store.retie('owner-1', entry.handleDigest, { endsAtMs: 2, issuedAtMs: 1 })
      expectSame(await store.find('owner-1', entry.handleDigest), { ...entry, tie: { endsAtMs: 2, issuedAtMs: 1 } })
      expectSame(await store.find('owner-1', 'no such entry'), undefined)
    }),
  ]
}

const newEntry = (
  ownerKey: string,
  more: Partial<HandleEntry<HandleStoreCaseValue>> = {},
): HandleEntry<HandleStoreCaseValue> => ({
  ownerKey,
  handleDigest: crypto.randomUUID(),
  endsAtMs: Date.now() + 60_000,
  tie: {},
  value: { cursor: 7, words: ["it's", '"ducks"', '鴨'] },
  ...more,
})

async function fill(
  store: HandleStore<HandleStoreCaseValue>,
  ownerKey: string,
  count: number,
): Promise<readonly HandleEntry<HandleStoreCaseValue>[]> {
  const entries = Array.from({ length: count }, () => newEntry(ownerKey))
  for (const entry of entries) expectSame(await store.insert(entry, limits), 'kept')
  return entries
}

type Comparable =
  | HandleEntry<HandleStoreCaseValue>
  | HandleInsertion
  | readonly (string | number)[]
  | number
  | undefined

/** Compares as JSON with sorted keys: a database gives keys back in another order. */
function expectSame(actual: Comparable, expected: Comparable): void {
  const [found, wanted] = [toText(actual), toText(expected)]
  if (found !== wanted) throw new Error(`The store gave ${found}, instead of ${wanted}`)
}

function toText(value: unknown): string {
  const sorted = (_key: string, part: unknown): unknown =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([one], [other]) => (one < other ? -1 : 1)))
      : part
  return String(JSON.stringify(value, sorted))
}
