/**
 * Users and their password records on Postgres: one store for all nodes.
 */
import { ContextError } from 'user-execution-context'
import {
  assertStoredUser,
  changeStoredUser,
  toNameKey,
  type StoredUser,
  type UserChange,
  type UserStore,
} from '@user-execution-context/golden-path/login'
import type { Pool, PoolClient } from 'pg'
import { begin, inTransaction } from '../connection/in-transaction.ts'
import { assertFits } from '../options/parse-options.ts'
import { pool as poolCheck } from '../options/port-checks.ts'
import { queryDatabase } from '../connection/unreachable.ts'

type Row = { readonly record: string }

/** SQLSTATE of a row whose key is there already. */
const uniqueViolation = '23505'

/**
 * The user store on Postgres. Users are found outside of user sessions alone: a statement of withUserSession() sees
 * none of them, whatever it asks.
 *
 * @param pool - `service` of openPostgres().
 * @throws {ContextError} `ERR_CONTEXT_INVALID_OPTIONS` for what is no pool.
 * @example
 * ```ts
 * import { postgresUsers, type Postgres } from '@user-execution-context/postgres'
 *
 * export const countUsers = (postgres: Postgres): Promise<number> => postgresUsers(postgres.service).count()
 * ```
 */
export const postgresUsers = (pool: Pool): UserStore => {
  assertFits(pool, 'pool', poolCheck)
  const findOne = async (client: Pool | PoolClient, name: string, text: string, key: string) => {
    // No name and no id has one, and the server would refuse the statement.
    if (key.includes('\0')) return undefined
    const { rows } = await queryDatabase<Row>(client, { name, text, values: [key] })
    return rows[0] && toUser(rows[0])
  }
  return Object.freeze({
    find: (userName: string) =>
      findOne(pool, 'uec-find-user', 'SELECT record FROM uec.users WHERE name_key = $1', toNameKey(userName)),
    findById: (userId: string) =>
      findOne(pool, 'uec-find-user-by-id', 'SELECT record FROM uec.users WHERE user_id = $1', userId),
    count: async () => {
      const { rows } = await queryDatabase<{ readonly count: string }>(pool, {
        text: 'SELECT count(*) AS count FROM uec.users',
      })
      return Number(rows[0]!.count)
    },
    add: async (user: StoredUser) => {
      assertStoredUser(user)
      const { rowCount } = await queryDatabase(pool, {
        text: 'INSERT INTO uec.users (user_id, name_key, record) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING',
        values: [user.userId, toNameKey(user.userName), JSON.stringify(user)],
      })
      // Two names of one id would be one user, and one name of two users a guess.
      if (rowCount === 0) throw new ContextError('ERR_CONTEXT_USER_EXISTS')
    },
    change: (userId: string, change: UserChange) =>
      inTransaction(pool, begin, async (client) => {
        const text = 'SELECT record FROM uec.users WHERE user_id = $1 FOR UPDATE'
        const before = requireUser(await findOne(client, 'uec-hold-user', text, userId))
        const after = changeStoredUser(before, change)
        await client.query('UPDATE uec.users SET name_key = $2, record = $3 WHERE user_id = $1', [
          userId,
          toNameKey(after.userName),
          JSON.stringify(after),
        ])
        return before
      }).catch(explainConflict),
    remove: async (userId: string) =>
      requireUser(
        await findOne(pool, 'uec-remove-user', 'DELETE FROM uec.users WHERE user_id = $1 RETURNING record', userId),
      ),
  })
}

function toUser({ record }: Row): StoredUser {
  return JSON.parse(record) as StoredUser
}

function requireUser(user: StoredUser | undefined): StoredUser {
  if (user === undefined) throw new ContextError('ERR_CONTEXT_USER_UNKNOWN')
  return user
}

// The error of the driver quotes the name.
function explainConflict(error: unknown): never {
  if ((error as { readonly code?: unknown }).code === uniqueViolation) throw new ContextError('ERR_CONTEXT_USER_EXISTS')
  throw error
}
