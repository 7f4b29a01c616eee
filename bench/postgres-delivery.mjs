// Time until events are in the log and at their sockets: the golden path over the log on Postgres, against a bare
// program that inserts the same events in the same way (one statement for all that came meanwhile; text relaxed, tool
// events durable) and sends the same frames. The sockets are in a process of their own.
//   node bench/postgres-delivery.mjs ours|bare ours|bare
import { fork } from 'node:child_process'
import { createServer } from 'node:http'
import pg from 'pg'
import { WebSocket, WebSocketServer } from 'ws'
import { openGoldenPath, wsTransport } from '@user-execution-context/golden-path'
import { openPostgres, openWakeChannel, postgresEventLog } from '@user-execution-context/postgres'
import { createForUser } from 'user-execution-context'
import { vouchForUser } from 'user-execution-context/restricted'
import { openServer, runAs } from './postgres-server.mjs'

const users = 50
/** Events of a user in a round: each 25th and the one behind it are a tool call and its result. */
const eventsPerUser = 200
const text = 'x'.repeat(60)
const [first, second] = process.argv.slice(2)
if (first === 'sockets') await openSockets(Number(second))
else await measure()

async function measure() {
  const server = await openServer()
  const http = createServer()
  const webSockets = new WebSocketServer({ noServer: true, perMessageDeflate: false })
  const ours = await openOurs(server)
  const bare = await openBare(server)
  http.on('upgrade', (request, socket, head) => {
    const [, kind, index] = request.url.split('/')
    webSockets.handleUpgrade(request, socket, head, (webSocket) =>
      (kind === 'ours' ? ours : bare).take(webSocket, request.socket, index),
    )
  })
  http.listen(0, '127.0.0.1')
  await new Promise((resolve) => http.once('listening', resolve))
  const sockets = fork(new URL(import.meta.url), ['sockets', http.address().port])
  const said = () => new Promise((resolve) => sockets.once('message', resolve))
  await said()
  await Promise.all([ours.ready(), bare.ready()])
  const round = async (kind) => {
    const arrived = said()
    sockets.send(users * eventsPerUser)
    await new Promise((resolve) => setTimeout(resolve, 20))
    const startedAtMs = performance.now()
    ;(kind === 'ours' ? ours : bare).go()
    await arrived
    return performance.now() - startedAtMs
  }
  const ratios = []
  for (let index = 0; index < 16; index++) {
    const order = index % 2 === 0 ? [first, second] : [second, first]
    const times = [await round(order[0]), await round(order[1])]
    if (index % 2 === 1) times.reverse()
    // Events a second of the first, over those of the second. The first rounds warm up both.
    if (index >= 4) ratios.push(times[1] / times[0])
  }
  sockets.kill()
  await Promise.all([ours.close(), bare.close()])
  await server.close()
  console.log(JSON.stringify({ ratios }))
  process.exit(0)
}

/** What an agent says in a round. */
function* toEvents(round) {
  for (let index = 0; index < eventsPerUser; index++) {
    const toolCallId = `call-${round}-${Math.floor(index / 25)}`
    if (index % 25 === 23) yield { type: 'tool_executing', toolCallId, toolName: 'look', input: text }
    else if (index % 25 === 24) yield { type: 'tool_completed', toolCallId, toolName: 'look', output: text }
    else yield { type: 'agent_message_delta', text }
  }
}

async function openOurs({ connections }) {
  const postgres = await openPostgres({ connections })
  const wakes = openWakeChannel({ pool: postgres.service, listen: postgres.listen })
  const eventLog = postgresEventLog({ postgres, wakes, retention: { everyMs: 86_400_000 } })
  const gates = []
  const goldenPath = openGoldenPath({
    eventLog,
    limits: { concurrentRuns: 1_000, runTimeMs: 3_600_000, outputBytesPerRun: 2_147_483_647 },
    agent: async function* () {
      const gate = { open: () => {} }
      gates.push(gate)
      for (let round = 0; ; round++) {
        await new Promise((resolve) => (gate.open = resolve))
        yield* toEvents(round)
      }
    },
  })
  const started = []
  return {
    take: (webSocket, socket, index) => {
      const context = createForUser(vouchForUser(`user-${index}`, { reason: 'a benchmark' }))
      goldenPath.connect(context, wsTransport(webSocket, socket))
      started.push(goldenPath.execute(context, { text: 'go' }))
    },
    ready: async () => {
      await Promise.all(started)
      while (gates.length < users) await new Promise((resolve) => setTimeout(resolve, 10))
    },
    go: () => {
      for (const gate of gates) gate.open()
    },
    close: async () => {
      await goldenPath.close()
      await wakes.close()
      await postgres.close()
    },
  }
}

