// Section "signIn": what a check of a token costs the second time, what a run over HTTP costs beside a server that
// checks nothing, what a sign-out costs, and who is limited.
import { spawn } from 'node:child_process'
import { Agent, request } from 'node:http'
import { printHeading, printRow, spread } from './measure.mjs'
import { measureLimits, measureSignOuts } from './sign-out.mjs'
import { newToken, openIdentity } from './tokens.mjs'

const checksPerRound = 1000
const runsPerRound = 100
const rounds = 31
// So many that V8 has compiled what a run needs: that is a cost of the process, and not of its runs.
const warmUpRounds = 30

export async function signIn() {
  await measureChecks()
  await measureSignOuts()
  await measureLimits()
  await measureRuns()
}

/** CPU time of all threads: a signature is verified in the thread pool. */
async function measureChecks() {
  const identity = await openIdentity()
  const known = await newToken()
  await identity(known)
  const toRound = (tokens) => async () => {
    const before = process.cpuUsage()
    for (const token of tokens) await identity(token)
    return toMicros(process.cpuUsage(before))
  }
  const repeated = toRound(Array(checksPerRound).fill(known))
  const ratios = { control: [], repeated: [] }
  for (let round = -4; round < rounds; round++) {
    const fresh = async () => Promise.all(Array.from({ length: checksPerRound }, newToken))
    const [tokens, more] = [await fresh(), await fresh()]
    const first = await toRound(tokens)()
    const again = await repeated()
    const control = await toRound(more)()
    if (round < 0) continue
    ratios.control.push(control / first)
    ratios.repeated.push(again / first)
  }
  printHeading(`CPU of ${checksPerRound} checks of a token, whether its session was signed out asked each time`)
  printRow('control: first checks / first checks', spread(ratios.control))
  printRow('a repeated check / the first one', spread(ratios.repeated), 0.1)
}

async function measureRuns() {
  const servers = { bare: await openServer('bare'), control: await openServer('bare'), ours: await openServer('ours') }
  const ratios = { control: [], ours: [] }
  const client = new Agent({ keepAlive: true, maxSockets: 8 })
  try {
    for (let round = -warmUpRounds; round < rounds; round++) {
      const cpu = {}
      // In another order each round, so that none is always measured first.
      const order = Object.keys(servers)
      for (let turn = 0; turn < (round + warmUpRounds) % 3; turn++) order.push(order.shift())
      for (const name of order) cpu[name] = await measureBlock(servers[name], client)
      if (round < 0) continue
      ratios.control.push(cpu.control / cpu.bare)
      ratios.ours.push(cpu.ours / cpu.bare)
    }
  } finally {
    client.destroy()
    for (const { child } of Object.values(servers)) child.send('close')
  }
  printHeading(
    `CPU of a run over HTTP with 4 events (POST, then SSE), ${rounds * runsPerRound} runs, token check included`,
  )
  printRow('control: a bare HTTP and SSE server / another one', spread(ratios.control))
  printRow('ours / a bare HTTP and SSE server that checks nothing', spread(ratios.ours), 2)
}

async function measureBlock(server, client) {
  const before = await askCpu(server)
  await Promise.all(
    Array.from({ length: 8 }, async (_, lane) => {
      for (let run = lane; run < runsPerRound; run += 8) await runOnce(server, client)
    }),
  )
  const after = await askCpu(server)
  return toMicros(after) - toMicros(before)
}

async function runOnce(server, client) {
  const started = await ask(server, client, 'POST', '/runs', JSON.stringify({ input: { text: 'add 12 and 30' } }))
  const events = await ask(server, client, 'GET', `/runs/${JSON.parse(started).runId}/events`)
  if (!events.includes('agent_completed') || events.split('\n\n').length < 5)
    throw new Error('a run without its events')
}

function ask({ port, token }, agent, method, path, body) {
  const headers = {
    authorization: `Bearer ${token}`,
    ...(body && { 'content-type': 'application/json', 'content-length': body.length }),
  }
  return new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port, path, method, agent, headers }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk) => (text += chunk))
      response.on('end', () => (response.statusCode < 300 ? resolve(text) : reject(new Error(text))))
    })
      .on('error', reject)
      .end(body)
  })
}

function openServer(kind) {
  const child = spawn(process.execPath, ['bench/http-server.mjs', kind], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the ${kind} server ended with ${code}`)))
    child.once('message', (address) => resolve({ child, ...address }))
  })
}

async function askCpu({ child }) {
  const answered = new Promise((resolve) => child.once('message', ({ cpu }) => resolve(cpu)))
  child.send('cpu')
  return answered
}

const toMicros = ({ user, system }) => user + system
