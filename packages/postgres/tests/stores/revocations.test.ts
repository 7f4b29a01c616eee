import { setTimeout as pause } from 'node:timers/promises'
import { identityProvider, liveSessions } from 'user-execution-context'
import type { Pool } from 'pg'
import { describe, expect, inject, it, vi } from 'vitest'
import { revocationStoreContract, type RevocationNode } from '@user-execution-context/testing'
import { postgresRevocations } from '../../src/index.ts'
import { openNode as openPorts } from '../open-ports.ts'
import { OutageProxy } from '../outage-proxy.ts'
import { queryAsAdmin, runAsAdmin, testDatabase } from '../test-database.ts'

const database = testDatabase()

/** A process whose every connection can be cut, the one that hears too. */
const openNode = async (): Promise<RevocationNode & { readonly forget: () => void; readonly service: Pool }> => {
  const network = new OutageProxy(inject('serverHost'))
  await network.open()
  const { host } = network
  const ports = await openPorts({
    ...{ name: database.name, migrate: database.migrate },
    ...{ service: { ...database.service, host }, worker: { ...database.worker, host } },
    ...{ listen: { ...database.listen, host } },
  })
  return {
    store: await postgresRevocations({ ...ports.ports, pollMs: 20 }),
    cut: () => network.cut(),
    connect: () => network.heal(),
    forget: () => network.forget(),
    service: ports.postgres.service,
    close: async () => {
      await ports.close()
      network.close()
    },
  }
}

/** A pool that asks by another function. */
const asking = (pool: Pool, query: (...given: never[]) => unknown): Pool =>
  new Proxy(pool, { get: (target, name) => (name === 'query' ? query : Reflect.get(target, name)) })

/** While nothing of this database can write a revocation down, as with a full disk. */
const withoutWriting = async (run: () => Promise<void>): Promise<void> => {
  await runAsAdmin(database.name, 'REVOKE INSERT ON uec.revocations FROM uec_service, uec_worker')
  try {
    await run()
  } finally {
    await runAsAdmin(database.name, 'GRANT INSERT ON uec.revocations TO uec_service, uec_worker')
  }
}

/** `signed in`, or the code of what refuses it. */
const answerOf = (signIn: (credentials: string) => Promise<unknown>): Promise<string | undefined> =>
  signIn('').then(
    () => 'signed in',
    (error: { readonly code?: string }) => error.code,
  )

describe('postgresRevocations keeps the contract of a store of revocations', () => {
  it.each(revocationStoreContract({ openNode, isShared: true }))('$name', ({ run }) => run())
})

