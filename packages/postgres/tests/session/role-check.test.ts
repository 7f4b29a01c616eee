// A login that is harmless as it stands, and may become a role that policies do not bind: by SET ROLE, which a function
// can run. It inherits nothing, so a question about what it may do now has the wrong answer.
import pg from 'pg'
import { afterAll, expect, it } from 'vitest'
import { toDriverConfig } from '../../src/connection/connection-target.ts'
import { withUserSession } from '../../src/session/with-user-session.ts'
import { loginOf, runAsAdmin } from '../test-database.ts'
import { contextOf, notesApp } from './notes-app.ts'

const app = notesApp()
const named = (role: string): string => `${role}_${app.database.name}`
const roles: string[] = []
afterAll(() =>
  runAsAdmin(
    app.database.name,
    `ALTER DATABASE ${app.database.name} OWNER TO uec_admin`,
    ...roles.flatMap((role) => [`DROP OWNED BY ${named(role)}`, `DROP ROLE ${named(role)}`]),
  ),
)

it.each<readonly [string, string, (parent: string) => string, string]>([
  ['a superuser', 'SUPERUSER', () => 'SELECT 1', 'a member of, a superuser'],
  ['a role with BYPASSRLS', 'BYPASSRLS', () => 'SELECT 1', 'a role with BYPASSRLS'],
  [
    'the owner of the database',
    '',
    (parent) => `ALTER DATABASE ${app.database.name} OWNER TO ${parent}`,
    'It owns the database',
  ],
  [
    'the owner of a table without FORCE',
    '',
    (parent) => `ALTER TABLE app.notes OWNER TO ${parent}; ALTER TABLE app.notes NO FORCE ROW LEVEL SECURITY`,
    'does not bind the owner',
  ],
])('withUserSession() refuses a login that may become %s', async (_title, attributes, own, why) => {
  // Names of roles have 63 letters at most.
  const [heir, parent] = [`heir${roles.length}`, `parent${roles.length}`] as const
  roles.push(heir, parent)
  await runAsAdmin(
    app.database.name,
    `CREATE ROLE ${named(parent)} ${attributes}`,
    `CREATE ROLE ${named(heir)} LOGIN NOINHERIT IN ROLE uec_service, ${named(parent)}`,
    own(named(parent)),
  )
  const pool = new pg.Pool({ ...toDriverConfig(loginOf(named(heir), app.database.name)), max: 1 })
  let isRun = false
  const asking = withUserSession(contextOf('alice'), pool, () => {
    isRun = true
  })
  await expect(asking).rejects.toMatchObject({
    code: 'ERR_CONTEXT_DATABASE_ROLE',
    message: expect.stringContaining(why) as string,
  })
  expect(isRun).toBe(false)
  await pool.end()
})
