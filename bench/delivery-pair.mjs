// Server CPU per delivered event of one candidate over another, in a process of its own; the clients have a second one.
//   node bench/delivery-pair.mjs <ours|agent|raw|socket.io> <the same> <sockets> <events per tick> [rounds]
// Each kind has sockets of its own. A tick's events go round the sockets; a round waits until all have arrived.
import { fork } from 'node:child_process'
import { createServer } from 'node:http'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { Server } from 'socket.io'
import { WebSocketServer } from 'ws'
import { inProcessEventLog, openGoldenPath, parseLimits, wsTransport } from '@user-execution-context/golden-path'
import { IsoClock } from '../packages/golden-path/dist/phases/execution/envelope-writer.js'
import { RunRecorder } from '../packages/golden-path/dist/phases/execution/run-recorder.js'
import { createForUser, toOwnerKey } from 'user-execution-context'
import { vouchForUser } from 'user-execution-context/restricted'
import { spread } from './measure.mjs'

const [first, second, socketsText, perTickText, roundsText = '25'] = process.argv.slice(2)
const sockets = Number(socketsText)
const perTick = Number(perTickText)
const kinds = [...new Set([first, second])]
const text = 'x'.repeat(60)
const data = { text }
const clock = new IsoClock()

const http = createServer()
const webSockets = new WebSocketServer({ noServer: true, perMessageDeflate: false })
const raw = []
const recorders = []
const gates = []
const ios = []

// "ours" is the path from the executor on: check, number, wrap, log, connections of the owner, send. "agent" adds the
// agent.
const limits = parseLimits({
  concurrentRuns: 100_000,
  runTimeMs: 3_600_000,
  outputBytesPerRun: 2_147_483_647,
  loggedEventsPerRun: 200,
})
const eventLog = inProcessEventLog(limits)
const goldenPath = openGoldenPath({
  limits,
  eventLog,
  agent: async function* () {
    const gate = { wanted: 0, open: () => {} }
    gates.push(gate)
    for (;;) {
      if (gate.wanted === 0) await new Promise((resolve) => (gate.open = resolve))
      for (; gate.wanted > 0; gate.wanted--) yield { type: 'agent_thinking', text }
    }
  },
})

http.on('upgrade', (request, socket, head) => {
  const [, kind, index] = request.url.split('/')
  if (kind !== 'ours' && kind !== 'agent' && kind !== 'raw') return
  webSockets.handleUpgrade(request, socket, head, (webSocket) => {
    if (kind === 'raw') raw.push(webSocket)
    else openOurs(kind, wsTransport(webSocket, request.socket), index)
  })
})
const io = new Server(http, { transports: ['websocket'], perMessageDeflate: false, destroyUpgrade: false })
io.on('connection', (socket) => ios.push(socket))

async function openOurs(kind, transport, index) {
  const context = createForUser(vouchForUser(`${kind}-${index}`, { reason: 'a benchmark' }))
  const connection = goldenPath.connect(context, transport)
  if (kind === 'agent') return void goldenPath.execute(context, { text: 'go' })
  const { threadId, runId, requestId } = context
  const record = { ownerKey: toOwnerKey(context), threadId, runId, requestId, createdAtMs: Date.now() }
  await eventLog.create(record)
  goldenPath.deliver(await goldenPath.findRun(context, runId), connection)
  recorders.push(new RunRecorder(context, await eventLog.openWriter(record), limits, clock))
}

const ids = createForUser(vouchForUser('user-0', { reason: 'a benchmark' }))
const event = {
  version: 1,
  epoch: 1,
  sequence: 12_345,
  type: 'agent_thinking',
  timestamp: new Date().toISOString(),
  threadId: ids.threadId,
  runId: ids.runId,
  requestId: ids.requestId,
  data,
}

let next = 0
const toSenders = (kind) => ({ 'ours': recorders, 'agent': gates, raw, 'socket.io': ios })[kind]
const candidates = {
  'ours': () => {
    for (let index = 0; index < perTick; index++) recorders[next++ % sockets].take({ type: 'agent_thinking', text })
  },
  'agent': () => {
    const due = Math.min(perTick, sockets)
    for (let index = 0; index < due; index++) {
      const gate = gates[next++ % sockets]
      gate.wanted += perTick / due
      gate.open()
    }
  },
  'raw': () => {
    for (let index = 0; index < perTick; index++) raw[next++ % sockets].send(JSON.stringify(event))
  },
  'socket.io': () => {
    for (let index = 0; index < perTick; index++) ios[next++ % sockets].emit('event', event)
  },
}

http.listen(0, '127.0.0.1')
await new Promise((resolve) => http.once('listening', resolve))
const sink = fork(new URL('delivery-sink.mjs', import.meta.url), [http.address().port, sockets, kinds.join()])
const heard = () => new Promise((resolve) => sink.once('message', resolve))
await heard()
while (kinds.some((kind) => toSenders(kind).length < sockets)) await nextTurn()

const eventsPerRound = perTick === 1 ? 2_000 : 8_000
const eventsPerWait = 2_000
const round = async (candidate) => {
  const start = process.cpuUsage()
  for (let sent = 0; sent < eventsPerRound; sent += eventsPerWait) {
    const arrived = heard()
    sink.send(eventsPerWait)
    for (let inWait = 0; inWait < eventsPerWait; inWait += perTick) {
      candidate()
      await nextTurn()
    }
    await arrived
  }
  const { user, system } = process.cpuUsage(start)
  return user + system
}
for (let warmUp = 0; warmUp < 4; warmUp++) for (const kind of kinds) await round(candidates[kind])
const ratios = []
const micros = []
for (let index = 0; index < Number(roundsText); index++) {
  const order = index % 2 === 0 ? [first, second] : [second, first]
  const costs = {}
  const measured = []
  for (const kind of order) measured.push([kind, await round(candidates[kind])])
  for (const [kind, cost] of measured) costs[kind] = [...(costs[kind] ?? []), cost]
  const own = costs[first][0]
  const other = first === second ? costs[second][1] : costs[second][0]
  ratios.push(own / other)
  micros.push(own / eventsPerRound)
}
sink.kill()
console.log(JSON.stringify({ ...spread(ratios), micros: spread(micros).median }))
process.exit(0)