describe('postgresRevocations', () => {
  it('tells nobody anything after they have stopped to listen, of a look under way either', async () => {
    const ports = await openPorts(database)
    const { revocations } = ports.postgres
    let looks = 0
    let answer!: () => void
    const held = new Promise<void>((resolve) => (answer = resolve))
    const query = async (...given: Parameters<typeof revocations.query>) => {
      const rows: unknown = await (revocations.query as Function)(...given)
      // The first is the one that opens the store.
      if (++looks > 1) await held
      return rows
    }
    const pool = asking(revocations, query)
    const other = await postgresRevocations(ports.ports)
    const store = await postgresRevocations({
      ...ports.ports,
      postgres: { ...ports.postgres, revocations: pool },
      pollMs: 20,
    })
    await other.write({ key: 'k', notBeforeMs: 1, untilMs: Date.now() + 3_600_000, reason: 'signed-out' } as never)
    const told: string[] = []
    const stop = store.follow!({ revoked: () => told.push('revoked'), heard: () => told.push('heard') })
    await expect.poll(() => looks, { timeout: 20_000 }).toBe(2)
    stop()
    answer()
    await expect.poll(() => ports.postgres.revocations.idleCount, { timeout: 20_000 }).toBeGreaterThan(0)
    for (let turn = 0; turn < 10; turn++) await new Promise(setImmediate)
    expect(told).toEqual([])
    await ports.close()
  })

  it('writes down once the database is back what it could not write: nobody can ask for it again', async () => {
    const [one, two] = await Promise.all([openNode(), openNode()])
    const heard: unknown[] = []
    const stops = [one, two].map(({ store }) =>
      store.follow!({
        revoked: ({ key, notBeforeMs }) => void heard.push([key, notBeforeMs]),
        heard: () => undefined,
      }),
    )
    const tombstone = { key: 'later', notBeforeMs: 1, untilMs: Date.now() + 3_600_000, reason: 'signed-out' }
    one.cut!()
    await expect(one.store.write(tombstone as never)).rejects.toThrow()
    // Longer than clocks may differ: who has signed in meanwhile stays.
    await pause(1_200)
    one.connect!()
    await expect.poll(() => heard, { timeout: 20_000 }).toContainEqual(['later', 1])
    for (const stop of stops) stop()
    await Promise.all([one, two].map((node) => node.close!()))
  })

  it('holds for tokens of before, also where the clock of the node that signs out is behind', async () => {
    await runAsAdmin(database.name, 'TRUNCATE uec.revocations')
    const ports = await openPorts(database)
    const store = await postgresRevocations({ ...ports.ports, pollMs: 20 })
    const sessions = liveSessions({
      maxProofMs: 3_600_000,
      store: await postgresRevocations({ ...ports.ports, pollMs: 20 }),
    })
    const issuedAtMs = Date.now() - 1_000
    const verify = async () => ({ userId: 'behind', sessionId: 's', issuedAtMs, expiresAtMs: issuedAtMs + 600_000 })
    const signIn = identityProvider({ name: 'tokens', sessions, verify })
    await expect.poll(() => signIn('').then(Boolean, () => false)).toBe(true)
    const behind = liveSessions({ maxProofMs: 3_600_000, store: { write: store.write } })
    const { now } = Date
    const clock = vi.spyOn(Date, 'now').mockImplementation(() => now() - 120_000)
    await behind.revoke({ user: { namespace: 'tokens', userId: 'behind' } }).finally(() => clock.mockRestore())
    await expect.poll(() => answerOf(signIn)).toBe('ERR_CONTEXT_IDENTITY_REVOKED')
    for (const registry of [sessions, behind]) registry.close()
    await ports.close()
  })

  it('holds where that clock was set right before the database was back', async () => {
    await runAsAdmin(database.name, 'TRUNCATE uec.revocations')
    const node = await openNode()
    const following = liveSessions({ maxProofMs: 3_600_000, store: node.store })
    const issuedAtMs = Date.now() - 1_000
    const verify = async () => ({ userId: 'late', sessionId: 's', issuedAtMs, expiresAtMs: issuedAtMs + 600_000 })
    await expect.poll(() => following.isLivenessKnown).toBe(true)
    node.cut!()
    const { now } = Date
    const clock = vi.spyOn(Date, 'now').mockImplementation(() => now() - 120_000)
    const revoking = following.revoke({ user: { namespace: 'tokens', userId: 'late' } })
    await expect(revoking.finally(() => clock.mockRestore())).rejects.toThrow()
    node.connect!()
    const other = await openNode()
    const sessions = liveSessions({ maxProofMs: 3_600_000, store: other.store })
    const signIn = identityProvider({ name: 'tokens', sessions, verify })
    await expect.poll(() => answerOf(signIn), { timeout: 20_000 }).toBe('ERR_CONTEXT_IDENTITY_REVOKED')
    for (const registry of [sessions, following]) registry.close()
    await Promise.all([node, other].map(({ close }) => close!()))
  })

  it('is heard of soon where the network forgot all connections, whatever a statement may take', async () => {
    const [forgetful, other] = await Promise.all([openNode(), openNode()])
    const heard: string[] = []
    const stop = forgetful.store.follow!({ revoked: ({ key }) => void heard.push(key), heard: () => undefined })
    forgetful.forget()
    const tombstone = { key: 'soon', notBeforeMs: 1, untilMs: Date.now() + 3_600_000, reason: 'signed-out' }
    await other.store.write(tombstone as never)
    // A statement may take 30 seconds here.
    await expect.poll(() => heard, { timeout: 20_000 }).toContain('soon')
    stop()
    await Promise.all([forgetful, other].map((node) => node.close!()))
  })

  it('is heard of, and written, while users have all connections', async () => {
    const [busy, other] = await Promise.all([openPorts(database), openPorts(database)])
    const store = await postgresRevocations({ ...busy.ports, pollMs: 20 })
    const { service } = busy.postgres
    const taken = await Promise.all(Array.from({ length: service.options.max }, () => service.connect()))
    const heard: string[] = []
    const stop = store.follow!({ revoked: ({ key }) => void heard.push(key), heard: () => undefined })
    const tombstone = { key: 'busy', notBeforeMs: 1, untilMs: Date.now() + 3_600_000, reason: 'signed-out' }
    await (await postgresRevocations(other.ports)).write(tombstone as never)
    await expect.poll(() => heard, { timeout: 20_000 }).toContain('busy')
    // It waits for a connection, gives up, and is written as what could not be written.
    await expect(store.write({ ...tombstone, key: 'of the busy' } as never)).rejects.toThrow()
    await expect.poll(() => heard, { timeout: 20_000 }).toContain('of the busy')
    for (const client of taken) client.release()
    stop()
    await Promise.all([busy, other].map(({ close }) => close()))
  })

  it('gives a sign-out up soon where the network forgot all connections', async () => {
    const node = await openNode()
    const tombstone = { key: 'asked', notBeforeMs: 1, untilMs: Date.now() + 3_600_000, reason: 'signed-out' }
    // Wakes may take one of them.
    await Promise.all([1, 2, 3].map(() => node.service.query('SELECT pg_sleep(0.1)')))
    node.forget()
    let answer = ''
    node.store.write(tombstone as never).then(
      () => (answer = 'written'),
      () => (answer = 'refused'),
    )
    // A statement may take 30 seconds here.
    await expect.poll(() => answer, { timeout: 20_000 }).toBe('refused')
    await node.close!()
  })

  it('writes down once what it could not write', async () => {
    const ports = await openPorts(database)
    const store = await postgresRevocations({ ...ports.ports, pollMs: 20 })
    const tombstone = { key: 'once', notBeforeMs: 1, untilMs: Date.now() + 3_600_000, reason: 'signed-out' }
    await withoutWriting(() => expect(store.write(tombstone as never)).rejects.toThrow('permission denied'))
    let looks = 0
    const stop = store.follow!({ revoked: () => undefined, heard: () => void looks++ })
    const readTimes = () => queryAsAdmin(database.name, "SELECT written_at FROM uec.revocations WHERE key = 'once'")
    await expect.poll(readTimes, { timeout: 20_000 }).toHaveLength(1)
    const [written] = await readTimes()
    const before = looks
    await expect.poll(() => looks, { timeout: 20_000 }).toBeGreaterThan(before + 2)
    expect(await readTimes()).toEqual([written])
    stop()
    await ports.close()
  })

  it('is heard of by a node that cannot write its own', async () => {
    const ports = await openPorts(database)
    const store = await postgresRevocations({ ...ports.ports, pollMs: 20 })
    const tombstone = { key: 'own', notBeforeMs: 1, untilMs: Date.now() + 3_600_000, reason: 'signed-out' }
    await withoutWriting(async () => {
      await expect(store.write(tombstone as never)).rejects.toThrow('permission denied')
      const heard: string[] = []
      let times = 0
      const stop = store.follow!({ revoked: ({ key }) => void heard.push(key), heard: () => void times++ })
      await runAsAdmin(
        database.name,
        `INSERT INTO uec.revocations VALUES ('of another', 1, ${tombstone.untilMs}, 'session_revoked')`,
      )
      await expect.poll(() => heard, { timeout: 20_000 }).toContain('of another')
      await expect.poll(() => times, { timeout: 20_000 }).toBeGreaterThan(0)
      stop()
    })
    await ports.close()
  })
})
