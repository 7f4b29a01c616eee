// Section "http": requests per CPU second of each framework with our middleware, beside the bare framework with the
// same check of the token, and beside what its users have for contexts.
import { spawn } from 'node:child_process'
import { Agent, request } from 'node:http'
import { printHeading, printRatios, spread } from './measure.mjs'

const requestsPerRound = 1_000
const rounds = 15
// So many that V8 has compiled what a request needs: that is a cost of the process, and not of its requests.
const warmUpRounds = 5
const frameworks = {
  express: undefined,
  fastify: '@fastify/request-context',
  hono: 'hono/context-storage',
  nestjs: 'nestjs-cls',
}

export async function http() {
  for (const [framework, peer] of Object.entries(frameworks)) await measureFramework(framework, peer)
}

async function measureFramework(framework, peer) {
  const kinds = ['bare', 'control', 'ours', ...(peer === undefined ? [] : ['peer'])]
  const servers = {}
  for (const kind of kinds) servers[kind] = await openServer(framework, kind === 'control' ? 'bare' : kind)
  const ratios = Object.fromEntries(kinds.map((kind) => [kind, []]))
  const client = new Agent({ keepAlive: true, maxSockets: 8 })
  try {
    for (let round = -warmUpRounds; round < rounds; round++) {
      const cpu = {}
      // In another order each round, so that none is always measured first.
      const turns = (round + warmUpRounds) % kinds.length
      for (const kind of [...kinds.slice(turns), ...kinds.slice(0, turns)])
        cpu[kind] = await measureBlock(servers[kind], client)
      if (round >= 0) for (const kind of kinds) ratios[kind].push(cpu.bare / cpu[kind])
    }
  } finally {
    client.destroy()
    for (const { child } of Object.values(servers)) child.send('close')
  }
  printHeading(`${framework}: requests per CPU second, ${rounds * requestsPerRound} requests, token check included`)
  printRatios('control: the bare framework / another one', [spread(ratios.control)], {})
  printRatios('ours / the bare framework with the same token check', [spread(ratios.ours)], { atLeast: 0.93 })
  if (peer !== undefined)
    printRatios(`${peer} / the bare framework with the same token check`, [spread(ratios.peer)], {})
}

async function measureBlock(server, client) {
  const before = await askCpu(server)
  await Promise.all(
    Array.from({ length: 8 }, async (_, lane) => {
      for (let sent = lane; sent < requestsPerRound; sent += 8) await ask(server, client)
    }),
  )
  return (await askCpu(server)) - before
}

function ask({ port, token }, agent) {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}` }
    request({ host: '127.0.0.1', port, path: '/', agent, headers }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk) => (text += chunk))
      response.on('end', () => (text.includes('notes.read') ? resolve() : reject(new Error(text))))
    })
      .on('error', reject)
      .end()
  })
}

function openServer(framework, kind) {
  const child = spawn(process.execPath, ['bench/framework-server.mjs', framework, kind], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, NODE_ENV: 'production' },
  })
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the ${kind} server of ${framework} ended with ${code}`)))
    child.once('message', (address) => resolve({ child, ...address }))
  })
}

async function askCpu({ child }) {
  const answered = new Promise((resolve) => child.once('message', ({ cpu }) => resolve(cpu)))
  child.send('cpu')
  const { user, system } = await answered
  return user + system
}
