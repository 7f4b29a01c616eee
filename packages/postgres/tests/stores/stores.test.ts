// What nodes must agree on: two of them on one database, each with pools and wakes of its own.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { assertLive, identityProvider, liveSessions, type LiveSessions } from 'user-execution-context'
import { openGoldenPath, parseLimits } from '@user-execution-context/golden-path'
import { startKeyStoreContract } from '@user-execution-context/golden-path/contracts'
import { replayMemoryContract } from '@user-execution-context/transfer/contracts'
import { postgresReplayMemory, postgresRevocations, postgresStartKeys } from '../../src/index.ts'
import { OutageProxy } from '../outage-proxy.ts'
import { newContext, openNode } from '../open-ports.ts'
import { runAsAdmin, testDatabase } from '../test-database.ts'

const database = testDatabase()
type Node = Awaited<ReturnType<typeof openNode>>
let one: Node
let two: Node
beforeAll(async () => {
  ;[one, two] = await Promise.all([openNode(database), openNode(database)])
})
afterAll(async () => {
  await Promise.all([one.close(), two.close()])
})

describe('postgresStartKeys keeps the contract of a store of idempotency keys', () => {
  const cases = startKeyStoreContract(() => postgresStartKeys({ postgres: one.postgres, limits: parseLimits() }))
  it.each(cases)('$name', ({ run }) => run())
})

describe('postgresStartKeys', () => {
  const toKey = (ownerKey: string, digest: string) => ({ ownerKey, digest, inputDigest: 'input' })
  const toRun = (ownerKey: string, runId: string) =>
    ({ ownerKey, runId, threadId: 't', requestId: 'r', createdAtMs: 1 }) as never

  it('gives the run of one node to the other', async () => {
    const [first, second] = [one, two].map(({ postgres }) => postgresStartKeys({ postgres, limits: parseLimits() }))
    await first!.claim(toKey('shared', 'k'), toRun('shared', 'run-1'))
    await first!.confirm(toKey('shared', 'k'), toRun('shared', 'run-1'))
    expect(await second!.claim(toKey('shared', 'k'), toRun('shared', 'run-2'))).toMatchObject({
      state: 'started',
      run: { runId: 'run-1' },
    })
  })

  it('takes a key that is released while another node looks why it has it', async () => {
    const [first, second] = [one, two].map(({ postgres }) => postgresStartKeys({ postgres, limits: parseLimits() }))
    const [key, run] = [toKey('released', 'k'), toRun('released', 'run-1')]
    await first!.claim(key, run)
    let released: Promise<void> | undefined
    const { service } = two.postgres
    const releaseFirst = (client: object): void => {
      const { query } = client as { query: (...given: unknown[]) => unknown }
      const between = async (...given: unknown[]): Promise<unknown> => {
        released ??= Promise.resolve(first!.release(key, run))
        await released
        return query.apply(client, given)
      }
      Object.assign(client, {
        query: (...given: unknown[]) =>
          (given[0] as { name?: string }).name === 'uec-find-start' ? between(...given) : query.apply(client, given),
      })
    }
    service.once('acquire', releaseFirst)
    expect(await second!.claim(key, toRun('released', 'run-2'))).toEqual({ state: 'claimed' })
    expect(released).toBeDefined()
  })

  // A client that tries again comes to another process, which makes a thread of its own for it.
  it.each(['files its runs and keys in one step', 'claims the key first'])(
    'gives one run of a start at both nodes where the queue %s, whatever the threads',
    async (how) => {
      const paths = [one, two].map(({ eventLog, openQueue, postgres }) => {
        const queue = openQueue(parseLimits(), { executes: false })
        return openGoldenPath({
          eventLog,
          runQueue: how.startsWith('files') ? queue : { ...queue, claimsKeysOf: undefined },
          startKeys: postgresStartKeys({ postgres, limits: parseLimits() }),
          agent: async function* () {},
        })
      })
      const tries = [...paths, ...paths].map((goldenPath) =>
        goldenPath.execute(newContext(`again-${how.length}`), { text: 'go' }, { idempotencyKey: 'k'.repeat(32) }),
      )
      const runs = await Promise.all(tries)
      expect(new Set(runs.map(({ runId, threadId }) => `${runId} ${threadId}`)).size).toBe(1)
    },
  )

  it('lets another node go ahead when the one that claimed is gone before its run was queued', async () => {
    const [lost, next] = [one, two].map(({ postgres }) =>
      postgresStartKeys({ postgres, limits: parseLimits(), decideMs: 200 }),
    )
    await lost!.claim(toKey('lost', 'k'), toRun('lost', 'run-1'))
    expect(await next!.claim(toKey('lost', 'k'), toRun('lost', 'run-2'))).toEqual({ state: 'claimed' })
  })

  it('forgets with a key the run that was filed for it, of which nobody was told', async () => {
    const store = postgresStartKeys({ postgres: one.postgres, limits: parseLimits() })
    const [key, run] = [toKey('failed', 'k'), toRun('failed', 'run-1')]
    await store.claim(key, run)
    await one.eventLog.create(run)
    await store.release(key, run)
    expect(await one.eventLog.list('failed')).toEqual([])
    expect(await store.claim(key, toRun('failed', 'run-2'))).toEqual({ state: 'claimed' })
  })

  it('keeps the run of a key that is confirmed, or of another key', async () => {
    const store = postgresStartKeys({ postgres: one.postgres, limits: parseLimits() })
    const [key, run] = [toKey('kept', 'k'), toRun('kept', 'run-1')]
    await store.claim(key, run)
    await one.eventLog.create(run)
    await store.release(toKey('kept', 'another'), run)
    await store.confirm(key, run)
    await store.release(key, run)
    expect(await one.eventLog.list('kept')).toMatchObject([{ runId: 'run-1' }])
    expect(await store.claim(key, toRun('kept', 'run-2'))).toMatchObject({ state: 'started' })
  })

  it('keeps the limit of a user when many claims come at once, at two nodes', async () => {
    const limits = parseLimits({ idempotencyKeysPerUser: 5 })
    const stores = [one, two].map(({ postgres }) => postgresStartKeys({ postgres, limits }))
    const claims = Array.from({ length: 40 }, (_, index) =>
      stores[index % 2]!.claim(toKey('crowded', `${index}`), toRun('crowded', `run-${index}`)),
    )
    const states = (await Promise.all(claims)).map(({ state }) => state)
    expect(states.filter((state) => state === 'claimed')).toHaveLength(5)
    expect(states.filter((state) => state === 'full')).toHaveLength(35)
  })

  it('refuses a key beyond the limit of its user, and not one of another user', async () => {
    const store = postgresStartKeys({ postgres: one.postgres, limits: parseLimits({ idempotencyKeysPerUser: 1 }) })
    expect(await store.claim(toKey('full', '1'), toRun('full', 'a'))).toEqual({ state: 'claimed' })
    expect(await store.claim(toKey('full', '2'), toRun('full', 'b'))).toEqual({
      state: 'full',
      limit: 'idempotencyKeysPerUser',
    })
    expect(await store.claim(toKey('other', '1'), toRun('other', 'c'))).toEqual({ state: 'claimed' })
  })
})

