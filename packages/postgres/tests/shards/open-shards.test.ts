// Which shards a process is let in with, and where owners are at home.
import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { toOwnerKey } from 'user-execution-context'
import { parseLimits, type RunJob } from '@user-execution-context/golden-path'
import { openPostgres, recordShards, withUserSession } from '../../src/index.ts'
import { endRun, fileRun } from '../open-ports.ts'
import { OutageProxy } from '../outage-proxy.ts'
import { queryAsAdmin, runAsAdmin, testDatabase } from '../test-database.ts'
import { findRows, newContextOn, openShardedNode, shardDatabases, toShards } from './shard-databases.ts'

const databases = shardDatabases()
const third = testDatabase()
const single = testDatabase()
type Node = Awaited<ReturnType<typeof openShardedNode>>
let node: Node
beforeAll(async () => {
  node = await openShardedNode(databases)
})
afterAll(() => node.close())

const fixOf = (opening: Promise<unknown>): Promise<string> =>
  opening.then(
    () => 'opened',
    (error: Error & { readonly code?: string }) => `${error.code}: ${error.message}`,
  )
const open = (named: Parameters<typeof toShards>[0]) =>
  fixOf(openPostgres({ shards: toShards(named) }).then((shards) => shards.close()))
/** The hash alone: a name and an owner that no test has used. */
let users = 0
const newUser = (shard: string) => newContextOn(shard, `user-${++users}-${createHash('md5').digest('hex').slice(0, 4)}`)

