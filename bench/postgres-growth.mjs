// Time of an event in a log of 10,000,000 events over the same in one of 10,000: append, and the feed that a reader
// asks. Both are databases of one server, asked as the worker in turns.
//   node bench/postgres-growth.mjs control|append|feed
import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { medianOf, openServer, runAs } from './postgres-server.mjs'

const [what] = process.argv.slice(2)
const large = what === 'control' ? 10_000 : 10_000_000
const eventsPerRun = 50
const eventsAtOnce = 100
const server = await openServer()
const sides = [await openLog('large', large), await openLog('small', 10_000)]
const ratios = []
for (let round = 0; round < 24; round++) {
  const times = [[], []]
  for (let index = 0; index < 40; index++)
    for (const side of index % 2 === 0 ? [0, 1] : [1, 0]) times[side].push(await sides[side].turn())
  if (round >= 4) ratios.push(medianOf(times[0]) / medianOf(times[1]))
}
for (const { close } of sides) await close()
await server.close()
console.log(JSON.stringify({ ratios }))

async function openLog(name, events) {
  const connections = await server.addDatabase(name)
  await runAs(
    connections.migrate,
    `INSERT INTO uec.runs (owner_key, run_id, thread_id, request_id, created_at_ms, opened_at, ended_at, epoch_starts,
        last_sequence, bytes)
      SELECT 'vouched:user-' || r % greatest(1, ${events} / 1000),
        gen_random_uuid(), gen_random_uuid(), gen_random_uuid(),
        1, now() - interval '1 day', now() - interval '1 day', '{1}', ${eventsPerRun}, 15000
      FROM generate_series(1, ${events / eventsPerRun}) AS r`,
    `INSERT INTO uec.events (owner_key, run_id, sequence, epoch, type, text)
      SELECT r.owner_key, r.run_id, s, 1,
        CASE WHEN s = ${eventsPerRun} THEN 'agent_completed' ELSE 'agent_message_delta' END,
        repeat('t', 300)
      FROM uec.runs AS r CROSS JOIN generate_series(1, ${eventsPerRun}) AS s`,
    'VACUUM ANALYZE uec.runs, uec.events',
    'CHECKPOINT',
  )
  const client = new pg.Client(connections.worker)
  const admin = new pg.Client(connections.migrate)
  await Promise.all([client.connect(), admin.connect()])
  let run
  const turn = async () => {
    run ??= await newRun(admin)
    const sequences = Array.from({ length: eventsAtOnce }, (_, index) => run.last + 1 + index)
    const appending = performance.now()
    await client.query({
      name: 'append',
      text: 'SELECT * FROM uec.append($1, $2, $3::integer[], $4::bigint[], $5, $6, false)',
      values: [
        sequences.map(() => run.owner),
        sequences.map(() => run.id),
        sequences.map(() => 1),
        sequences,
        sequences.map(() => 'agent_message_delta'),
        sequences.map(() => 't'.repeat(300)),
      ],
    })
    const feeding = performance.now()
    const { rows } = await client.query({
      name: 'feed',
      text: "SELECT * FROM uec.feed($1, $2, '{1}', $3::bigint[], '{}', 256, false)",
      values: [[run.owner], [run.id], [run.last]],
    })
    const endMs = performance.now()
    // Beside the events there is a row for the jobs that wait.
    const count = rows.filter(({ kind }) => kind === 'event').length
    if (count !== eventsAtOnce) throw new Error(`${count} events came`)
    run.last += eventsAtOnce
    // Runs of a length that runs have, each of another owner.
    if (run.last > 1_000) run = undefined
    return what === 'feed' ? endMs - feeding : feeding - appending
  }
  return { turn, close: () => Promise.all([client.end(), admin.end()]) }
}

async function newRun(admin) {
  const [owner, id] = [`vouched:user-${Math.floor(Math.random() * 10)}`, randomUUID()]
  await admin.query(
    `INSERT INTO uec.runs (owner_key, run_id, thread_id, request_id, created_at_ms, opened_at, epoch_starts)
      VALUES ($1, $2, $2, $2, 1, now(), '{1}')`,
    [owner, id],
  )
  return { owner, id, last: 0 }
}
