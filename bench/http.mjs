// Section "http": requests per CPU second of each framework with our middleware, beside the bare framework with the
// same check of the token, and beside what its users have for contexts.
//
// Two measures. Over sockets: V8 compiles the same server differently in each process, so several sets of fresh
// processes are measured, and each gives one ratio; a server that waits for its client pays for being woken, so the
// client costs a fraction of the server and keeps it busy; what else runs on the machine only adds, so a block counts
// by the lower quartile of its kind. Without sockets: two servers in one process, request by request in turn, which
// tells a microsecond from none on a busy machine too. Next.js is measured over sockets only, and with fewer requests:
// one of them costs as much as ten of another framework.
import { spawn } from 'node:child_process'
import { sendRequests } from './http-client.mjs'
import { inFreshProcesses, printHeading, printRatios, spread } from './measure.mjs'
import { layNest12Site } from './nest-12-site.mjs'
import { buildNextSite } from './next-site.mjs'
import { installNode24, node24 } from './node-24.mjs'

const load = { count: 700, lanes: 16, expected: 'notes.read' }
// As many warm-ups as V8 needs to compile what a request needs: that is a cost of the process, and not of its requests.
const effort = { sets: 5, rounds: 8, warmUpRounds: 5, load }
const effortOfNext = { sets: 3, rounds: 8, warmUpRounds: 5, load: { ...load, count: 120 } }
const frameworks = {
  'express': undefined,
  'express-4': undefined,
  'fastify': '@fastify/request-context',
  'hono': 'hono/context-storage',
  'nestjs': 'nestjs-cls',
  'nestjs-12': 'nestjs-cls',
  'trpc': undefined,
}
/** What runs a framework, and its version. */
const nodes = { default: [process.execPath, process.version] }
const nodeOf = (framework) => nodes[framework] ?? nodes.default

export async function http() {
  nodes['nestjs-12'] = [node24, await installNode24()]
  await layNest12Site()
  for (const [framework, peer] of Object.entries(frameworks)) {
    await measureFramework(framework, peer, effort)
    measurePairs(framework, peer)
  }
  await buildNextSite()
  await measureFramework('next', undefined, effortOfNext)
}

async function measureFramework(framework, peer, { sets, ...turns }) {
  const kinds = ['bare', 'control', 'ours', ...(peer === undefined ? [] : ['peer'])]
  const ratios = Object.fromEntries(kinds.map((kind) => [kind, []]))
  for (let set = 0; set < sets; set++) {
    const costs = await measureSet(framework, kinds, turns)
    for (const kind of kinds) ratios[kind].push(costs.bare / costs[kind])
  }
  const requests = sets * turns.rounds * turns.load.count
  const [, version] = nodeOf(framework)
  printHeading(`${framework}: requests per CPU second, ${requests} requests of each, token check included`, [version])
  printRatios('control: the bare framework / another one', [spread(ratios.control)], {})
  printRatios('ours / the bare framework with the same token check', [spread(ratios.ours)], { atLeast: 0.93 })
  if (peer !== undefined)
    printRatios(`${peer} / the bare framework with the same token check`, [spread(ratios.peer)], {})
}

function measurePairs(framework, peer) {
  const names = { bare: 'control: another one', ours: 'ours', ...(peer !== undefined && { peer }) }
  const [node, version] = nodeOf(framework)
  printHeading(`${framework} without sockets: median time of a request, the bare framework / the other`, [version])
  for (const [kind, name] of Object.entries(names))
    printRatios(name, [inFreshProcesses(3, node, 'bench/framework-pair.mjs', framework, kind)], {})
}

/** CPU of a block of each kind, in processes of their own that are measured in turn. */
async function measureSet(framework, kinds, { rounds, warmUpRounds, load }) {
  const servers = {}
  const blocks = Object.fromEntries(kinds.map((kind) => [kind, []]))
  try {
    for (const kind of kinds) servers[kind] = await openServer(framework, kind === 'control' ? 'bare' : kind)
    for (let round = -warmUpRounds; round < rounds; round++) {
      // In another order each round, so that none is always measured first.
      const turns = (round + warmUpRounds) % kinds.length
      for (const kind of [...kinds.slice(turns), ...kinds.slice(0, turns)]) {
        const cpu = await measureBlock(servers[kind], load)
        if (round >= 0) blocks[kind].push(cpu)
      }
    }
  } finally {
    for (const { child } of Object.values(servers)) child.kill()
  }
  return Object.fromEntries(kinds.map((kind) => [kind, lowerQuartile(blocks[kind])]))
}

async function measureBlock(server, load) {
  const before = await askCpu(server)
  await sendRequests(server, load)
  return (await askCpu(server)) - before
}

const lowerQuartile = (values) => [...values].sort((one, other) => one - other)[Math.floor(values.length / 4)]

function openServer(framework, kind) {
  const [node] = nodeOf(framework)
  const child = spawn(node, ['bench/framework-server.mjs', framework, kind], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the ${kind} server of ${framework} ended with ${code}`)))
    child.once('message', (address) => resolve({ child, ...address }))
  })
}

/** CPU of a server until now: of all its threads, because a signature is verified in the thread pool. */
async function askCpu({ child }) {
  const answered = new Promise((resolve) => child.once('message', ({ cpu }) => resolve(cpu)))
  child.send('cpu')
  const { user, system } = await answered
  return user + system
}
