/**
 * The first and the last message of a session: who the user is, and that nothing of it stays.
 */
import { randomBytes } from 'node:crypto'
import { ContextError, toOwnerKey, type UserExecutionContext } from 'user-execution-context'
import type { BatchAnswer, BatchStatement } from './message-batch.ts'

/** What a session is known by on the server. */
export type SessionMark = { readonly owner: string; readonly nonce: string }

/** A mark that no other session has. */
export const toSessionMark = (context: UserExecutionContext): SessionMark => ({
  owner: toOwnerKey(context),
  nonce: randomBytes(16).toString('hex'),
})

/**
 * BEGIN, and who the user is, in one message. All settings hold for this transaction alone. The server ends what a
 * process that hangs, or is gone, leaves open.
 */
export const toFirstMessage = (
  begin: string,
  context: UserExecutionContext,
  { owner, nonce }: SessionMark,
  timeoutMs: number,
): readonly BatchStatement[] => [
  { text: begin },
  {
    text: firstStatement,
    values: [owner, context.tenantId ?? '', JSON.stringify(context.permissions), nonce, String(Math.ceil(timeoutMs))],
  },
]

// The role that acts, and the one of the login, to which it could return.
const firstStatement = `SELECT
  pg_catalog.set_config('uec.owner', $1, true),
  pg_catalog.set_config('uec.session', $4, true),
  current_user,
  pg_catalog.bool_or(r.rolsuper OR r.rolbypassrls),
  pg_catalog.set_config('uec.tenant', $2, true),
  pg_catalog.set_config('uec.permissions', $3, true),
  pg_catalog.set_config('statement_timeout', $5, true),
  pg_catalog.set_config('idle_in_transaction_session_timeout', $5, true)
  FROM pg_catalog.pg_roles r WHERE r.rolname IN (current_user, session_user)`

/**
 * Whether the answer is the one to THIS first message. The fault that it stops: a reply that was left on the connection
 * is read as the reply to the next query, and each user gets the rows of the one before (ChatGPT, 20 March 2023).
 *
 * @returns The role that acts.
 * @throws {ContextError} `ERR_CONTEXT_DATABASE_SESSION`, `ERR_CONTEXT_DATABASE_ROLE`, or what the server said.
 */
export const readFirstAnswer = ({ tags, rows, error }: BatchAnswer, { owner, nonce }: SessionMark): string => {
  if (error !== undefined) throw unavailable(error)
  const [ownerThere, nonceThere, role, isAboveRules] = rows[0] ?? []
  const isOurs = tags[0] === 'BEGIN' && tags.length === 2 && rows.length === 1
  if (!isOurs || ownerThere !== owner || nonceThere !== nonce)
    throw inDoubt('The connection gave the answer to another query, and was closed. Try again.')
  if (isAboveRules !== 'f') throw unsafeRole('It is a superuser, or has BYPASSRLS.')
  return role!
}

/** COMMIT, if the user of the transaction is still who it was; and then nothing of the session stays. */
export const toLastMessage = ({ owner, nonce }: SessionMark, role: string): readonly BatchStatement[] => [
  // A division by zero ends the message here, and the transaction with it.
  { text: lastCheck, values: [owner, nonce, role] },
  { text: 'COMMIT' },
  ...leavings,
]

const lastCheck = `SELECT pg_catalog.current_setting('uec.session', true), 1 / (
  pg_catalog.current_setting('uec.owner', true) = $1
  AND pg_catalog.current_setting('uec.session', true) = $2
  AND current_user = $3)::pg_catalog.int4`

/** ROLLBACK; and nothing of the session stays. */
export const toRollbackMessage = (): readonly BatchStatement[] => [{ text: 'ROLLBACK' }, ...leavings]

// What a function that a SELECT calls can leave on the connection. DISCARD ALL does not run beside other statements,
// and behind a pooler a message of its own can reach another server connection than this one.
const leavings: readonly BatchStatement[] = [
  'RESET ROLE',
  'RESET ALL',
  'UNLISTEN *',
  'CLOSE ALL',
  'DISCARD SEQUENCES',
  // Statements that the driver prepared belong to the pool; those of SQL, and temporary tables, are the session's.
  `SELECT pg_catalog.pg_advisory_unlock_all(),
    (SELECT pg_catalog.count(*) FROM pg_catalog.pg_prepared_statements WHERE from_sql), pg_catalog.pg_my_temp_schema()`,
].map((text) => ({ text }))

/** Whether everything that a last message holds was done, and nothing is left on the connection. */
export const isWhole = ({ tags, rows, error }: BatchAnswer, message: readonly BatchStatement[]): boolean =>
  error === undefined && tags.length === message.length && rows.at(-1)?.[1] === '0' && rows.at(-1)?.[2] === '0'

/** The error for a session that cannot go on. */
export const inDoubt = (fix: string, cause?: unknown): ContextError =>
  new ContextError('ERR_CONTEXT_DATABASE_SESSION', { fix, ...(cause === undefined ? {} : { cause }) })

/** The error for a login that would pass over row-level security. */
export const unsafeRole = (why: string): ContextError =>
  new ContextError('ERR_CONTEXT_DATABASE_ROLE', { fix: `${why} Log in as uec_service, or as a member of it alone.` })

/** The error for a server that did not answer. */
export const unavailable = (cause: unknown): ContextError =>
  new ContextError('ERR_CONTEXT_DATABASE_UNAVAILABLE', { cause })
