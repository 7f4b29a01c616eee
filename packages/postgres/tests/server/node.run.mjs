// A node: the server of the golden path over the ports on Postgres, as a process of its own. With SIGNS_IN=yes users
// sign in here; every other node checks the tokens that it issued. With EXECUTES=yes it is a worker, too.
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
} from '@user-execution-context/postgres'
import { sealingKeys } from '@user-execution-context/transfer'

const { HOST: host, DATABASE: database, DIRECTORY: directory, EXECUTES, SIGNS_IN } = process.env
const login = (user) => ({ host, database, user })
const connections = { service: login('uec_service'), worker: login('uec_worker') }
const postgres = await openPostgres({ connections, connectTimeoutMs: 2_000 })
const wakes = openWakeChannel({ pool: postgres.service, listen: postgres.listen })
const store = await postgresRevocations({ postgres, wakes, pollMs: 200 })
const sessions = liveSessions({ maxProofMs: 43_260_000, store, staleAfterMs: 30_000 })
const eventLog = postgresEventLog({ postgres, wakes, pollMs: 200 })
const limits = parseLimits()
const key = { kty: 'oct', alg: 'A256GCM', kid: 'k1', k: Buffer.alloc(32, 7).toString('base64url') }
const runQueue = postgresRunQueue({
  ...{ postgres, wakes, eventLog, limits, sessions, ...sealingKeys({ workload: 'test', keys: [key] }) },
  ...{ executes: EXECUTES === 'yes', leaseMs: 1_500, pollMs: 200 },
})

/** Says so many words, with the id of its user in each. */
const agent = async function* (scope, { text }) {
  const words = Number(text)
  for (let word = 1; word <= words; word++) {
    yield { type: 'tool_executing', toolCallId: `call-${word}`, toolName: 'look', input: scope.context.userId }
    yield { type: 'tool_completed', toolCallId: `call-${word}`, toolName: 'look', output: word }
    yield { type: 'agent_message_delta', text: `${scope.context.userId}:${word} ` }
    await pause(20, undefined, { signal: scope.signal })
  }
}

const issuer = 'user-execution-context'
const secret = await fileSigningSecret(directory)
const users = await fileUserStore(directory)
const tokens = accessTokens({ issuer, audience: issuer, secret, sessions, users })
const server = await openGoldenPathServer({
  ...{ agent, sessions, eventLog, runQueue, startKeys: postgresStartKeys({ postgres, limits }) },
  ...(SIGNS_IN === 'yes' ? { dataDirectory: directory } : { identity: tokens.identity }),
  log: () => {},
})
const url = await server.listen({ port: 0 })
process.on('message', async () => {
  await server.close()
  sessions.close()
  await wakes.close()
  await postgres.close()
  process.disconnect()
})
// Its parent is gone.
process.on('disconnect', () => process.exit())
process.send({ port: Number(new URL(url).port) })
