/**
 * The first and the last message of a session: who the user is, and that nothing of it stays.
 */
import { createHash, randomUUID } from 'node:crypto'
import pg from 'pg'
import { ContextError, toOwnerKey, type UserExecutionContext } from 'user-execution-context'
import { begin as beginReadCommitted } from '../connection/in-transaction.ts'
import type { BatchAnswer, BatchStatement } from '../connection/message-batch.ts'
import { unavailable } from '../connection/unreachable.ts'
import { isNotHere } from '../shards/shard-errors.ts'

const processMark = randomUUID()
let sessionCount = 0

/**
 * What a session is known by on the server: whose it is, what its answers begin with, and an id that stands in no
 * statement.
 */
export type SessionMark = { readonly owner: string; readonly nonce: string; readonly id: string }

/** A mark that no other session has, of this process or of another. */
export const toSessionMark = (context: UserExecutionContext): SessionMark => ({
  owner: toOwnerKey(context),
  nonce: `${processMark}:${++sessionCount}`,
  id: randomUUID(),
})

/**
 * BEGIN, and who the user is, in one message. All settings hold for this transaction alone. The server ends what a
 * process that hangs, or is gone, leaves open.
 */
export const toFirstMessage = (
  begin: string,
  context: UserExecutionContext,
  { owner, nonce, id }: SessionMark,
  { timeoutMs, isStrict, isOfShard }: FirstMessageOptions,
): readonly BatchStatement[] => {
  const claims = [context.tenantId ?? '', JSON.stringify(context.permissions)]
  const time = String(Math.ceil(timeoutMs))
  // A shard refuses an owner whose home is elsewhere, and a move of the owner waits for the end of this transaction.
  const statement = !isOfShard ? beginAnywhere : isStrict ? beginStrictInShard : beginInShard
  const first = [{ text: begin }, { ...statement, values: [nonce, owner, id, ...claims, time] }]
  return isOfShard && isStrict ? [...toLockedHome(owner, time), ...first] : first
}

/** How long, at which level and where. */
export type FirstMessageOptions = {
  readonly timeoutMs: number
  /** Whether all statements see the database as it was at the first of them. */
  readonly isStrict: boolean
  readonly isOfShard: boolean
}

/**
 * What comes before a strict transaction in a shard. What it sees is settled by its first statement, and that is the
 * one that would wait for the end of a move: the owner would be at home here for the whole session, and what it wrote
 * would be removed with what they left behind. So the home is locked before, by the connection itself and in the same
 * message, until the transaction has the lock. ROLLBACK leaves such a lock, and keeps nothing of a transaction that
 * somebody left open.
 */
const toLockedHome = (owner: string, time: string): readonly BatchStatement[] => [
  { text: beginReadCommitted },
  { text: lockHomeSql, values: [owner, time] },
  { text: 'ROLLBACK' },
]

const home = (owner: string): string => `pg_catalog.hashtextextended(pg_catalog.concat('uec.home ', ${owner}), 0)`
const lockHomeSql = `SELECT pg_catalog.set_config('lock_timeout', $2, true), uec.enter($1),
  pg_catalog.pg_advisory_lock_shared(${home('$1::pg_catalog.text')})`

const beginSql = 'SELECT $1::pg_catalog.text, uec.begin_session($2, $3, $4, $5, $6)'
// The same without the call, which is worth more than its plan only where there is none.
const settings = [
  ...[`'uec.owner', $2`, `'uec.session', $3`, `'uec.tenant', $4`, `'uec.permissions', $5`],
  ...[`'statement_timeout', $6`, `'idle_in_transaction_session_timeout', $6`],
]
// A server on Windows cannot look for the client, and refuses the setting. It has one kind of shared memory, whose name
// costs less to compare than the words of version().
const plannedSql = `SELECT $1::pg_catalog.text,
  CASE WHEN pg_catalog.row_security_active('uec.migrations'::pg_catalog.regclass) THEN current_user END,
  ${settings.map((each) => `pg_catalog.set_config(${each}, true)`).join(', ')},
  CASE WHEN pg_catalog.current_setting('dynamic_shared_memory_type') OPERATOR(pg_catalog.<>) 'windows'
    THEN pg_catalog.set_config('client_connection_check_interval', '1s', true) END`
