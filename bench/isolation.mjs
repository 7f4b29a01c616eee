// What an isolated context costs against validation libraries that give the same: ids checked, two records checked to
// be plain JSON, copied and deeply frozen, a request id and a time. Each peer checks as it recommends for speed
// (compiled where it compiles) and is followed by structuredClone() and a deep freeze, because none of them isolates.
//   node --expose-gc bench/isolation.mjs PEER shallow|deep    shallow: the peer takes the records unchecked
import { randomUUID } from 'node:crypto'
import { createForUser, newRunId, newThreadId } from 'user-execution-context'
import { vouchForUser } from 'user-execution-context/restricted'
import { compare } from './measure.mjs'
import { peers } from './peers/peers.mjs'

const user = vouchForUser('auth0:5f7c8ec7c33c6c004bbafe82', { reason: 'bench' })
// Fresh strings in every batch: a string that was hashed or checked before is cheaper than what a server sees.
let threadIds = []
let runIds = []
const freshIds = () => {
  threadIds = Array.from({ length: 1024 }, newThreadId)
  runIds = Array.from({ length: 1024 }, newRunId)
}
// Eleven values each, which PERFORMANCE of metadata calls medium.
const agentContext = {
  plan: 'pro',
  locale: 'en-GB',
  timezone: 'Europe/Berlin',
  features: ['search', 'notes', 'voice'],
  client: { name: 'web', version: '1.2.3', beta: false, screen: { width: 1920, height: 1080 } },
}
const auditMetadata = {
  source: '203.0.113.7',
  method: 'POST',
  path: '/v1/runs',
  via: ['edge-1', 'edge-2', 'app-7'],
  agent: { name: 'browser', version: '128.0', mobile: false, tls: { version: 1.3, bits: 256 } },
}
const toInput = (index) => ({
  threadId: threadIds[index & 1023],
  runId: runIds[index & 1023],
  agentContext,
  auditMetadata,
})

const ours = (index) => createForUser(user, toInput(index))

/** What somebody writes by hand around the check of a library. */
const withPeer = (check) => (index) => {
  const { threadId, runId, agentContext, auditMetadata } = check(toInput(index))
  return Object.freeze({
    userId: user.userId,
    sessionId: undefined,
    tenantId: undefined,
    permissions: user.permissions,
    threadId,
    runId,
    requestId: randomUUID(),
    parentRequestId: undefined,
    depth: 0,
    createdAtMs: Date.now(),
    agentContext: deepFreeze(structuredClone(agentContext)),
    auditMetadata: deepFreeze(structuredClone(auditMetadata)),
  })
}

function deepFreeze(value) {
  if (typeof value === 'object' && value !== null) for (const key in value) deepFreeze(value[key])
  return Object.freeze(value)
}

let sink
const batch = (make) => (operations) => {
  freshIds()
  for (let index = 0; index < operations; index++) sink = make(index)
}

const [name, depth] = process.argv.slice(2)
const check = (await peers[name]())[depth]
freshIds()
if (withPeer(check)(0).agentContext.client.screen.width !== 1920) throw new Error(`${name} lost a value.`)
if (accepts({ ...toInput(0), threadId: 'a b' })) throw new Error(`${name} accepts an id that ours refuses.`)
if (depth === 'deep' && accepts({ ...toInput(0), agentContext: { at: () => 1 } }))
  throw new Error(`${name} accepts a record that is not JSON.`)
console.log(JSON.stringify(compare(batch(withPeer(check)), batch(ours), { operations: 10_000, rounds: 15 })))
if (sink === null) throw new Error('unreachable')

function accepts(input) {
  try {
    check(input)
    return true
  } catch {
    return false
  }
}
