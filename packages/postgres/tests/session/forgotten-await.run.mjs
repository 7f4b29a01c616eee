// A program that forgets `await` in front of statements, in each way in which they can fail, and serves the next user.
import pg from 'pg'
import { createForUser } from 'user-execution-context'
import { vouchForUser } from 'user-execution-context/restricted'
import { withUserSession } from '../../dist/index.js'

const pool = new pg.Pool({ ...JSON.parse(process.argv[2]), max: 1 })
pool.on('error', () => {})
const context = createForUser(vouchForUser('alice', { reason: 'a test of the database' }))
const asUser = (run, options) =>
  withUserSession(context, pool, run, options).then(
    () => 'kept',
    (error) => error.code ?? error.message,
  )
const outcomes = [
  await asUser((session) => void session.query('SELECT pg_sleep(1)')),
  await asUser((session) => void session.query('SELECT 1')),
  await asUser(async (session) => {
    session.query('SELECT nothing FROM nowhere')
    await session.query('SELECT 1').catch(() => {})
  }),
  await asUser((session) => void session.query('COMMIT')),
  await asUser(
    async (session) => {
      session.query('SELECT pg_sleep(60)')
      await new Promise(() => {})
    },
    { timeoutMs: 300 },
  ),
  await asUser(async (session) => {
    session.query('SELECT pg_sleep(60)')
    throw new Error('of the app')
  }),
  await asUser((session) => session.query('SELECT 1')),
]
// Node ends a process for a rejection that nobody handles once its promises have been worked off.
await new Promise((resolve) => setTimeout(resolve, 100))
console.log(JSON.stringify(outcomes))
await pool.end()
