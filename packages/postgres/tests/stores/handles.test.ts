import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { HandleEntry, HandleStore } from 'user-execution-context'
import { handleStoreContract, type HandleStoreCaseValue } from '@user-execution-context/testing'
import { openPostgres, postgresHandleStore } from '../../src/index.ts'
import { openNode } from '../open-ports.ts'
import { runAsAdmin, testDatabase } from '../test-database.ts'

type Store = HandleStore<HandleStoreCaseValue>
const database = testDatabase()
let nodes: readonly Awaited<ReturnType<typeof openNode>>[]
beforeAll(async () => {
  nodes = await Promise.all([openNode(database), openNode(database)])
})
afterAll(async () => {
  for (const node of nodes) await node.close()
})
const openStore = async (): Promise<Store> => {
  await runAsAdmin(database.name, 'TRUNCATE uec.handles')
  return postgresHandleStore({ postgres: nodes[0]!.postgres })
}

/** A store whose every call goes to another node than the one before. */
const openInTurn = async (): Promise<Store> => {
  await openStore()
  const stores = nodes.map(({ postgres }) => postgresHandleStore<HandleStoreCaseValue>({ postgres }))
  let calls = 0
  const next = (): Store => stores[calls++ % stores.length]!
  return {
    insert: (...given) => next().insert(...given),
    find: (...given) => next().find(...given),
    retie: (...given) => next().retie(...given),
    remove: (...given) => next().remove(...given),
    takeEnded: (...given) => next().takeEnded(...given),
  }
}

describe('postgresHandleStore keeps the contract of a store of handles', () => {
  it.each(handleStoreContract(openStore))('$name', ({ run }) => run())
})

describe('postgresHandleStore, of two nodes, keeps the contract of a store of handles', () => {
  it.each(handleStoreContract(openInTurn))('$name', ({ run }) => run())
})

const newEntry = (ownerKey: string, endsAtMs = Date.now() + 60_000): HandleEntry<HandleStoreCaseValue> => ({
  ...{ ownerKey, handleDigest: crypto.randomUUID(), endsAtMs, tie: {} },
  value: { cursor: 1, words: ['\u0000', '\ud800', '__proto__'] },
})

describe('postgresHandleStore', () => {
  it('keeps the limit of all users when many handles come at once, at two nodes', async () => {
    const store = await openInTurn()
    const asked = Array.from({ length: 60 }, (_, index) =>
      store.insert(newEntry(`owner-${index % 20}`), { maxPerUser: 3, maxTotal: 25 }),
    )
    const insertions = await Promise.all(asked)
    const kept = insertions.filter((insertion) => insertion === 'kept')
    expect([kept.length, insertions.filter((insertion) => insertion === 'full').length]).toEqual([25, 35])
  })

  it('gives each handle that has ended to one node, when both take at once', async () => {
    const store = await openInTurn()
    for (let index = 0; index < 30; index++)
      await store.insert(newEntry(`owner-${index}`, Date.now() - 1), { maxPerUser: 5, maxTotal: 100 })
    const taken = (await Promise.all(Array.from({ length: 6 }, () => store.takeEnded(10)))).flat()
    expect(new Set(taken.map(({ handleDigest }) => handleDigest)).size).toBe(taken.length)
    expect(taken.length + (await store.takeEnded(100)).length).toBe(30)
  })

  it('gives a value back as it was given, whatever JSON allows in it', async () => {
    const store = await openStore()
    const entry = newEntry('owner-1')
    await store.insert(entry, { maxPerUser: 5, maxTotal: 5 })
    expect((await store.find('owner-1', entry.handleDigest))?.value).toEqual(entry.value)
  })

  it('is refused without a worker’s login', async () => {
    const postgres = await openPostgres({ connections: { service: database.service } })
    expect(() => postgresHandleStore({ postgres })).toThrow(
      expect.objectContaining({ issues: [{ path: 'connections.worker', kind: 'missing' }] }),
    )
    await postgres.close()
  })

  it('lets the role that serves users take and count nothing of others', async () => {
    for (const sql of ['SELECT uec.count_handles()', 'SELECT uec.take_ended_handles(1)'])
      await expect(nodes[0]!.postgres.service.query(sql)).rejects.toMatchObject({ code: '42501' })
  })
})
