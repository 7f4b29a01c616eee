// The workflow of docs/guides/workflows.md, run by DBOS on a real server.
import { DBOS } from '@dbos-inc/dbos-sdk'
import pg from 'pg'
import { createForUser, identityProvider, liveSessions, type UserExecutionContext } from 'user-execution-context'
import { sealingKeys } from '@user-execution-context/transfer'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { toDriverConfig } from '../../src/connection/connection-target.ts'
import { testDatabase } from '../test-database.ts'
import { registerReports, startReport } from './dbos-workflow.ts'

const database = testDatabase({ migrated: false })
const secret = Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('base64url')
const { sealer, opener } = sealingKeys({ workload: 'web', keys: [{ kty: 'oct', alg: 'A256GCM', kid: 'k', k: secret }] })
const sessions = liveSessions({ maxProofMs: 3_600_000 })
const verify = (userId: string) => ({ userId, sessionId: `s-${userId}`, expiresAtMs: Date.now() + 3_600_000 })
const identity = identityProvider({ name: 'tokens', sessions, verify })
const signIn = async (userId: string): Promise<UserExecutionContext> => createForUser(await identity(userId))

const quiet = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }
let pool: pg.Pool
let signOut = async (): Promise<unknown> => undefined
const sent: string[] = []
const reports = registerReports(
  { opener, sessions },
  {
    write: async ({ userId }, payload) => {
      if (payload === 'of carol') await signOut()
      return `${payload}, for ${userId}`
    },
    send: async ({ userId, runId }, text) => {
      sent.push(text)
      return `${text}, by ${userId} in ${runId}`
    },
  },
)

beforeAll(async () => {
  pool = new pg.Pool(toDriverConfig(database.migrate) as pg.PoolConfig)
  pool.on('error', () => undefined)
  DBOS.setConfig({ name: 'reports', systemDatabasePool: pool, logger: quiet })
  await DBOS.launch()
})
afterAll(async () => {
  await DBOS.shutdown()
  await pool.end()
})

it('runs each step as the user who started the workflow, and stores nobody', async () => {
  const [alice, bob] = [await signIn('patient-alice'), await signIn('patient-bob')]
  const started = await Promise.all([
    startReport(reports, alice, sealer, 'of alice'),
    startReport(reports, bob, sealer, 'of bob'),
  ])
  expect(await started[0].getResult()).toBe(`of alice, for patient-alice, by patient-alice in ${alice.runId}`)
  expect(await started[1].getResult()).toBe(`of bob, for patient-bob, by patient-bob in ${bob.runId}`)
  const { rows } = await pool.query('SELECT inputs FROM dbos.workflow_status')
  expect(rows.length).toBeGreaterThanOrEqual(2)
  expect(JSON.stringify(rows)).not.toContain('patient-')
})

it("refuses the text of another user's workflow, and a user who is signed out between two steps", async () => {
  const alice = await signIn('alice')
  const started = await startReport(reports, alice, sealer, 'once')
  await started.getResult()
  const { input } = (await started.getStatus())!
  const forged = await DBOS.startWorkflow(reports)(...(input as [string, string]))
  await expect(forged.getResult()).rejects.toMatchObject({ message: expect.stringContaining('other bytes than those') })

  const carol = await signIn('carol')
  signOut = () => sessions.revoke({ session: carol })
  const cut = await startReport(reports, carol, sealer, 'of carol')
  await expect(cut.getResult()).rejects.toMatchObject({ message: expect.stringContaining('was revoked') })
  expect(sent.filter((text) => text.startsWith('of carol'))).toEqual([])
})
