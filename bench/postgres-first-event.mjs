// How long a client waits for the first event of a run: over the ports on Postgres, and in process. The difference is
// what Postgres costs, and is told in commits: one INSERT that is on disk when it is answered, on the same server.
import pg from 'pg'
import { openGoldenPath } from '@user-execution-context/golden-path'
import { contextOf, openNode } from './postgres-ports.mjs'
import { medianOf, openServer, runAs } from './postgres-server.mjs'

const agent = async function* () {}
const server = await openServer()
await runAs(
  server.connections.migrate,
  `CREATE SCHEMA bare; CREATE TABLE bare.rows (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, text text NOT NULL);
  GRANT USAGE ON SCHEMA bare TO uec_worker; GRANT INSERT ON bare.rows TO uec_worker`,
)
const client = new pg.Client(server.connections.worker)
await client.connect()
const node = await openNode(server.connections, { agent })
const inProcess = openGoldenPath({ agent })
const text = 't'.repeat(300)
const commit = async () => {
  const startedAtMs = performance.now()
  await client.query({ name: 'commit', text: 'INSERT INTO bare.rows (text) VALUES ($1)', values: [text] })
  return performance.now() - startedAtMs
}

const ratios = []
const commits = []
for (let round = 0; round < 24; round++) {
  const [ours, others, bare] = [[], [], []]
  for (let index = 0; index < 30; index++) {
    ours.push(await firstEvent(node.goldenPath))
    others.push(await firstEvent(inProcess))
    bare.push(await commit())
  }
  if (round < 4) continue
  ratios.push((medianOf(ours) - medianOf(others)) / medianOf(bare))
  commits.push(medianOf(bare))
}
await client.end()
await node.close()
await inProcess.close()
await server.close()
console.log(JSON.stringify({ ratios, commitMs: medianOf(commits) }))
process.exit(0)

/** From the start of a run to its first event at a connection of its user. */
async function firstEvent(goldenPath) {
  const context = contextOf('user-1')
  const heard = {}
  const hear = (type) => new Promise((resolve) => (heard[type] = resolve))
  const [ready, first, end] = ['connection_ready', 'agent_started', 'agent_completed'].map(hear)
  const send = (data) => heard[JSON.parse(String(data)).type]?.(performance.now())
  const connection = goldenPath.connect(context, { bufferedAmount: 0, close: () => {}, send })
  await ready
  const startedAtMs = performance.now()
  await goldenPath.execute(context, { text: 'go' })
  const timeMs = (await first) - startedAtMs
  await end
  connection.release()
  return timeMs
}