describe('openPostgres with shards', () => {
  it('lets in who names them all, in whatever order', async () => {
    expect(await open(databases)).toBe('opened')
    expect(await open({ b: databases.b, a: databases.a })).toBe('opened')
  })

  it('refuses a shard that is left out', async () => {
    expect(await open({ a: databases.a })).toMatch(/^ERR_CONTEXT_DATABASE_SHARDS: .*"b", which was not named/)
  })

  it('refuses a shard that was never recorded beside the others', async () => {
    expect(await open({ ...databases, c: third })).toMatch(/^ERR_CONTEXT_DATABASE_SHARDS: .*"c" is recorded as none/)
  })

  it('refuses names that were swapped', async () => {
    expect(await open({ a: databases.b, b: databases.a })).toMatch(/^ERR_CONTEXT_DATABASE_SHARDS: .*named "a"/)
  })

  it('refuses one database under two names', async () => {
    expect(await open({ a: databases.a, b: databases.a })).toMatch(/^ERR_CONTEXT_DATABASE_SHARDS: .*named "b"/)
    expect(await open({ x: third, y: third })).toMatch(/^ERR_CONTEXT_DATABASE_SHARDS: .*that of another name/)
  }, 60_000)

  it('refuses a name that is none', async () => {
    expect(await open({ 'A b': third })).toMatch(/^ERR_CONTEXT_INVALID_OPTIONS/)
  })

  it('refuses a shard that is opened as a single database', async () => {
    const { service } = databases.a
    expect(await fixOf(openPostgres({ connections: { service } }))).toMatch(/^ERR_CONTEXT_DATABASE_SHARDS: .*"a"/)
  })

  it('refuses databases that no process may record', async () => {
    const { service } = single
    expect(await fixOf(openPostgres({ shards: { z: { service } } }))).toMatch(/Run record-shards/)
  })

  it('files an owner in the shard of the hash, and in no other', async () => {
    for (const shard of ['a', 'b', 'b', 'a']) {
      const job: RunJob = { context: newUser(shard), input: { text: 'go' } }
      await fileRun(node.eventLog, job)
      expect(await findRows(databases, 'uec.runs', toOwnerKey(job.context))).toEqual([shard])
      expect(await findRows(databases, 'uec.owner_homes', toOwnerKey(job.context))).toEqual([shard])
    }
  })

  it('finds an owner who is at home elsewhere, whatever the hash says', async () => {
    const context = newUser('a')
    const ownerKey = toOwnerKey(context)
    await runAsAdmin(databases.b.name, `INSERT INTO uec.owner_homes (owner_key) VALUES ('${ownerKey}')`)
    await fileRun(node.eventLog, { context, input: { text: 'go' } })
    expect(await findRows(databases, 'uec.runs', ownerKey)).toEqual(['b'])
    expect(await findRows(databases, 'uec.owner_homes', ownerKey)).toEqual(['b'])
  })

  it('places no owner anew who is on the way from another shard', async () => {
    const ownerKey = toOwnerKey(newUser('a'))
    const values = `('${ownerKey}', 'moving', 'a')`
    await runAsAdmin(databases.b.name, `INSERT INTO uec.owner_homes (owner_key, state, destination) VALUES ${values}`)
    const other = await openShardedNode(databases, { moveWaitMs: 200 })
    await expect(other.shards.of(ownerKey)).rejects.toMatchObject({ code: 'ERR_CONTEXT_OWNER_MOVING' })
    expect(await findRows(databases, 'uec.owner_homes', ownerKey)).toEqual(['b'])
    await other.close()
  })

  it('places an owner once, whoever asks first', async () => {
    // However slow the databases are: who comes second looks once more.
    const moveWaitMs = 0
    const others = await Promise.all([0, 1].map(() => openShardedNode(databases, { moveWaitMs })))
    const keys = Array.from({ length: 40 }, () => toOwnerKey(newUser('b')))
    const asked = [node, ...others].flatMap(({ shards }) => keys.map((key) => shards.of(key)))
    expect(new Set((await Promise.all(asked)).map(({ name }) => name))).toEqual(new Set(['b']))
    for (const key of keys) expect(await findRows(databases, 'uec.owner_homes', key)).toEqual(['b'])
    await Promise.all(others.map((other) => other.close()))
  })

  it('refuses a statement for an owner whose home is elsewhere, whoever believes otherwise', async () => {
    const context = newUser('a')
    const ownerKey = toOwnerKey(context)
    const { postgres } = await node.shards.of(ownerKey)
    await runAsAdmin(databases.a.name, `UPDATE uec.owner_homes SET state = 'moving' WHERE owner_key = '${ownerKey}'`)
    const asking = withUserSession(context, postgres.service, (session) => session.query('SELECT 1'))
    await expect(asking).rejects.toMatchObject({ cause: { code: 'UE001' } })
    const listing = node.eventLog.list(ownerKey)
    await expect(listing).rejects.toMatchObject({ code: 'ERR_CONTEXT_OWNER_MOVING' })
  }, 60_000)

  it('gives withUserSession() the pool of the owner', async () => {
    const context = newUser('b')
    const pool = node.shards.poolOf(toOwnerKey(context))
    const rows = await withUserSession(context, pool, async (session) => {
      const answer = await session.query<{ owner: string; name: string }>(
        'SELECT uec.owner() AS owner, current_database() AS name',
      )
      return answer.rows
    })
    expect(rows).toEqual([{ owner: toOwnerKey(context), name: databases.b.name }])
  })

  it('asks a shard whether its user is at home in the first message of a session', async () => {
    const context = newUser('b')
    const pool = node.shards.poolOf(toOwnerKey(context))
    const ask = () => withUserSession(context, pool, (session) => session.query('SELECT 1'))
    // The role of a pool is looked at once.
    await ask()
    const { service } = (await node.shards.of(toOwnerKey(context))).postgres
    // A session is over with the answer to its COMMIT. What comes behind is answered before its connection is free.
    const idle = () => expect.poll(() => service.idleCount === service.totalCount, { timeout: 20_000 }).toBe(true)
    await idle()
    const messages: unknown[] = []
    let query: unknown
    service.once('acquire', (client) => {
      query = client.query
      client.query = ((...given: readonly unknown[]) => {
        messages.push(given[0])
        return (query as Function)(...given) as unknown
      }) as typeof client.query
      service.once('release', () => void (client.query = query as typeof client.query))
    })
    await ask()
    await idle()
    // BEGIN with the user and the question, the query, COMMIT, and what goes along with it.
    expect(messages).toHaveLength(4)
  })

  it('shows a user session neither the shards nor the home of another', async () => {
    const [context, other] = [newUser('b'), newUser('b')]
    await node.shards.of(toOwnerKey(other))
    const counts = await withUserSession(context, node.shards.poolOf(toOwnerKey(context)), async (session) => [
      await session.query('SELECT FROM uec.placement'),
      await session.query('SELECT FROM uec.owner_homes'),
    ])
    expect(counts.map(({ rows }) => rows.length)).toEqual([0, 1])
  })

  it('keeps the owners of one shard from nothing while another is away', async () => {
    const proxy = new OutageProxy(databases.a.service.host)
    await proxy.open()
    const { a, b } = databases
    const behind = { ...b, service: { ...b.service, host: proxy.host }, worker: { ...b.worker, host: proxy.host } }
    const cut = await openShardedNode({ a, b: behind }, { connectTimeoutMs: 500 })
    const context = newUser('a')
    await cut.shards.of(toOwnerKey(context))
    proxy.cut()
    const queue = cut.openQueue(parseLimits({ concurrentRuns: 1 }))
    const ended = new Promise<void>((resolve) =>
      queue.process(async (job) => {
        await endRun(job)
        resolve()
      }),
    )
    const job: RunJob = { context, input: { text: 'go' } }
    await fileRun(cut.eventLog, job)
    await queue.enqueue(job)
    await ended
    proxy.heal()
    await queue.close()
    await cut.close()
    proxy.close()
  }, 120_000)
})

