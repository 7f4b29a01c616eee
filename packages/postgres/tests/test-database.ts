// A database of a test file's own, on the server of the run.
import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { afterAll, beforeAll, inject } from 'vitest'
import { toDriverConfig } from '../src/connection/connection-target.ts'
import { migratePostgres } from '../src/migrations/migrate-postgres.ts'

type Target = { readonly host: string; readonly user: string; readonly database: string }

/** The logins of a database of a test file. */
export type TestDatabase = {
  readonly name: string
  readonly service: Target
  readonly worker: Target
  /** LISTEN needs a session of its own: the server itself, also where the others are behind a pooler. */
  readonly listen: Target
  /** The superuser of the server. */
  readonly migrate: Target
}

/** The login of a role in a database of the server of the run. */
export const loginOf = (user: string, database: string): Target => ({ host: inject('serverHost'), user, database })
/** The same where an app logs in: behind a pooler, when the run has one. */
const appLoginOf = (user: string, database: string): Target => ({ host: inject('poolerHost'), user, database })

/** Runs statements as the superuser, on a connection of their own. */
export const runAsAdmin = async (database: string, ...statements: readonly string[]): Promise<void> => {
  const client = new pg.Client(toDriverConfig(loginOf('uec_admin', database)) as pg.ClientConfig)
  await client.connect()
  try {
    for (const statement of statements) await client.query(statement)
  } finally {
    await client.end()
  }
}

/** The rows of a statement that the superuser runs, whom no policy binds. */
export const queryAsAdmin = async (
  database: string,
  statement: string,
): Promise<readonly Readonly<Record<string, unknown>>[]> => {
  const client = new pg.Client(toDriverConfig(loginOf('uec_admin', database)) as pg.ClientConfig)
  await client.connect()
  try {
    return (await client.query<Record<string, unknown>>(statement)).rows
  } finally {
    await client.end()
  }
}

/**
 * A database that is made before the tests of the file, with the newest schema unless `migrated` is false, and dropped
 * after them. Call it at the top of a file or of a describe().
 */
export const testDatabase = ({ migrated = true } = {}): TestDatabase => {
  const name = `test_${randomUUID().replaceAll('-', '')}`
  beforeAll(async () => {
    await runAsAdmin('postgres', `CREATE DATABASE ${name}`)
    if (migrated) await migratePostgres({ connection: loginOf('uec_admin', name) })
  })
  afterAll(() => runAsAdmin('postgres', `DROP DATABASE ${name} WITH (FORCE)`))
  return {
    name,
    get service() {
      return appLoginOf('uec_service', name)
    },
    get worker() {
      return appLoginOf('uec_worker', name)
    },
    get listen() {
      return loginOf('uec_service', name)
    },
    get migrate() {
      return loginOf('uec_admin', name)
    },
  }
}
