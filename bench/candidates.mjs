// What the pairs of bench/creation.mjs have in common: a user, ids, records, and the cheapest honest things to compare
// with.
import { randomUUID } from 'node:crypto'
import { newRunId, newThreadId } from 'user-execution-context'
import { vouchForUser } from 'user-execution-context/restricted'

export const user = vouchForUser('auth0:5f7c8ec7c33c6c004bbafe82', { reason: 'bench' })

// Fresh strings in every batch: a string that was hashed or checked before is cheaper than what a server sees.
let threadIds = []
let runIds = []
export const refreshIds = () => {
  threadIds = Array.from({ length: 1024 }, newThreadId)
  runIds = Array.from({ length: 1024 }, newRunId)
}

/** Two records of eleven values each. */
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

export const toIds = (index) => ({ threadId: threadIds[index & 1023], runId: runIds[index & 1023] })
export const toRun = (index) => ({
  threadId: threadIds[index & 1023],
  runId: runIds[index & 1023],
  agentContext,
  auditMetadata,
})

/** A frozen literal with a request id and a clock: no check, no record. */
export const toLiteral = (index) =>
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

/** The same with two records that nobody else can change. */
export const toIsolatedLiteral = ({ threadId, runId, agentContext, auditMetadata }) =>
  Object.freeze({
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

function deepFreeze(value) {
  if (typeof value === 'object' && value !== null) for (const key in value) deepFreeze(value[key])
  return Object.freeze(value)
}