const beginAnywhere = { text: beginSql, named: { name: 'uec-begin-session', text: plannedSql } }
const enter = ', uec.enter($2)'
const beginInShard = {
  text: `${beginSql}${enter}`,
  named: { name: 'uec-begin-session-in-shard', text: `${plannedSql}${enter}` },
}
const enterLocked = `${enter}, pg_catalog.pg_advisory_unlock_shared(${home('$2')})`
const beginStrictInShard = {
  text: `${beginSql}${enterLocked}`,
  named: { name: 'uec-begin-strict-session-in-shard', text: `${plannedSql}${enterLocked}` },
}

/**
 * Whether the answer is the one to THIS first message. The fault that it stops: a reply that was left on the connection
 * is read as the reply to the next query, and each user gets the rows of the one before (ChatGPT, 20 March 2023).
 *
 * @param first - The statements of the message.
 * @returns The role that acts.
 * @throws {ContextError} `ERR_CONTEXT_DATABASE_SESSION`, `ERR_CONTEXT_DATABASE_ROLE`, or what the server said:
 *   unchanged where it is that the owner is not at home.
 */
export const readFirstAnswer = (
  { tags, rows, error }: BatchAnswer,
  { nonce }: SessionMark,
  { length }: readonly BatchStatement[],
): string => {
  if (error !== undefined) throw isNotHere(error) ? error : unavailable(error)
  const last = rows[length - 1] ?? []
  const [nonceThere, role] = last[0] ?? []
  if (tags.at(-2) !== 'BEGIN' || tags.length !== length || last.length !== 1 || nonceThere !== nonce)
    throw inDoubt('The connection gave the answer to another query, and was closed. Try again.')
  if (typeof role !== 'string') throw unsafeRole('It is a superuser, or has BYPASSRLS.')
  return role
}

/**
 * COMMIT, if the user of the transaction is still who it was. It goes by the simple protocol, which costs less. It has
 * no name on the connection, which a statement of the session could have given to another one; and it names the user by
 * a digest over the id of the session, which whoever reads the statements has not.
 */
export const toLastMessage = ({ owner, nonce, id }: SessionMark, role: string): string => {
  const digest = createHash('sha256').update(`${id}${owner}`).digest('hex')
  return `SELECT '${nonce}', uec.close_session('${digest}', ${pg.escapeLiteral(role)}); COMMIT`
}

/** SQLSTATE of a transaction that is not of its session any more. */
export const otherSession = 'UE003'

/**
 * Ends what a function that a SELECT calls can leave on the connection. DISCARD ALL does not run beside other
 * statements, and behind a pooler a message of its own can reach another server connection than this one. Statements
 * that the driver has prepared belong to the pool, so DEALLOCATE ALL is no way to end those of SQL. RESET ALL leaves
 * the role: a member of several could hand the rights of one to the next user. It also leaves the seed of random
 * numbers, which uec.leave_session() sets anew.
 */
export const leavings = 'RESET ALL; RESET ROLE; UNLISTEN *; CLOSE ALL; DISCARD SEQUENCES; SELECT uec.leave_session()'

/** ROLLBACK; and nothing of the session stays. */
export const rollbackMessage = `ROLLBACK; ${leavings}`

/** Whether nothing is left on the connection, by the answer to a message that ends with the leavings. */
export const isClean = ({ tags, rows, error }: BatchAnswer): boolean =>
  error === undefined && tags.at(-6) === 'RESET' && rows[tags.length - 1]?.[0]?.[0] === 'f'

/** The error for a session that cannot go on. */
export const inDoubt = (fix: string, cause?: unknown): ContextError =>
  new ContextError('ERR_CONTEXT_DATABASE_SESSION', { fix, ...(cause === undefined ? {} : { cause }) })

/** The error for a login that would pass over row-level security. */
export const unsafeRole = (why: string): ContextError =>
  new ContextError('ERR_CONTEXT_DATABASE_ROLE', { fix: `${why} Log in as uec_service, or as a member of it alone.` })
