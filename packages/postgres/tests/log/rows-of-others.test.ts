// What the roles of nodes and workers reach of others' rows: nothing, but through the functions that cross owners.
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newRunId } from 'user-execution-context'
import { parseLimits } from '@user-execution-context/golden-path'
import { toDriverConfig } from '../../src/connection/connection-target.ts'
import { postgresEventLog, postgresStartKeys } from '../../src/index.ts'
import { endRun, fileRun, newContext, openNode } from '../open-ports.ts'
import { testDatabase } from '../test-database.ts'

const database = testDatabase()
const tables = ['runs', 'events', 'jobs', 'queue_owners', 'start_keys', 'handles'] as const
const clients = new Map<string, pg.Client>()
let node: Awaited<ReturnType<typeof openNode>>
beforeAll(async () => {
  node = await openNode(database)
  for (const role of ['service', 'worker'] as const) {
    const client = new pg.Client(toDriverConfig(database[role]) as pg.ClientConfig)
    await client.connect()
    clients.set(role, client)
  }
  const job = { context: newContext('alice'), input: { text: 'go' } }
  await fileRun(node.eventLog, job)
  const { ownerKey, runId } = { ownerKey: 'x', runId: newRunId() }
  await node.eventLog.create({ ownerKey, runId, threadId: 't', requestId: 'r', createdAtMs: 1 } as never)
  const writer = await node.eventLog.openWriter({ ownerKey, runId })
  await endRun({ ...job, writer })
  const keys = postgresStartKeys({ postgres: node.postgres, limits: parseLimits() })
  const key = { ownerKey, digest: 'digest', inputDigest: 'input' }
  await keys.claim(key, { ownerKey, runId, threadId: 't', requestId: 'r', createdAtMs: 1 } as never)
})
afterAll(async () => {
  for (const client of clients.values()) await client.end()
  await node.close()
})

describe.each(['service', 'worker'])('the role uec_%s', (role) => {
  const query = (sql: string) => clients.get(role)!.query(sql)

  it.each(tables)('sees, changes and removes no row of %s of another owner, or without one', async (table) => {
    for (const owner of ['', 'another']) {
      await query('BEGIN')
      await query(`SELECT set_config('uec.owner', '${owner}', true)`)
      const statements = [`SELECT FROM uec.${table}`, `DELETE FROM uec.${table}`]
      for (const statement of statements) expect((await query(statement)).rowCount).toBe(0)
      await query('ROLLBACK')
    }
  })
})

describe('the functions that cross owners', () => {
  it('are, as every function of the schema, for the roles that are named alone', async () => {
    const { rows } = await clients.get('service')!.query(`
      SELECT p.proname FROM pg_proc AS p WHERE p.pronamespace = 'uec'::regnamespace
        AND EXISTS (SELECT FROM aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) AS a WHERE a.grantee = 0)
      ORDER BY p.proname`)
    expect(rows).toEqual([])
  })

  it('are eight, belong to a role that cannot log in, and are nobody else’s to call', async () => {
    const { rows } = await clients.get('service')!.query(`
      SELECT p.proname, r.rolcanlogin, p.proconfig::text LIKE '%search_path=pg_catalog, pg_temp%' AS is_fixed,
        has_function_privilege('uec_service', p.oid, 'EXECUTE') AS service,
        coalesce(p.proacl::text LIKE '%{=X/%' OR p.proacl::text LIKE '%,=X/%', true) AS everybody
      FROM pg_proc AS p JOIN pg_roles AS r ON r.oid = p.proowner
      WHERE p.pronamespace = 'uec'::regnamespace AND p.prosecdef ORDER BY p.proname`)
    expect(rows).toEqual(
      ['append', 'claim', 'count_handles', 'end_unqueued', 'expire', 'feed', 'take_ended_handles', 'trim'].map(
        (proname) => ({
          ...{ proname, rolcanlogin: false, is_fixed: true, service: proname === 'feed', everybody: false },
        }),
      ),
    )
  })
})

describe('the index of ends', () => {
  it('takes one end of a run, whoever writes the second', async () => {
    const service = clients.get('service')!
    await service.query("BEGIN; SELECT set_config('uec.owner', 'twice', true)")
    const insert = (sequence: number, type: string) =>
      service.query(
        `INSERT INTO uec.events (owner_key, run_id, sequence, epoch, type, text)
          VALUES ('twice', 'run', $1, 1, $2, '{}')`,
        [sequence, type],
      )
    await insert(1, 'agent_completed')
    await expect(insert(2, 'agent_failed')).rejects.toMatchObject({ code: '23505' })
    await service.query('ROLLBACK')
  })
})

describe('a node that hears no wake', () => {
  it('tells its followers what another node has added, by looking from time to time', async () => {
    const deaf = postgresEventLog({
      ...{ postgres: node.postgres, pollMs: 100 },
      wakes: { wake: () => {}, hear: () => () => {}, isHeard: false, close: async () => {} },
    })
    const [ownerKey, runId] = ['deaf', newRunId()]
    const heard: string[] = []
    await deaf.followOwner(ownerKey, (run) => heard.push(`run ${run.runId}`))
    await node.eventLog.create({ ownerKey, runId, threadId: 't', requestId: 'r', createdAtMs: 1 } as never)
    await deaf.follow({ ownerKey, runId }, ({ type }) => heard.push(type))
    const writer = await node.eventLog.openWriter({ ownerKey, runId })
    await endRun({ context: newContext('deaf'), input: { text: 'go' }, writer })
    await expect.poll(() => heard, { timeout: 20_000 }).toEqual([`run ${runId}`, 'agent_completed'])
    await deaf.close()
  })
})
