import { inProcessHandleStore, type HandleStore } from 'user-execution-context'
import { describe, expect, test } from 'vitest'
import { handleStoreContract, type HandleStoreCaseValue } from '../../src/contracts/handle-store-contract.ts'

type Store = HandleStore<HandleStoreCaseValue>

describe('inProcessHandleStore', () => {
  test.each(handleStoreContract(() => inProcessHandleStore()))('$name', async ({ run }) => run())
})

describe('handleStoreContract', () => {
  const faulty: Readonly<Record<string, (store: Store) => Partial<Store>>> = {
    'that finds by the digest alone': (store) => ({ find: (_owner, digest) => findAnywhere(store, digest) }),
    'that forgets the tie': (store) => ({ insert: (entry, limits) => store.insert({ ...entry, tie: {} }, limits) }),
    'that keeps more than a user may have': (store) => ({
      insert: (entry, { maxTotal }) => store.insert(entry, { maxPerUser: 100, maxTotal }),
    }),
    'that keeps more than all may have': (store) => ({
      insert: (entry, { maxPerUser }) => store.insert(entry, { maxPerUser, maxTotal: 100 }),
    }),
    'that removes nothing': (store) => ({ remove: (owner, digest) => store.find(owner, digest) }),
    'that ties nothing anew': () => ({ retie: () => {} }),
    'that gives nothing that has ended': () => ({ takeEnded: () => [] }),
    'that gives all that has ended at once': (store) => ({ takeEnded: () => store.takeEnded(100) }),
    'that looks for room and inserts in two steps': (store) => {
      let count = 0
      return {
        insert: async (entry, { maxPerUser }) => {
          if (count >= maxPerUser) return 'user full'
          await Promise.resolve()
          count++
          return store.insert(entry, { maxPerUser: 100, maxTotal: 100 })
        },
      }
    },
  }
  const owners = ['owner-1', 'owner-2', 'a:b', 'a', 'a:b:c', 'A:B']
  const findAnywhere = (store: Store, digest: string): ReturnType<Store['find']> =>
    owners.map((owner) => store.find(owner, digest)).find((entry) => entry !== undefined)

  test.each(Object.entries(faulty))('finds a store %s', async (_how, change) => {
    const cases = handleStoreContract(() => {
      const store = inProcessHandleStore<HandleStoreCaseValue>()
      return { ...store, ...change(store) }
    })
    const outcomes = await Promise.allSettled(cases.map(({ run }) => run()))
    expect(outcomes.filter(({ status }) => status === 'rejected')).not.toEqual([])
  })
})
