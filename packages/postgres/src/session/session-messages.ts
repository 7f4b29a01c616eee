/**
 * The first and the last message of a session: who the user is, and that nothing of it stays.
 */
import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { ContextError, toOwnerKey, type UserExecutionContext } from 'user-execution-context'
import type { BatchAnswer, BatchStatement } from './message-batch.ts'

const processMark = randomUUID()
let sessionCount = 0

/** What a session is known by on the server. */
export type SessionMark = { readonly owner: string; readonly nonce: string }

/** A mark that no other session has, of this process or of another. It is told apart, and not kept secret. */
export const toSessionMark = (context: UserExecutionContext): SessionMark => ({
  owner: toOwnerKey(context),
  nonce: `${processMark}:${++sessionCount}`,
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
  isOfShard: boolean,
): readonly BatchStatement[] => [
  { text: begin },
  {
    text: isOfShard ? firstInShard : firstStatement,
    values: [owner, context.tenantId ?? '', JSON.stringify(context.permissions), nonce, String(Math.ceil(timeoutMs))],
  },
]

// Row-level security is active on a table that has it with FORCE for everybody but a superuser and BYPASSRLS.
const firstStatement = `SELECT
  pg_catalog.set_config('uec.owner', $1, true),
  pg_catalog.set_config('uec.session', $4, true),
  current_user,
  pg_catalog.row_security_active('uec.migrations'),
  pg_catalog.set_config('uec.tenant', $2, true),
  pg_catalog.set_config('uec.permissions', $3, true),
  pg_catalog.set_config('statement_timeout', $5, true),
  pg_catalog.set_config('idle_in_transaction_session_timeout', $5, true)`

// Refused where the user is not at home; and who moves them waits for the end of the transaction.
const firstInShard = firstStatement.replace("pg_catalog.set_config('uec.owner', $1, true)", 'uec.enter($1)')

/**
 * Whether the answer is the one to THIS first message. The fault that it stops: a reply that was left on the connection
 * is read as the reply to the next query, and each user gets the rows of the one before (ChatGPT, 20 March 2023).
 *
 * @returns The role that acts.
 * @throws {ContextError} `ERR_CONTEXT_DATABASE_SESSION`, `ERR_CONTEXT_DATABASE_ROLE`, or what the server said.
 */
export const readFirstAnswer = ({ tags, rows, error }: BatchAnswer, { owner, nonce }: SessionMark): string => {
  if (error !== undefined) throw unavailable(error)
  const [ownerThere, nonceThere, role, isBound] = rows[1]?.[0] ?? []
  const isOurs = tags[0] === 'BEGIN' && tags.length === 2 && rows[1]!.length === 1
  if (!isOurs || ownerThere !== owner || nonceThere !== nonce)
    throw inDoubt('The connection gave the answer to another query, and was closed. Try again.')
  if (isBound !== 't') throw unsafeRole('It is a superuser, or has BYPASSRLS.')
  return role!
}

/** COMMIT, if the user of the transaction is still who it was; and then nothing of the session stays. */
export const toLastMessage = ({ owner, nonce }: SessionMark, role: string): string => {
  const [ownerText, nonceText, roleText] = [owner, nonce, role].map((text) => pg.escapeLiteral(text))
  // A division by zero ends the message here, and the transaction with it.
  return `SELECT pg_catalog.current_setting('uec.session', true), 1 / (
  pg_catalog.current_setting('uec.owner', true) = ${ownerText} AND current_user = ${roleText}
  AND pg_catalog.current_setting('uec.session', true) = ${nonceText})::pg_catalog.int4; COMMIT; ${leavings}`
}

// What a function that a SELECT calls can leave on the connection. DISCARD ALL does not run beside other statements,
// and behind a pooler a message of its own can reach another server connection than this one. Statements that the
// driver has prepared belong to the pool, so DEALLOCATE ALL is no way to end those of SQL: they are looked for.
const leavings = `RESET ALL; UNLISTEN *; CLOSE ALL; DISCARD SEQUENCES;
  SELECT pg_catalog.pg_advisory_unlock_all(), pg_catalog.pg_my_temp_schema(); SELECT pg_catalog.pg_prepared_statement()`

/** ROLLBACK; and nothing of the session stays. */
export const rollbackMessage = `ROLLBACK; ${leavings}`

/** Whether nothing is left on the connection, by the answer to a message that ends with the leavings. */
export const isClean = ({ tags, rows, error }: BatchAnswer): boolean => {
  const [temporary, prepared] = rows.slice(tags.length - 2)
  return (
    error === undefined &&
    tags.at(-6) === 'RESET' &&
    temporary![0]?.[1] === '0' &&
    // The fields of a record: the third from the end says whether SQL prepared it.
    !prepared!.some(([record]) => record?.split(',').at(-3) !== 'f')
  )
}

/** The error for a session that cannot go on. */
export const inDoubt = (fix: string, cause?: unknown): ContextError =>
  new ContextError('ERR_CONTEXT_DATABASE_SESSION', { fix, ...(cause === undefined ? {} : { cause }) })

/** The error for a login that would pass over row-level security. */
export const unsafeRole = (why: string): ContextError =>
  new ContextError('ERR_CONTEXT_DATABASE_ROLE', { fix: `${why} Log in as uec_service, or as a member of it alone.` })

/** The error for a server that did not answer. */
export const unavailable = (cause: unknown): ContextError =>
  new ContextError('ERR_CONTEXT_DATABASE_UNAVAILABLE', { cause })
