// What a run costs on disk and in the log of the server, by its content: counted, so it is the same on every machine.
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { migratePostgres, openEmbeddedPostgres } from '@user-execution-context/postgres'

const directory = mkdtempSync(join(tmpdir(), 'uec-bytes-'))
const server = await openEmbeddedPostgres({ directory })
await migratePostgres({ connection: server.connections.migrate })
const client = new pg.Client(server.connections.migrate)
await client.connect()

const runs = 300
const eventsPerRun = 50
const textBytes = 300
const users = 30
const ask = async (text, values) => (await client.query(text, values)).rows[0]
const sizeSql = `SELECT sum(pg_total_relation_size(c.oid))::float8 AS bytes FROM pg_class AS c
  WHERE c.relnamespace = 'uec'::regnamespace AND c.relkind = 'r'`

const before = await ask(`SELECT pg_current_wal_lsn()::text AS lsn, (${sizeSql}) AS bytes`)
const queue = 'INSERT INTO uec.queue_owners VALUES ($1, 1, 0, 1) ON CONFLICT (owner_key) DO UPDATE SET waiting = 1'
const worker = randomUUID()
for (let run = 0; run < runs; run++) {
  const owner = `issuer:user-${run % users}`
  const runId = randomUUID()
  const ids = [owner, runId, randomUUID(), randomUUID(), Date.now(), '{"input":{"text":"hello"}}']
  await client.query(
    `INSERT INTO uec.runs (owner_key, run_id, thread_id, request_id, created_at_ms, start_data)
      VALUES ($1, $2, $3, $4, $5, $6)`,
    ids,
  )
  await client.query(queue, [owner])
  // A sealed context of a user with an ordinary token.
  const job = [owner, runId, 's'.repeat(900)]
  await client.query('INSERT INTO uec.jobs (owner_key, run_id, sealed_context) VALUES ($1, $2, $3)', job)
  await client.query("SELECT FROM uec.claim($1, 1, 10, 60000, '{}', '{}')", [worker])
  // Ten statements: what comes while one batch is on its way goes in the next.
  for (let first = 2; first <= eventsPerRun; first += 5) {
    const sequences = Array.from({ length: Math.min(5, eventsPerRun - first + 1) }, (_, index) => first + index)
    await client.query('SELECT FROM uec.append($1, $2, $3::integer[], $4::bigint[], $5, $6, $7)', [
      sequences.map(() => owner),
      sequences.map(() => runId),
      sequences.map(() => 1),
      sequences,
      sequences.map((sequence) => (sequence === eventsPerRun ? 'agent_completed' : 'agent_message_delta')),
      sequences.map(() => 't'.repeat(textBytes)),
      sequences.at(-1) === eventsPerRun,
    ])
  }
}
await client.query('VACUUM')
const after = await ask(
  `SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), $1::pg_lsn)::float8 AS wal, (${sizeSql}) AS bytes`,
  [before.lsn],
)
const { ended } = await ask('SELECT count(*)::int AS ended FROM uec.runs WHERE ended_at IS NOT NULL')
if (ended !== runs) throw new Error(`${ended} of ${runs} runs have ended`)
const content = runs * eventsPerRun * textBytes
await client.end()
await server.close()
rmSync(directory, { recursive: true, force: true })
const [disk, wal] = [after.bytes - before.bytes, after.wal].map((bytes) => ({ ratios: [bytes / content] }))
console.log(JSON.stringify({ disk, wal }))