describe('recordShards', () => {
  it('takes a database that has owners, who are at home there', async () => {
    const old = toOwnerKey(newContextOn('n', 'old', ['n', 'o']))
    await runAsAdmin(
      single.name,
      `INSERT INTO uec.runs (owner_key, run_id, thread_id, request_id, created_at_ms)
        VALUES ('${old}', 'r', 't', 'q', 1)`,
    )
    await recordShards({ shards: { n: third.migrate, o: single.migrate } })
    const shards = await openPostgres({ shards: toShards({ n: third, o: single }) })
    expect((await shards.of(old)).name).toBe('o')
    await shards.close()
  })

  it('places nobody on a shard that is added before it is told to, and moves nobody then', async () => {
    const added = await newDatabases()
    const before = toOwnerKey(newContextOn('s', 'before', ['p', 'q', 's']))
    const first = await openPostgres({ shards: toShards(added.two) })
    const home = (await first.of(before)).name
    await recordShards({ shards: added.migrate })
    // A node that was started before goes on: the places are the same.
    const between = toOwnerKey(newContextOn('s', 'between', ['p', 'q', 's']))
    expect((await first.of(between)).name).not.toBe('s')
    expect(await fixOf(openPostgres({ shards: toShards(added.two) }))).toMatch(/"s", which was not named/)
    const next = await openPostgres({ shards: toShards(added.all) })
    await recordShards({ shards: added.migrate, placing: ['p', 'q', 's'] })
    const after = toOwnerKey(newContextOn('s', 'after', ['p', 'q', 's']))
    // What it was told at its start does not hold any more, and the databases say so.
    expect((await next.of(after)).name).toBe('s')
    expect((await next.of(before)).name).toBe(home)
    await expect(first.of(toOwnerKey(newContextOn('s', 'later', ['p', 'q', 's'])))).rejects.toMatchObject({
      code: 'ERR_CONTEXT_DATABASE_SHARDS',
    })
    // While the names change nobody is placed: two nodes with different names would give one owner two homes.
    const changes = async (isChanging: boolean): Promise<void> => {
      await runAsAdmin(spare.s.name, `UPDATE uec.placement SET is_changing = ${isChanging}`)
    }
    const during = toOwnerKey(newContextOn('s', 'during', ['p', 'q', 's']))
    await changes(true)
    expect(await fixOf(openPostgres({ shards: toShards(added.all) }))).toMatch(/A change of the shards was cut off/)
    await expect(next.of(during)).rejects.toMatchObject({ code: 'ERR_CONTEXT_OWNER_MOVING' })
    await changes(false)
    expect((await next.of(during)).name).toBe('s')
    await Promise.all([first.close(), next.close()])
  }, 120_000)

  const spare = { p: testDatabase(), q: testDatabase(), s: testDatabase() }
  const newDatabases = async () => {
    const { p, q, s } = spare
    return {
      two: { p, q },
      all: { p, q, s },
      migrate: { p: p.migrate, q: q.migrate, s: s.migrate },
    }
  }
})