async function openBare({ connections }) {
  await runAs(
    connections.migrate,
    `CREATE SCHEMA bare;
    CREATE TABLE bare.events (LIKE uec.events INCLUDING ALL);
    GRANT USAGE ON SCHEMA bare TO uec_worker;
    GRANT INSERT ON bare.events TO uec_worker`,
  )
  const [durable, relaxed] = ['on', 'off'].map(
    (mode) => new pg.Client({ ...connections.worker, options: `-c synchronous_commit=${mode}` }),
  )
  await Promise.all([durable.connect(), relaxed.connect()])
  const runs = []
  let waiting = []
  let sending
  const send = async () => {
    await new Promise(setImmediate)
    while (waiting.length > 0) {
      const batch = waiting.splice(0, 1_000)
      const isDurable = batch.some(({ type }) => type !== 'agent_message_delta')
      await (isDurable ? durable : relaxed).query({
        name: 'insert',
        text: `INSERT INTO bare.events (owner_key, run_id, epoch, sequence, type, text)
          SELECT * FROM unnest($1::text[], $2::text[], $3::integer[], $4::bigint[], $5::text[], $6::text[])`,
        values: [
          batch.map(({ run }) => run.ownerKey),
          batch.map(({ run }) => run.runId),
          batch.map(() => 1),
          batch.map(({ sequence }) => sequence),
          batch.map(({ type }) => type),
          batch.map(({ frame }) => frame),
        ],
      })
      for (const { run, frame, done } of batch) {
        run.webSocket.send(frame)
        done()
      }
    }
    sending = undefined
  }
  const say = async (run) => {
    for (const { type, ...data } of toEvents(run.round++)) {
      const sequence = ++run.sequence
      const { threadId, runId, requestId } = run
      const ids = {
        version: 1,
        epoch: 1,
        sequence,
        type,
        timestamp: new Date().toISOString(),
        threadId,
        runId,
        requestId,
      }
      const frame = JSON.stringify({ ...ids, data })
      const written = new Promise((done) => waiting.push({ run, type, sequence, frame, done }))
      sending ??= send()
      if (type !== 'agent_message_delta') await written
    }
  }
  return {
    take: (webSocket, _socket, index) => {
      const { threadId, runId, requestId } = createForUser(vouchForUser('user', { reason: 'a benchmark' }))
      runs.push({ webSocket, threadId, runId, requestId, ownerKey: `vouched:user-${index}`, sequence: 0, round: 0 })
    },
    ready: async () => {},
    go: () => {
      for (const run of runs) void say(run)
    },
    close: async () => {
      await Promise.all([durable.end(), relaxed.end()])
    },
  }
}

/** The clients of both: they count what arrives. Ours may join pieces of text for a reader that is slow. */
async function openSockets(port) {
  let received = 0
  let wanted = Infinity
  const count = (events) => {
    received += events
    if (received < wanted) return
    received -= wanted
    wanted = Infinity
    process.send('received')
  }
  process.on('message', (events) => {
    received = 0
    wanted = events
  })
  for (const kind of ['ours', 'bare'])
    for (let index = 0; index < users; index++) {
      const socket = new WebSocket(`ws://127.0.0.1:${port}/${kind}/${index}`, { perMessageDeflate: false })
      await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject))
      socket.on('message', (data) => {
        if (!data.includes('"data"')) return
        const { sequence, fromSequence = sequence } = JSON.parse(data)
        count(sequence - fromSequence + 1)
      })
    }
  process.send('connected')
}
