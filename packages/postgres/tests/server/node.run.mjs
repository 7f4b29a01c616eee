// A node: the server of the golden path over the ports on Postgres, as a process of its own. With SIGNS_IN=yes users
// sign in here; every other node checks the tokens that it issued. With EXECUTES=yes it is a worker, too. Its agent
// writes what it knows to be acknowledged into the file WITNESS, its server what it logs into the file LOG.
import { randomUUID } from 'node:crypto'
import { appendFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { liveSessions } from 'user-execution-context'
import { parseLimits } from '@user-execution-context/golden-path'
import { accessTokens, fileSigningSecret, fileUserStore } from '@user-execution-context/golden-path/login'
import { openGoldenPathServer } from '@user-execution-context/golden-path/server'
import {
  openPostgres,
  openWakeChannel,
  postgresEventLog,
  postgresRevocations,
  postgresRunQueue,
  postgresStartKeys,
  shardedEventLog,
  shardedRunQueue,
  shardedStartKeys,
} from '@user-execution-context/postgres'
import { sealingKeys } from '@user-execution-context/transfer'

const {
  HOST: host,
  DATABASE: database,
  DIRECTORY: directory,
  EXECUTES,
  RESUMABLE,
  SIGNS_IN,
  WITNESS,
  LOG,
  SHARDS = '',
  POLL_MS = '200',
} = process.env
const pollMs = Number(POLL_MS)
const startsMs = process.env.DECIDE_MS === undefined ? {} : { decideMs: Number(process.env.DECIDE_MS) }
const login = (user, name) => ({ host, database: name, user })
const toConnections = (name) => ({ service: login('uec_service', name), worker: login('uec_worker', name) })
const names = SHARDS.split(',').filter((name) => name !== '')
const shards =
  names.length === 0
    ? undefined
    : await openPostgres({
        ...{ connectTimeoutMs: 2_000, pollMs: 500 },
        shards: Object.fromEntries(names.map((name) => [name, toConnections(name)])),
      })
const postgres =
  shards?.home.postgres ?? (await openPostgres({ connections: toConnections(database), connectTimeoutMs: 2_000 }))
const wakes = shards?.home.wakes ?? openWakeChannel({ pool: postgres.service, listen: postgres.listen })
const store = await postgresRevocations({ postgres, wakes, pollMs: 200 })
const sessions = liveSessions({ maxProofMs: 43_260_000, store, staleAfterMs: 30_000 })
const eventLog = shards ? shardedEventLog({ shards, pollMs }) : postgresEventLog({ postgres, wakes, pollMs })
const limits = parseLimits()
const key = { kty: 'oct', alg: 'A256GCM', kid: 'k1', k: Buffer.alloc(32, 7).toString('base64url') }
const queueOptions = {
  ...{ limits, sessions, ...sealingKeys({ workload: 'test', keys: [key] }) },
  ...{ executes: EXECUTES === 'yes', leaseMs: 1_500, pollMs },
}
const runQueue = shards
  ? shardedRunQueue({ shards, eventLog, ...queueOptions })
  : postgresRunQueue({ postgres, wakes, eventLog, ...queueOptions })

const acknowledge = (scope, type, toolCallId) =>
  WITNESS && appendFileSync(WITNESS, `${scope.context.runId} ${type} ${toolCallId}\n`)

/** Says so many words, with the id of its user in each. Called again, it goes on behind the words that are kept. */
const agent = async function* (scope, { text, resumed }) {
  const { userId } = scope.context
  const words = Number(text)
  for (let word = resumed?.text.split(' ').length ?? 1; word <= words; word++) {
    // Between two of them text may be lost with a database that is killed.
    if (word % 8 === 1) {
      const toolCallId = `call-${word}-${randomUUID()}`
      yield { type: 'tool_executing', toolCallId, toolName: 'look', input: userId }
      acknowledge(scope, 'tool_executing', toolCallId)
      yield { type: 'tool_completed', toolCallId, toolName: 'look', output: word }
      acknowledge(scope, 'tool_completed', toolCallId)
    }
    for (const piece of [`${userId}:`, `${word} `]) yield { type: 'agent_message_delta', text: piece }
    await pause(20, undefined, { signal: scope.signal })
  }
}

const startKeys = shards
  ? shardedStartKeys({ shards, limits, ...startsMs })
  : postgresStartKeys({ postgres, limits, ...startsMs })

const issuer = 'user-execution-context'
const secret = await fileSigningSecret(directory)
const users = await fileUserStore(directory)
const tokens = accessTokens({ issuer, audience: issuer, secret, sessions, users })
const server = await openGoldenPathServer({
  ...{ agent, sessions, eventLog, runQueue, startKeys },
  ...(SIGNS_IN === 'yes' ? { dataDirectory: directory } : { identity: tokens.identity }),
  resumable: RESUMABLE === 'yes',
  log: (record) => LOG && appendFileSync(LOG, `${JSON.stringify(record)}\n`),
})
const url = await server.listen({ port: 0 })
const close = async (options) => {
  await server.close(options)
  sessions.close()
  await (shards ?? { close: () => wakes.close().then(() => postgres.close()) }).close()
  process.disconnect()
}
const { now } = Date
process.on('message', ({ clockMs }) => {
  if (clockMs === undefined) void close()
  // The clock of this machine was moved.
  else Date.now = () => now() + clockMs
})
process.once('SIGTERM', () => {
  const { NOTICE_MS = 0, FINISH_MS = 0 } = process.env
  void close({ noticeMs: Number(NOTICE_MS), finishMs: Number(FINISH_MS), spreadMs: 100 })
})
// Its parent is gone.
process.on('disconnect', () => process.exit())
process.send({ port: Number(new URL(url).port) })