describe('postgresReplayMemory keeps the contract of a replay memory', () => {
  it.each(replayMemoryContract(() => postgresReplayMemory(one.postgres.service)))('$name', ({ run }) => run())
})

describe('postgresRevocations', () => {
  const user = { namespace: 'issuer', userId: 'alice' }
  const open = async (node: Node, staleAfterMs = 10_000): Promise<LiveSessions> => {
    const store = await postgresRevocations({ postgres: node.postgres, wakes: node.wakes, pollMs: 200 })
    return liveSessions({ maxProofMs: 3_600_000, store, staleAfterMs })
  }
  const signIn = (sessions: LiveSessions) =>
    identityProvider({
      name: 'test',
      namespace: user.namespace,
      sessions,
      verify: async (userId: string) => ({ userId, issuedAtMs: Date.now() }),
    })(user.userId)
  const attempt = (act: () => void): string => {
    try {
      act()
      return 'live'
    } catch (error) {
      return (error as { readonly code: string }).code
    }
  }
  const eventuallySignedIn = (sessions: LiveSessions) =>
    expect.poll(() => signIn(sessions).then(Boolean, () => false), { timeout: 20_000 }).toBe(true)

  it('ends proofs at another node, and refuses there what was issued before', async () => {
    const [here, there] = [await open(one), await open(two)]
    await eventuallySignedIn(there)
    const verified = await signIn(there)
    await here.revoke({ user })
    await expect
      .poll(() => attempt(() => assertLive(verified)), { timeout: 20_000, interval: 10 })
      .toBe('ERR_CONTEXT_IDENTITY_REVOKED')
    here.close()
    there.close()
  })

  it('has what was revoked before a node starts', async () => {
    const here = await open(one)
    await here.revoke({ user: { ...user, userId: 'bob' } })
    const store = await postgresRevocations({ postgres: two.postgres, wakes: two.wakes })
    expect(store.tombstones?.some(({ key }) => key.includes('bob'))).toBe(true)
    here.close()
  })

  it('tells a node that was cut off of what was revoked meanwhile', async () => {
    const proxy = new OutageProxy(database.service.host)
    await proxy.open()
    const { service, worker } = database
    const cut = await openNode({
      ...database,
      service: { ...service, host: proxy.host },
      worker: { ...worker, host: proxy.host },
    })
    const [here, there] = [await open(one), await open(cut)]
    await eventuallySignedIn(there)
    const verified = await signIn(there)
    proxy.cut()
    await here.revoke({ user })
    // Long enough for a look that finds nothing, and for the wake to be gone.
    await new Promise((resolve) => setTimeout(resolve, 600))
    proxy.heal()
    await expect
      .poll(() => attempt(() => assertLive(verified)), { timeout: 20_000 })
      .toBe('ERR_CONTEXT_IDENTITY_REVOKED')
    here.close()
    there.close()
    await cut.close()
    proxy.close()
  })

  it('lets nothing new begin at a node that cannot hear, and tells it all before it serves again', async () => {
    const node = await openNode(database)
    const sessions = await open(node, 500)
    await eventuallySignedIn(sessions)
    await runAsAdmin(database.name, 'REVOKE SELECT ON uec.revocations FROM uec_service')
    const codeOf = () =>
      signIn(sessions).then(
        () => 'signed in',
        (error: { readonly code: string }) => error.code,
      )
    await expect.poll(codeOf, { timeout: 20_000 }).toBe('ERR_CONTEXT_LIVENESS_UNKNOWN')
    await runAsAdmin(database.name, 'GRANT SELECT ON uec.revocations TO uec_service')
    await eventuallySignedIn(sessions)
    sessions.close()
    await node.close()
  })
})
