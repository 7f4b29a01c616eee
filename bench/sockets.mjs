// Section "sockets": how soon the first event of a run comes and what one idle socket holds, against a bare ws server;
// whether a run of another user takes as long to be denied as one of nobody.
import { spawn, spawnSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import WebSocket from 'ws'
import { median, printHeading, printRow, spread } from './measure.mjs'

const idleSockets = 2000

export async function sockets() {
  await measureLatency()
  const servers = await Promise.all(['ours', 'users', 'filed', 'bare'].map((kind) => openServer(kind)))
  const [ours, users, filed, bare] = servers
  try {
    await measureForeign(ours)
    await measureIdle({ 'in no registry': users, 'in a registry': filed }, bare)
  } finally {
    for (const server of servers) server.child.send('close')
  }
}

/** A run of another user and a run of nobody: the client must not learn from the time which of the two it was. */
async function measureForeign({ port, token, foreignRunId }) {
  const ask = async (runId) => {
    const startedAt = process.hrtime.bigint()
    const headers = { authorization: `Bearer ${token}` }
    const response = await fetch(`http://127.0.0.1:${port}/runs/${runId}/events`, { headers })
    if (response.status !== 404) throw new Error(`a foreign run was answered with ${response.status}`)
    await response.text()
    return Number(process.hrtime.bigint() - startedAt)
  }
  const blocks = []
  for (let block = 0; block < 60; block++) {
    const times = { foreign: [], unknown: [] }
    for (let request = 0; request < 50; request++) {
      times.foreign.push(await ask(foreignRunId))
      times.unknown.push(await ask(randomUUID()))
    }
    if (block >= 20) blocks.push(median(times.foreign) / median(times.unknown))
  }
  printHeading(`Time of the answer to a run of another user / of nobody, over HTTP, ${blocks.length * 50} of each`)
  printRow('foreign / unknown', spread(blocks), 1.05)
}

async function measureIdle(ours, bare) {
  const growth = {}
  for (const [name, server] of Object.entries({ bare, ...ours })) {
    // The first connections pay for code and caches of the process; they are no cost per socket.
    const clients = await openSockets(server, 200)
    const before = await askMemory(server)
    clients.push(...(await openSockets(server, idleSockets)))
    const after = await askMemory(server)
    growth[name] = {
      heap: (after.heap - before.heap) / idleSockets,
      resident: (after.resident - before.resident) / idleSockets,
    }
    for (const client of clients) client.terminate()
  }
  printHeading(`Bytes that an idle socket of its own user holds, ${idleSockets} sockets / the bare ws server`)
  for (const [part, words, goal] of [
    ['heap', 'heap and buffers after collection', 1.3],
    ['resident', 'resident memory of the process, which the allocator rounds'],
  ])
    for (const name of Object.keys(ours)) {
      const ratio = growth[name][part] / growth.bare[part]
      const figures = `${growth[name][part].toFixed(0)} / ${growth.bare[part].toFixed(0)} bytes`
      printRow(`${words}, ${name}: ${figures}`, { median: ratio, low: ratio, high: ratio }, goal)
    }
}

/**
 * With each side on a core of its own, as on two machines. Left alone, the kernel often puts client and server of an
 * echo on one core, because they never work at once: half the wake-ups, and a least cost
 * that no server that does work can reach.
 */
async function measureLatency() {
  const apart = [['each side on a core of its own', 0, 1], ['where the kernel puts them']]
  const placed = hasTaskset() ? apart : [['where the kernel puts them: no taskset here']]
  for (const [place, clientCore, serverCore] of placed) {
    const servers = {}
    for (const kind of ['ours', 'written', 'bare']) servers[kind] = await openServer(kind, serverCore)
    const { requests, control, toEcho, toWritten } = await runLatencyClient(servers, clientCore)
    for (const { child } of Object.values(servers)) child.send('close')
    const isGoal = place.startsWith('each side')
    printHeading(`Time from start_run to agent_started, ${requests} requests one at a time, ${place}`)
    printRow('control: the echo of a bare ws server / its own median', control)
    printRow('ours / the echo of the same bytes by a bare ws server', toEcho, isGoal ? 1.3 : undefined)
    printRow('ours / a ws server that says the same and checks nothing', toWritten)
  }
}

function runLatencyClient(servers, core) {
  const toAddress = ([kind, { port, token }]) => [kind, { port, token }]
  const addresses = Object.fromEntries(Object.entries(servers).map(toAddress))
  const child = spawnOnCore(core, ['bench/latency-client.mjs', JSON.stringify(addresses)])
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the client ended with ${code}`)))
    child.once('message', resolve)
  })
}

function openServer(kind, core) {
  const child = spawnOnCore(core, ['--expose-gc', 'bench/socket-server.mjs', kind])
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the ${kind} server ended with ${code}`)))
    child.once('message', (address) => resolve({ child, ...address }))
  })
}

/** A Node process on one core, or wherever the kernel puts it. */
function spawnOnCore(core, words) {
  const command = [...(core === undefined ? [] : ['taskset', '--cpu-list', String(core)]), process.execPath, ...words]
  return spawn(command[0], command.slice(1), { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
}

const hasTaskset = () => spawnSync('taskset', ['--cpu-list', '0,1', 'true']).status === 0

async function askMemory({ child }) {
  const answered = new Promise((resolve) => child.once('message', ({ memory }) => resolve(memory)))
  child.send('memory')
  return answered
}

/** A token of the server "users": it names a user of its own. */
const nextUser = () => randomUUID()

async function openSockets({ port, token }, count) {
  const sockets = []
  for (let index = 0; index < count; index++) {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/ws`, {
      headers: { authorization: `Bearer ${token ?? nextUser()}` },
      perMessageDeflate: false,
    })
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject))
    sockets.push(socket)
  }
  return sockets
}
