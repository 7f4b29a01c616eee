// Time to execute runs that wait in the queue: a worker of the golden path, against a bare loop with FOR UPDATE SKIP
// LOCKED over jobs with the same payload, with as many connections. Both write the first event and the end of each run,
// and both have been at work before: a process that starts is no throughput.
//   node bench/postgres-runs.mjs ours|bare ours|bare
import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { contextOf, openNode } from './postgres-ports.mjs'
import { openServer, runAs } from './postgres-server.mjs'

const runs = 400
const users = 40
const connectionsOfEach = 10
const agent = async function* () {
  yield { type: 'agent_message_delta', text: 'done' }
}
const limits = { concurrentRunsPerUser: 10, concurrentRuns: 100, queuedRuns: 100_000 }

const [first, second] = process.argv.slice(2)
const server = await openServer()
await runAs(
  server.connections.migrate,
  `CREATE SCHEMA bare;
  CREATE TABLE bare.jobs (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    owner_key text NOT NULL, run_id uuid NOT NULL,
    sealed_context text NOT NULL, start_data text NOT NULL, worker uuid, leased_until timestamptz);
  CREATE INDEX ON bare.jobs (id) WHERE worker IS NULL;
  CREATE TABLE bare.events (run_id uuid NOT NULL, sequence bigint NOT NULL, type text NOT NULL, text text NOT NULL,
    PRIMARY KEY (run_id, sequence));
  GRANT USAGE ON SCHEMA bare TO uec_worker;
  GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA bare TO uec_worker`,
)
const filer = await openNode(server.connections, { agent, limits, executes: false })
let gate = newGate()
let onRunEnd
const worker = await openNode(server.connections, {
  ...{ agent, limits },
  onRunEnd: () => onRunEnd(),
  beforeClaim: () => gate.isOpen,
})
const pool = new pg.Pool({ ...server.connections.worker, max: connectionsOfEach })
// end() answers before its connections are closed: the server says to them that it stops, and an error that nobody
// hears ends the process.
pool.on('error', () => {})
const startData = JSON.stringify({ input: { text: 'go' } })
const candidates = { ours, bare }
const ratios = []
for (let index = 0; index < 14; index++) {
  const order = index % 2 === 0 ? [first, second] : [second, first]
  const times = [await candidates[order[0]](), await candidates[order[1]]()]
  if (index % 2 === 1) times.reverse()
  // Runs a second of the first, over those of the second. The first rounds warm up both.
  if (index >= 4) ratios.push(times[1] / times[0])
}
await filer.close()
gate.open()
await worker.close()
await pool.end()
await server.close()
console.log(JSON.stringify({ ratios }))
process.exit(0)

async function ours() {
  for (let run = 0; run < runs; run++) await filer.goldenPath.execute(contextOf(`user-${run % users}`), { text: 'go' })
  let ended = 0
  const allEnded = new Promise((resolve) => (onRunEnd = () => ++ended === runs && resolve()))
  const startedAtMs = performance.now()
  gate.open()
  await allEnded
  const timeMs = performance.now() - startedAtMs
  await assertNoneLeft('uec.jobs')
  gate = newGate()
  return timeMs
}

/** Behind it a worker waits while jobs are filed. */
function newGate() {
  let open
  return { isOpen: new Promise((resolve) => (open = resolve)), open }
}

async function bare() {
  // As long as the text of a sealed context is.
  const sealed = 's'.repeat(900)
  for (let run = 0; run < runs; run++)
    await pool.query('INSERT INTO bare.jobs (owner_key, run_id, sealed_context, start_data) VALUES ($1, $2, $3, $4)', [
      ...[`vouched:user-${run % users}`, randomUUID(), sealed, startData],
    ])
  const startedAtMs = performance.now()
  await Promise.all(Array.from({ length: connectionsOfEach }, loop))
  const timeMs = performance.now() - startedAtMs
  await assertNoneLeft('bare.jobs')
  return timeMs
}

async function loop() {
  const client = await pool.connect()
  const worker = randomUUID()
  for (;;) {
    const { rows } = await client.query({
      name: 'claim',
      text: `WITH next AS (SELECT id FROM bare.jobs WHERE worker IS NULL ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED),
        claimed AS (UPDATE bare.jobs AS j SET worker = $1, leased_until = now() + interval '15 s'
          FROM next WHERE j.id = next.id RETURNING j.*),
        started AS (INSERT INTO bare.events SELECT run_id, 1, 'agent_started', start_data FROM claimed)
        SELECT * FROM claimed`,
      values: [worker],
    })
    if (rows.length === 0) break
    const [{ id, run_id: runId }] = rows
    for await (const { text } of agent())
      await client.query({
        name: 'end',
        text: `WITH done AS (DELETE FROM bare.jobs WHERE id = $1)
          INSERT INTO bare.events VALUES ($2, 2, 'agent_message_delta', $3), ($2, 3, 'agent_completed', $3)`,
        values: [id, runId, JSON.stringify({ data: { text } })],
      })
  }
  client.release()
}

async function assertNoneLeft(table) {
  const client = new pg.Client(server.connections.migrate)
  await client.connect()
  for (let attempt = 0; ; attempt++) {
    const { rows } = await client.query(`SELECT count(*)::int AS count FROM ${table}`)
    if (rows[0].count === 0) break
    if (attempt === 100) throw new Error(`${rows[0].count} jobs are left in ${table}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  await client.end()
}
