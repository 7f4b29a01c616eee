/**
 * Forgets a user: one transaction for all that the library keeps of them, and for tables of the app.
 */
import { encodeKey, requireContext, toOwnerKey } from 'user-execution-context'
import type { LiveSessions, UserExecutionContext } from 'user-execution-context'
import type { PoolClient, QueryConfig } from 'pg'
import { asOwner } from '../connection/as-owner.ts'
import { defaultAnswerTimeoutMs } from '../connection/connect-alone.ts'
import { begin, inTransaction } from '../connection/in-transaction.ts'
import type { Postgres } from '../connection/open-database.ts'
import { retryTransient } from '../connection/transient.ts'
import { quoteName } from '../migrations/roles.ts'
import { fields, listOf, optional, parseOptions, type Checks } from '../options/parse-options.ts'
import { pools, sessions as sessionsCheck, wakes as wakesCheck } from '../options/port-checks.ts'
import { tableChecks, type OwnedTable } from '../policies/owner-policy.ts'
import { queueTopic } from '../queue/postgres-run-queue.ts'
import { toTopic, type WakeChannel } from '../wakes/wake-channel.ts'

/** Options of {@link forgetUser}. */
export type ForgetUserOptions = {
  readonly postgres: Postgres
  readonly wakes: WakeChannel
  /** Of several databases: where accounts and revocations are, `home` of openPostgres(). Default: `postgres`. */
  readonly home?: Postgres | undefined
  /** A registry over postgresRevocations(): what the user is signed in with ends at every node. */
  readonly sessions: LiveSessions
  /**
   * Tables of yours with the policy of toOwnerPolicy(), whose rows of the user are removed too, in this order: what
   * refers to another table comes before it. The role of `postgres.service` needs DELETE on them. Default none.
   */
  readonly tables?: readonly OwnedTable[] | undefined
}

const checks: Checks<ForgetUserOptions> = {
  postgres: pools,
  wakes: wakesCheck,
  home: optional(pools),
  sessions: sessionsCheck,
  tables: optional(listOf(fields(tableChecks))),
}

/** What was removed. May be logged. */
export type ForgottenUser = {
  /** Rows of all tables. */
  readonly rows: number
}

/**
 * Signs a user out everywhere, which ends their runs, and then removes in one transaction what the library keeps of
 * them: runs with their events, queued jobs, keys of starts, handles, revoked sessions, their account in
 * postgresUsers(), and their rows of `tables`.
 * Where a statement fails nothing is removed, and the user is signed out. With several databases `postgres` and `wakes`
 * are those of the user's shard, and what is in `home` is removed in a second transaction: after a failure call it
 * again.
 *
 * The revocation itself stays until the last proof that it ends has ended: it holds the user's id. Audit trails stay.
 * Do not let the user in again before it has answered; a node that was cut off can add rows until it hears of the
 * sign-out. Call it again after `staleAfterMs` of the registries: then it removes nothing, or that.
 *
 * @param context - Of the user who is forgotten: from their own request, or from vouchForUser() in a job of yours. It
 *   may have ended: after a failure it is asked with again.
 * @param options - Where the rows are.
 * @returns How many rows were removed.
 * @throws {ContextError} `ERR_CONTEXT_NOT_ISSUED`, `ERR_CONTEXT_INVALID_OPTIONS`, `ERR_CONTEXT_TOO_MANY_REVOCATIONS`.
 *   What the driver throws is thrown unchanged.
 * @example
 * ```ts
 * import type { UserExecutionContext } from 'user-execution-context'
 * import { forgetUser, type ForgetUserOptions } from '@user-execution-context/postgres'
 *
 * export const deleteAccount = async (context: UserExecutionContext, options: ForgetUserOptions) => {
 *   const { rows } = await forgetUser(context, { ...options, tables: [{ schema: 'app', table: 'notes' }] })
 *   console.log(`An account was deleted: ${rows} rows.`)
 * }
 * ```
 */