describe('shardedRunQueue', () => {
  it('gives slots to both shards in turn, however long the queue of one is', async () => {
    for (const { name } of Object.values(databases))
      await runAsAdmin(name, 'TRUNCATE uec.jobs, uec.queue_owners, uec.runs, uec.events')
    const queue = node.openQueue(parseLimits({ concurrentRuns: 1, queuedRunsPerUser: 50 }))
    const [many, few] = [newUser('a'), newUser('b')]
    const filed = async (ownerKey: string) => {
      const name = ownerKey === toOwnerKey(many) ? databases.a.name : databases.b.name
      return (await queryAsAdmin(name, 'SELECT FROM uec.jobs')).length
    }
    const order: string[] = []
    const jobs = [...Array.from({ length: 10 }, () => many), ...Array.from({ length: 3 }, () => few)]
    for (const user of jobs) {
      const job: RunJob = { context: newContextLike(user), input: { text: 'go' } }
      await fileRun(node.eventLog, job)
      await queue.enqueue(job)
    }
    expect([await filed(toOwnerKey(many)), await filed(toOwnerKey(few))]).toEqual([10, 3])
    const ended = new Promise<void>((resolve) =>
      queue.process(async (job) => {
        order.push(toOwnerKey(job.context) === toOwnerKey(few) ? 'b' : 'a')
        await endRun(job)
        if (order.length === jobs.length) resolve()
      }),
    )
    await ended
    expect(order.slice(0, 7).filter((shard) => shard === 'b').length).toBeGreaterThanOrEqual(2)
    await queue.close()
  }, 120_000)

  it('counts what waits in all shards, whichever node has queued it', async () => {
    for (const { name } of Object.values(databases))
      await runAsAdmin(name, 'TRUNCATE uec.jobs, uec.queue_owners, uec.runs, uec.events')
    const limits = parseLimits({ queuedRuns: 3 })
    const other = await openShardedNode(databases)
    const [full, refusing] = [node, other].map((each) => each.openQueue(limits, { executes: false }))
    for (const shard of ['a', 'b', 'a']) {
      const job: RunJob = { context: newUser(shard), input: { text: 'go' } }
      await fileRun(node.eventLog, job)
      await full!.enqueue(job)
    }
    for (const shard of ['a', 'b']) {
      const job: RunJob = { context: newUser(shard), input: { text: 'go' } }
      await fileRun(other.eventLog, job)
      await expect(refusing!.enqueue(job)).rejects.toMatchObject({
        code: 'ERR_CONTEXT_TOO_MANY_RUNS',
        issues: [{ path: 'limits.queuedRuns' }],
      })
    }
    await Promise.all([full!.close(), refusing!.close()])
    await other.close()
  }, 60_000)

  it('tells of runs of every shard that it ends without its worker', async () => {
    const jobs = ['a', 'b'].map((shard): RunJob => ({ context: newUser(shard), input: { text: 'go' } }))
    for (const job of jobs) await fileRun(node.eventLog, job)
    for (const { name } of Object.values(databases))
      await runAsAdmin(name, `UPDATE uec.runs SET filed_at = now() - interval '1 hour' WHERE opened_at IS NULL`)
    const queue = node.openQueue(parseLimits(), { unqueuedMs: 1_000 })
    const ended: string[] = []
    queue.process(endRun, ({ runId, outcome }) => void ended.push(`${runId} ${outcome}`))
    const expected = jobs.map(({ context }) => `${context.runId} failed`)
    await expect.poll(() => ended, { timeout: 20_000 }).toEqual(expect.arrayContaining(expected))
    await queue.close()
  }, 60_000)
})

/** A context of the same user, with ids of its own. */
function newContextLike({ userId, tenantId }: ReturnType<typeof newUser>) {
  const names = ['a', 'b']
  for (const shard of names) {
    const context = newContextOn(shard, userId, names)
    if (context.tenantId === tenantId) return context
  }
  throw new Error('The hash has changed')
}
