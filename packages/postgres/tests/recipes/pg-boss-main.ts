// Two users ask for a report, a worker writes both, and a job that somebody forged is refused.
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import PgBoss from 'pg-boss'
import { createForUser, identityProvider, liveSessions } from 'user-execution-context'
import { openEmbeddedPostgres, openPostgres, postgresReplayMemory } from '@user-execution-context/postgres'
import { sealingKeys } from '@user-execution-context/transfer'
import { addJob, doJobs } from './pg-boss-jobs.ts'

// A real server in a directory. Yours: its URLs in place of these.
const server = await openEmbeddedPostgres({ directory: '.data/postgres' })
const postgres = await openPostgres({ connections: server.connections })
const database = { host: server.host, port: server.port, database: 'uec' }
// pg-boss makes tables of its own: its log-in may make a schema, and reads nothing of ours.
const admin = new pg.Pool(server.connections.migrate as pg.PoolConfig)
const { rowCount } = await admin.query("SELECT FROM pg_roles WHERE rolname = 'jobs'")
if (rowCount === 0) await admin.query('CREATE ROLE jobs LOGIN; GRANT CONNECT, CREATE ON DATABASE uec TO jobs')
await admin.end()
const boss = new PgBoss({ ...database, user: 'jobs' })
boss.on('error', console.error)
await boss.start()

// Yours: jwtIdentity() with your issuer, and a secret that your processes share.
const expiresAtMs = Date.now() + 3_600_000
const tokens = new Map([
  ['token-of-ada', { userId: 'ada', sessionId: 's-1', expiresAtMs }],
  ['token-of-bob', { userId: 'bob', sessionId: 's-2', expiresAtMs }],
])
const sessions = liveSessions({ maxProofMs: 3_600_000 })
const identity = identityProvider({ name: 'tokens', sessions, verify: (token: string) => tokens.get(token) })
const k = Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('base64url')
const { sealer, opener } = sealingKeys({ workload: 'web', keys: [{ kty: 'oct', alg: 'A256GCM', kid: 'k1', k }] })

const replay = postgresReplayMemory(postgres.service)
await doJobs(boss, { opener, replay, sessions }, async ({ userId }, payload) => ({
  report: `${payload} for ${userId}`,
}))
const ids: string[] = []
for (const token of tokens.keys()) ids.push(await addJob(boss, createForUser(await identity(token)), sealer, 'notes'))
const { sealed } = (await boss.getJobById<{ sealed: string }>('reports', ids[0]!))!.data
ids.push((await boss.send('reports', { sealed, payload: 'secrets' }, { retryLimit: 0 }))!)
for (const id of ids) {
  let job = await boss.getJobById('reports', id)
  for (; !['completed', 'failed'].includes(job!.state); job = await boss.getJobById('reports', id)) await pause(100)
  const { report, code } = job!.output as { readonly report?: string; readonly code?: string }
  console.log(job!.state, report ?? code)
}
await boss.stop()
await postgres.close()
await server.close()
