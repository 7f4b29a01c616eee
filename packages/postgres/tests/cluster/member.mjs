// A process of a cluster: a node that takes and streams runs, and with EXECUTES=yes a worker. It is told what to do by
// messages of its parent, and answers with what its golden path says.
import { createForUser, liveSessions } from 'user-execution-context'
import { vouchForUser } from 'user-execution-context/restricted'
import { openGoldenPath, parseLimits } from '@user-execution-context/golden-path'
import { openPostgres, openWakeChannel, postgresEventLog, postgresRunQueue } from '@user-execution-context/postgres'
import { sealingKeys } from '@user-execution-context/transfer'
import { setTimeout as pause } from 'node:timers/promises'

const { HOST: host, DATABASE: database, EXECUTES, RESUMABLE, LEASE_MS = '1500' } = process.env
const login = (user) => ({ host, database, user })
const postgres = await openPostgres({
  connections: { service: login('uec_service'), worker: login('uec_worker') },
  connectTimeoutMs: 2_000,
})
const key = { kty: 'oct', alg: 'A256GCM', kid: 'k1', k: Buffer.alloc(32, 7).toString('base64url') }
const wakes = openWakeChannel({ pool: postgres.service, listen: postgres.listen })
const eventLog = postgresEventLog({ postgres, wakes, pollMs: 200 })
const limits = parseLimits({ concurrentRunsPerUser: 4 })
const runQueue = postgresRunQueue({
  ...{ postgres, wakes, eventLog, limits, ...sealingKeys({ workload: 'test', keys: [key] }) },
  sessions: liveSessions({ maxProofMs: 3_600_000 }),
  executes: EXECUTES === 'yes',
  leaseMs: Number(LEASE_MS),
  pollMs: 200,
})

/** Says words one after the other, and calls a tool in the middle. The canary of its user is in each. */
const agent = async function* (scope, { text, resumed }) {
  const { words, pauseMs } = JSON.parse(text)
  const { userId } = scope.context
  for (let word = 1; word <= words; word++) {
    if (word === Math.ceil(words / 2) && resumed === undefined) {
      yield { type: 'tool_executing', toolCallId: 'call', toolName: 'look', input: userId }
      yield { type: 'tool_completed', toolCallId: 'call', toolName: 'look', output: userId }
    }
    yield { type: 'agent_message_delta', text: `${userId}:${word} ` }
    if (pauseMs > 0) await pause(pauseMs, undefined, { signal: scope.signal })
  }
}
const onError = (error) => process.send?.({ type: 'error', code: error.code, message: String(error.message) })
const goldenPath = openGoldenPath({
  ...{ agent, eventLog, runQueue, limits: { concurrentRunsPerUser: 4 }, onError },
  resumable: RESUMABLE === 'yes',
})

const contextOf = (user, run) => createForUser(vouchForUser(user, { reason: 'a test of several processes' }), run)
const acts = {
  start: async ({ user, text }) => {
    const { runId, threadId } = await goldenPath.execute(contextOf(user), { text })
    return { runId, threadId }
  },
  cancel: async ({ user, runId }) => ({ isCancelled: await goldenPath.cancel(contextOf(user), runId) }),
  follow: async ({ user, runId, epoch, lastSequence, id }) => {
    const context = contextOf(user)
    const run = await goldenPath.findRun(context, runId)
    if (run === undefined) return { end: 'unknown' }
    const send = (text) => process.send({ type: 'said', id, message: JSON.parse(text) })
    const transport = { send, bufferedAmount: 0, close: () => {} }
    const connection = goldenPath.connect(context, transport, { runs: 'requested' })
    const end = await goldenPath.deliver(run, connection, { epoch, lastSequence })
    connection.release()
    return { end }
  },
}
process.on('message', ({ id, act, ...given }) => {
  acts[act]({ ...given, id }).then(
    (answer) => process.send({ type: 'answer', id, answer }),
    (error) => process.send({ type: 'answer', id, error: { code: error.code, message: error.message } }),
  )
})
// Its parent is gone.
process.on('disconnect', () => process.exit())
process.send({ type: 'ready' })
