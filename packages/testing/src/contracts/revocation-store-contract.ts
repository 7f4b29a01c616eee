/**
 * What every store behind liveSessions() must do, as cases that any test runner can run.
 */
import type { Tombstone } from 'user-execution-context'
import { registryCases } from './revocation-registry-cases.ts'
import { eventually, expectEqual, newTombstone } from './revocation-samples.ts'
import type { RevocationCheck, RevocationNode } from './revocation-samples.ts'

/** One behaviour: a sentence, and a check that rejects with what was found instead. */
export type RevocationStoreCase = { readonly name: string; readonly run: () => Promise<void> }

/** Options of {@link revocationStoreContract}. */
export type RevocationStoreContractOptions = {
  /** Opens one more process of the same deployment. Records of other cases may be there. */
  readonly openNode: () => RevocationNode | Promise<RevocationNode>
  /** Whether several processes are open at once, and hear of each other. */
  readonly isShared: boolean
}

/**
 * The cases for a store of revocations, alone and behind a registry, also where it answers late, fails, repeats itself
 * or falls silent.
 *
 * @param options - How a process is opened, and whether there are several.
 * @example
 * ```ts
 * import { revocationStoreContract } from '@user-execution-context/testing'
 * import { fileRevocationStore } from '@user-execution-context/golden-path/login'
 *
 * const openNode = async () => ({ store: await fileRevocationStore('.data/contract') })
 * for (const { run } of revocationStoreContract({ openNode, isShared: false })) await run()
 * ```
 */
export const revocationStoreContract = (options: RevocationStoreContractOptions): readonly RevocationStoreCase[] => {
  const { openNode, isShared } = options
  const newCase = (name: string, check: RevocationCheck): RevocationStoreCase => ({
    name,
    run: async () => {
      const nodes: RevocationNode[] = []
      const open = async (): Promise<RevocationNode> => {
        const node = await openNode()
        nodes.push(node)
        return node
      }
      try {
        await check(open)
      } finally {
        for (const { close } of nodes) await close?.()
      }
    },
  })
  const cases = [...restingCases, ...registryCases, ...(isShared ? sharedCases : [])]
  return cases.map(([name, check]) => newCase(name, check))
}

const reasons = ['session_revoked', 'user_revoked', 'tenant_revoked', 'rights_changed'] as const

const restingCases: readonly (readonly [string, RevocationCheck])[] = [
  [
    'has what it took before it was opened, with every field',
    async (open) => {
      const written = reasons.map((reason) => newTombstone({ reason }))
      written.push(newTombstone({ key: `user:it's "%3A" 鴨 \\ ${crypto.randomUUID()}` }))
      const { store } = await open()
      for (const tombstone of written) await store.write(tombstone)
      expectEqual(await findAll(open, written), written)
    },
  ],
  [
    'has all of what comes at the same time',
    async (open) => {
      const written = Array.from({ length: 50 }, () => newTombstone())
      const { store } = await open()
      await Promise.all(written.map((tombstone) => store.write(tombstone)))
      expectEqual(await findAll(open, written), written)
    },
  ],
  [
    'takes a record that comes again as one, and one that has become stricter',
    async (open) => {
      const tombstone = newTombstone()
      const stricter = { ...tombstone, notBeforeMs: tombstone.notBeforeMs + 5, untilMs: tombstone.untilMs + 5 }
      const { store } = await open()
      for (const next of [tombstone, tombstone, stricter, stricter]) await store.write(next)
      expectEqual(await findAll(open, [tombstone]), [stricter])
    },
  ],
]

const sharedCases: readonly (readonly [string, RevocationCheck])[] = [
  [
    'tells a process of what another one revokes, before it says that it was heard',
    async (open) => {
      const [here, there] = [await open(), await open()]
      const heard: string[] = []
      const unfollow = there.store.follow!({
        revoked: ({ key }) => void heard.push(key),
        heard: () => void heard.push('heard'),
      })
      await eventually(() => heard.includes('heard'), 'the feed is heard')
      const tombstone = newTombstone()
      await here.store.write(tombstone)
      await eventually(() => heard.includes(tombstone.key), 'the other process is told')
      await eventually(() => heard.lastIndexOf('heard') > heard.indexOf(tombstone.key), 'the feed is heard after it')
      unfollow()
    },
  ],
  [
    'tells nobody who has left',
    async (open) => {
      const [here, there] = [await open(), await open()]
      const [left, stayed]: [string[], string[]] = [[], []]
      const leave = there.store.follow!({ revoked: ({ key }) => void left.push(key), heard: () => {} })
      const unfollow = there.store.follow!({ revoked: ({ key }) => void stayed.push(key), heard: () => {} })
      leave()
      leave()
      const tombstone = newTombstone()
      await here.store.write(tombstone)
      await eventually(() => stayed.includes(tombstone.key), 'who stayed is told')
      expectEqual(left.includes(tombstone.key), false)
      unfollow()
    },
  ],
  [
    'makes no record weaker that another process has made stricter',
    async (open) => {
      const [here, there] = [await open(), await open()]
      const tombstone = newTombstone()
      const early = { ...tombstone, notBeforeMs: tombstone.notBeforeMs - 500, untilMs: tombstone.untilMs + 500 }
      await here.store.write(tombstone)
      await there.store.write(early)
      expectEqual(await findAll(open, [tombstone]), [{ ...tombstone, untilMs: early.untilMs }])
    },
  ],
  [
    'tells a process that was cut off of all that it missed, before it says that it was heard',
    async (open) => {
      const [here, there] = [await open(), await open()]
      const heard: string[] = []
      const unfollow = there.store.follow!({
        revoked: ({ key }) => void heard.push(key),
        heard: () => void heard.push('heard'),
      })
      await eventually(() => heard.includes('heard'), 'the feed is heard')
      await there.cut!()
      const missed = [newTombstone(), newTombstone()]
      for (const tombstone of missed) await here.store.write(tombstone)
      heard.length = 0
      await there.connect!()
      await eventually(() => heard.includes('heard'), 'the feed is heard again')
      const before = heard.slice(0, heard.indexOf('heard'))
      expectEqual(
        missed.map(({ key }) => before.includes(key)),
        [true, true],
      )
      unfollow()
    },
  ],
]

/** What a process that opens now has of these records, in their order. */
async function findAll(
  open: () => Promise<RevocationNode>,
  tombstones: readonly Tombstone[],
): Promise<readonly (Tombstone | undefined)[]> {
  const { store } = await open()
  return tombstones.map(({ key }) => store.tombstones?.find((found) => found.key === key))
}