export const forgetUser: (context: UserExecutionContext, options: ForgetUserOptions) => Promise<ForgottenUser> = async (
  context,
  options,
) => {
  requireContext(context)
  const { postgres, wakes, sessions, tables = [], ...own } = parseOptions(options, checks)
  const home = own.home ?? postgres
  const ownerKey = toOwnerKey(context)
  const { namespace, tenantId, userId } = context
  const user = { namespace, userId, ...(tenantId !== undefined && { tenantId }) }
  const statements = [...tables, ...ownTables].map(({ schema, table, column = 'owner_key' }: OwnedTable) =>
    toSlow(`DELETE FROM ${quoteName(schema)}.${quoteName(table)} WHERE ${quoteName(column)} = $1`, ownerKey),
  )
  // First: what is signed out begins nothing that the removal would miss.
  await sessions.revoke({ user })
  const rows = await retryTransient(retryMs, () =>
    asOwner(postgres.service, ownerKey, async (client) => {
      // Whatever claims, ends or writes a run of the user waits, and finds nothing then.
      await client.query('SELECT FROM uec.queue_owners WHERE owner_key = $1 FOR UPDATE', [ownerKey])
      // A claim passes over what is locked. For the run of a cancelled job it would wait otherwise, and renew no lease.
      await client.query('SELECT FROM uec.jobs WHERE owner_key = $1 ORDER BY run_id FOR UPDATE', [ownerKey])
      await client.query(toSlow('SELECT FROM uec.runs WHERE owner_key = $1 ORDER BY run_id FOR UPDATE', ownerKey))
      let removed = 0
      for (const statement of statements) {
        const { rowCount } = await client.query(statement)
        removed += rowCount ?? 0
      }
      return home === postgres ? removed + (await removeSignIn(client, context)) : removed
    }),
  )
  const others =
    home === postgres
      ? 0
      : await retryTransient(retryMs, () =>
          inTransaction(home.service, begin, (client) => removeSignIn(client, context)),
        )
  // Workers let go of what they have.
  wakes.wake([queueTopic, toTopic(ownerKey)])
  return { rows: rows + others }
}

/** How long a server that restarts is waited for, milliseconds. */
const retryMs = 4_000

/** Of millions of rows, which take longer than another statement may before its connection counts as lost. */
function toSlow(text: string, ownerKey: string): QueryConfig {
  // The types of the driver know the time of a statement of clients only.
  const bounds: object = { query_timeout: defaultAnswerTimeoutMs }
  return { text, values: [ownerKey], ...bounds }
}

/** Jobs and events before their runs. The home is last: it was asked as the transaction began. */
const ownTables = ['jobs', 'events', 'runs', 'queue_owners', 'start_keys', 'handles', 'owner_homes'].map((table) => ({
  schema: 'uec',
  table,
}))

/** What openGoldenPathServer() calls the users of its own store. */
const ownNamespace = 'user-execution-context'

async function removeSignIn(client: PoolClient, context: UserExecutionContext): Promise<number> {
  // Sign-outs and accounts are found by nobody who is signed in. What follows has no owner.
  await client.query("SELECT set_config('uec.owner', '', true)")
  const { rowCount } = await client.query('DELETE FROM uec.revocations WHERE starts_with(key, $1)', [
    `${encodeKey(['session', toUserKey(context)])}:`,
  ])
  return (rowCount ?? 0) + (await removeAccount(client, context))
}

/** The same id of another issuer, or of another tenant, is another user, and has no account here. */
async function removeAccount(client: PoolClient, { namespace, tenantId, userId }: UserExecutionContext) {
  if (namespace !== ownNamespace) return 0
  const { rowCount } = await client.query(
    "DELETE FROM uec.users WHERE user_id = $1 AND (record::json ->> 'tenantId') IS NOT DISTINCT FROM $2",
    [userId, tenantId ?? null],
  )
  return rowCount ?? 0
}

/** As registries name a user in the keys of their records. */
function toUserKey({ namespace, tenantId, userId }: Pick<UserExecutionContext, 'namespace' | 'tenantId' | 'userId'>) {
  return encodeKey(tenantId === undefined ? ['user', namespace, userId] : ['user', namespace, tenantId, userId])
}
