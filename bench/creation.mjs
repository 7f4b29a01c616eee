// What a context costs against the cheapest honest thing: a frozen literal with randomUUID() and a clock, unchecked.
//   node --expose-gc bench/creation.mjs PAIR
import { randomUUID } from 'node:crypto'
import { createForUser, deriveChild, isUserExecutionContext, newRunId, newThreadId } from 'user-execution-context'
import { vouchForUser } from 'user-execution-context/restricted'
import { compare, retainedBytes } from './measure.mjs'

const user = vouchForUser('auth0:5f7c8ec7c33c6c004bbafe82', { reason: 'bench' })
// Fresh strings in every batch: a string that was hashed or checked before is cheaper than what a server sees.
let threadIds = []
let runIds = []
const freshIds = () => {
  threadIds = Array.from({ length: 1024 }, newThreadId)
  runIds = Array.from({ length: 1024 }, newRunId)
}
let sink

const frozenLiteral = (index) =>
  Object.freeze({
    userId: user.userId,
    sessionId: undefined,
    tenantId: undefined,
    permissions: user.permissions,
    threadId: threadIds[index & 1023],
    runId: runIds[index & 1023],
    requestId: randomUUID(),
    parentRequestId: undefined,
    depth: 0,
    createdAtMs: Date.now(),
  })
const context = (index) => createForUser(user, { threadId: threadIds[index & 1023], runId: runIds[index & 1023] })
const metadata = {
  plan: 'pro',
  locale: 'en',
  flags: ['a', 'b'],
  client: { name: 'web', version: '1.2.3', beta: false },
}
const contextWithMetadata = (index) =>
  createForUser(user, { threadId: threadIds[index & 1023], runId: runIds[index & 1023], agentContext: metadata })
const isolatedLiteral = (index) =>
  Object.freeze({
    userId: user.userId,
    sessionId: undefined,
    tenantId: undefined,
    permissions: user.permissions,
    threadId: threadIds[index & 1023],
    runId: runIds[index & 1023],
    requestId: randomUUID(),
    parentRequestId: undefined,
    depth: 0,
    createdAtMs: Date.now(),
    agentContext: deepFreeze(structuredClone(metadata)),
  })
const parent = createForUser(user, { agentContext: metadata })
const child = () => deriveChild(parent, 'search-notes')

const batch = (make) => (operations) => {
  freshIds()
  for (let index = 0; index < operations; index++) sink = make(index)
}

const pairs = {
  control: () => compare(batch(frozenLiteral), batch(frozenLiteral), { operations: 100_000 }),
  generating: () =>
    compare(
      batch(() => createForUser(user)),
      batch(frozenLiteral),
      { operations: 100_000 },
    ),
  creation: () => compare(batch(context), batch(frozenLiteral), { operations: 100_000 }),
  metadata: () => compare(batch(contextWithMetadata), batch(isolatedLiteral), { operations: 20_000 }),
  child: () => compare(batch(child), batch(frozenLiteral), { operations: 100_000 }),
  check: () =>
    compare(
      batch(() => isUserExecutionContext(parent)),
      batch(frozenLiteral),
      { operations: 100_000 },
    ),
  bytes: () => {
    freshIds()
    const [ours, literal] = [retainedBytes(context), retainedBytes(frozenLiteral)]
    return { median: ours / literal, low: ours / literal, high: ours / literal, ours, literal }
  },
}

const result = pairs[process.argv[2]]()
if (sink === null) throw new Error('unreachable')
console.log(JSON.stringify(result))

function deepFreeze(value) {
  if (typeof value === 'object' && value !== null) for (const key in value) deepFreeze(value[key])
  return Object.freeze(value)
}
