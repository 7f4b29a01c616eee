/**
 * The command line: `migrate`, `roles`, `check`, and for several databases `record-shards` and `move-owner`.
 */
import pg from 'pg'
import { migratePostgres } from '../migrations/migrate-postgres.ts'
import { toRolesSql } from '../migrations/roles.ts'
import { toRefusal } from '../connection/unreachable.ts'
import { assertFits } from '../options/parse-options.ts'
import { connection } from '../options/port-checks.ts'
import { checkPolicies } from '../policies/check-policies.ts'
import { complain, type CommandWorld } from './command-world.ts'
import { isShardCommand, runShardCommand } from './run-shard-command.ts'

const usage = `user-execution-context-postgres migrate          brings the schema of DATABASE_URL up to date
user-execution-context-postgres roles DATABASE   prints the SQL for the roles, for the administrator of the server
user-execution-context-postgres check [OBJECT…]  finds what undoes row-level security; OBJECT is meant to be as it is
user-execution-context-postgres record-shards [NAME…]
                                                 records the shards of SHARDS; new owners are placed on each NAME
user-execution-context-postgres move-owner SHARD NAMESPACE [TENANT] USER
                                                 moves one owner, with all rows, to a shard

SHARDS is NAME=URL for each shard, with spaces between them. Its logins, as that of DATABASE_URL, own the databases.
DATABASE_URL logs in as the owner of the database. A URL holds a password, so it is read from the environment alone.
`

const tookTemporary = `TEMPORARY on this database was taken from PUBLIC: only its owner makes temporary tables now.
Give it back by name to a login of another program that does: GRANT TEMPORARY ON DATABASE … TO ….
`

/** Runs one command. Gives the exit code: 0, 1 for faults that were found or a failure, 2 for a wrong use. */
export const runCommand = async (words: readonly string[], world: CommandWorld): Promise<number> => {
  const { stdout, stderr, env } = world
  const [command, ...rest] = words
  if (command === '--help' || command === undefined) {
    stdout.write(usage)
    return command === undefined ? 2 : 0
  }
  if (command === 'roles' && rest.length === 1) {
    stdout.write(toRolesSql(rest[0]!))
    return 0
  }
  if (isShardCommand(command)) return runShardCommand(command, rest, world, usage)
  const isKnown = (command === 'migrate' && rest.length === 0) || command === 'check'
  if (!isKnown) {
    // What was typed is not repeated: a URL with a password may stand in the place of a command.
    const names = 'migrate, roles, check, record-shards and move-owner'
    const isCommand = command === 'migrate' || command === 'roles'
    stderr.write(
      isCommand
        ? `The arguments do not fit ${command}.\n\n${usage}`
        : `There is no such command. The commands are ${names}.\n\n${usage}`,
    )
    return 2
  }
  const url = env['DATABASE_URL']
  if (url === undefined || url === '') {
    stderr.write('Set DATABASE_URL to postgres://USER:PASSWORD@HOST/DATABASE.\n')
    return 2
  }
  try {
    return command === 'migrate' ? await migrate(url, world) : await check(url, rest, world)
  } catch (error) {
    return complain(error, world)
  }
}

async function migrate(url: string, { stdout }: CommandWorld): Promise<number> {
  const { from, to } = await migratePostgres({ connection: url })
  stdout.write(
    from === to ? `The schema is version ${to} already.\n` : `The schema went from version ${from} to ${to}.\n`,
  )
  if (from === 0) stdout.write(tookTemporary)
  return 0
}

async function check(url: string, allowed: readonly string[], { stdout }: CommandWorld): Promise<number> {
  assertFits(url, 'DATABASE_URL', connection)
  const pool = new pg.Pool({ connectionString: url, connectionTimeoutMillis: 10_000, max: 1 })
  pool.on('error', () => {})
  try {
    const client = await pool.connect().catch((error: unknown) => {
      throw toRefusal(error)
    })
    client.release()
    const faults = await checkPolicies(pool, { allowed })
    for (const { kind, object } of faults) stdout.write(`${object}: ${kind}\n`)
    stdout.write(`${faults.length === 0 ? 'No' : faults.length} fault${faults.length === 1 ? '' : 's'} found.\n`)
    return faults.length === 0 ? 0 : 1
  } finally {
    await pool.end()
  }
}
