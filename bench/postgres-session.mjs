// What a user session costs against the same work by hand: BEGIN, set_config, the query and COMMIT, each a round trip.
// Both take a connection of the same pool, of one, to the same server over a Unix socket. Wall-clock time, because most
// of it passes in the server.
// "enter" is a session in a shard against one in a single database: it asks the shard whether its user is at home.
//   node bench/postgres-session.mjs control|session|enter
import { openPostgres, toOwnerPolicy, withUserSession } from '@user-execution-context/postgres'
import { createForUser, toOwnerKey } from 'user-execution-context'
import { vouchForUser } from 'user-execution-context/restricted'
import { medianOf, openServer, runAs } from './postgres-server.mjs'

const reason = 'bench'
const server = await openServer()
const { service, close } = await openPostgres({ connections: server.connections, maxConnections: 1 })
await runAs(
  server.connections.migrate,
  `CREATE SCHEMA app;
  CREATE TABLE app.notes (owner_key text COLLATE "C" NOT NULL, note_id int NOT NULL, title text NOT NULL,
    PRIMARY KEY (owner_key, note_id));
  ${toOwnerPolicy({ schema: 'app', table: 'notes' })}
  GRANT USAGE ON SCHEMA app TO uec_service;
  GRANT SELECT ON app.notes TO uec_service;
  INSERT INTO app.notes SELECT 'vouched:user-' || u, n, 'note ' || n
    FROM generate_series(1, 100) u, generate_series(1, 100) n;
  ANALYZE app.notes`,
)

const context = createForUser(vouchForUser('user-7', { reason, permissions: ['notes:read'] }))
const text = 'SELECT title FROM app.notes WHERE note_id = $1'
const values = [7]

const sessionOn = (pool) => async () => {
  const { rows } = await withUserSession(context, pool, (session) => session.query(text, values))
  return rows
}
const session = sessionOn(service)
const shards = await openPostgres({ shards: { one: server.connections }, maxConnections: 1 })
const enter = sessionOn(shards.poolOf(toOwnerKey(context)))

async function byHand() {
  const client = await service.connect()
  try {
    await client.query('BEGIN')
    await client.query(
      `SELECT set_config('uec.owner', $1, true), set_config('uec.tenant', $2, true),
      set_config('uec.permissions', $3, true)`,
      [toOwnerKey(context), '', '["notes:read"]'],
    )
    const { rows } = await client.query(text, values)
    await client.query('COMMIT')
    return rows
  } finally {
    client.release()
  }
}

const pairs = { control: [byHand, byHand], session: [session, byHand], enter: [enter, session] }
const [first, second] = pairs[process.argv[2]]
for (const one of [first, second]) if ((await one())[0]?.title !== 'note 7') throw new Error('It reads no note.')

// One in turn with the other, so that a busy machine slows both; of each hundred, the median.
const ratios = []
for (let round = 0; round < 44; round++) {
  const [own, other] = [[], []]
  for (let operation = 0; operation < 100; operation++) {
    const turns = [
      [own, first],
      [other, second],
    ]
    for (const [times, work] of operation % 2 === 0 ? turns : turns.reverse()) times.push(await wallOf(work))
  }
  // The first 2,400 operations of each warm up both: V8 compiles the longer code path later.
  if (round >= 24) ratios.push(medianOf(own) / medianOf(other))
}
await shards.close()
await close()
await server.close()
console.log(JSON.stringify({ ratios }))

async function wallOf(work) {
  const startedAtMs = performance.now()
  await work()
  return performance.now() - startedAtMs
}
