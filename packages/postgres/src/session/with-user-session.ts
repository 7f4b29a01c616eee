/**
 * A transaction as a user: the library owns it from BEGIN to COMMIT.
 */
import {
  assertLive,
  ContextError,
  own,
  requireContext,
  watchIdentity,
  type UserExecutionContext,
} from 'user-execution-context'
import { isShardPool, toSessionRoute } from '../connection/shard-pool.ts'
import { unavailable } from '../connection/unreachable.ts'
import { isNotHere } from '../shards/shard-errors.ts'
import { HeldConnection } from './held-connection.ts'
import type { BatchAnswer } from '../connection/message-batch.ts'
import { assertSafeRole } from './role-check.ts'
import {
  inDoubt,
  isClean,
  leavings,
  otherSession,
  readFirstAnswer,
  rollbackMessage,
  toFirstMessage,
  toLastMessage,
  toSessionMark,
} from './session-messages.ts'
import { parseSessionOptions, type SessionOptions, type SessionPool } from './session-options.ts'
import { openUserSession, type HeldSession, type UserSession } from './user-session.ts'

/**
 * Runs a callback in a transaction of the user: policies see who that is (`uec.owner()`), and the callback gets single
 * statements and never the connection. It commits when the callback gives a value, and rolls back when it throws.
 *
 * The connection goes back to the pool only when it is known to hold nothing of the user: after a timeout, a COMMIT
 * that failed, a cancelled statement, the end of the identity, a statement that was not awaited or one that is not
 * allowed, it is destroyed. A second user on the same connection sees nothing of the first.
 *
 * What it does not stop: SQL inside the callback that calls `set_config('uec.owner', …)` reads and writes as another
 * user from there on. Where the user is still another one at the end, nothing is kept; SQL that sets the user back
 * before is not found out, and what it wrote is kept. Build no statement out of what a user wrote.
 *
 * @param context - Live, from createForUser() or deriveChild().
 * @param pool - A pool of the driver `pg` that logs in as `uec_service`, or as a member of it.
 * @param run - Gets the session, which is dead after it. Await every statement.
 * @param options - How long it may take, isolation, whether it only reads, a signal that ends it.
 * @returns What `run` gave, once it is committed.
 * @throws {ContextError} `ERR_CONTEXT_DATABASE_ROLE` for a login that row-level security does not bind;
 *   `ERR_CONTEXT_DATABASE_TIMEOUT`; `ERR_CONTEXT_DATABASE_COMMIT` where nothing was kept, or it is not known;
 *   `ERR_CONTEXT_DATABASE_STATEMENT`, `ERR_CONTEXT_DATABASE_SESSION`, `ERR_CONTEXT_DATABASE_UNAVAILABLE`, what
 *   assertLive() throws, `ERR_CONTEXT_INVALID_OPTIONS`. What `run` throws is thrown unchanged, and so is the reason of
 *   `signal`.
 * @example
 * ```ts
 * import type { UserExecutionContext } from 'user-execution-context'
 * import { withUserSession, type SessionPool } from '@user-execution-context/postgres'
 *
 * export const listTitles = (context: UserExecutionContext, pool: SessionPool): Promise<readonly string[]> =>
 *   withUserSession(context, pool, async (session) => {
 *     const { rows } = await session.query<{ title: string }>('SELECT title FROM app.notes ORDER BY title')
 *     return rows.map(({ title }) => title)
 *   })
 * ```
 */
export const withUserSession: <Result>(
  context: UserExecutionContext,
  pool: SessionPool,
  run: (session: UserSession) => Promise<Result> | Result,
  options?: SessionOptions,
) => Promise<Result> = async (context, pool, run, options = {}) => {
  requireContext(context)
  assertLive(context)
  const { timeoutMs, begin, isStrict, signal } = parseSessionOptions(pool, run, options)
  if (signal?.aborted) throw signal.reason
  const connection = new HeldConnection(timeoutMs)
  const timer = setTimeout(() => connection.fail(new ContextError('ERR_CONTEXT_DATABASE_TIMEOUT')), timeoutMs)
  const stopWatching = watchIdentity(context, (error) => void connection.end(error))
  const abort = (): void => void connection.end(signal!.reason)
  const ignoreSignal = (): void => signal?.removeEventListener('abort', abort)
  signal?.addEventListener('abort', abort)
  let thrown: { readonly error: unknown } | undefined
  const threw = (error: unknown): void => void (thrown = { error })
  try {
    const session: SessionStart<unknown> = { context, pool, begin, isStrict, timeoutMs, run, ignoreSignal, threw }
    return (await Promise.race([runOn(connection, session), connection.failed])) as Awaited<ReturnType<typeof run>>
  } catch (error) {
    // Whatever is not known to be in order is no connection for the next user.
    connection.destroy()
    // Whatever ends the session while it is rolled back for this.
    throw thrown === undefined ? error : thrown.error
  } finally {
    clearTimeout(timer)
    stopWatching()
    ignoreSignal()
  }
}

type SessionStart<Result> = {
  readonly context: UserExecutionContext
  readonly pool: SessionPool
  readonly begin: string
  readonly isStrict: boolean
  readonly timeoutMs: number
  readonly run: (session: UserSession) => Promise<Result> | Result
  /** From here on the session ends as if it had no signal. */
  readonly ignoreSignal: () => void
  /** Told of what the callback throws in a session that has not ended. */
  readonly threw: (error: unknown) => void
}

async function runOn<Result>(connection: HeldConnection, start: SessionStart<Result>): Promise<Result> {
  const { context, pool, begin, isStrict, timeoutMs, run, ignoreSignal, threw } = start
  const mark = toSessionMark(context)
  const first = toFirstMessage(begin, context, mark, { timeoutMs, isStrict, isOfShard: isShardPool(pool) })
  const { client, role } = await toSessionRoute(pool)(async (from) => {
    const taken = await connection.take(from)
    await assertSafeRole(from, taken)
    const answer = await connection.begin(first)
    // The shard has refused the owner in an open transaction: another connection, and perhaps another shard.
    if (isNotHere(answer.error)) connection.drop()
    return { client: taken, role: readFirstAnswer(answer, mark, first) }
  }).catch((error: unknown) => {
    throw isNotHere(error) ? unavailable(error) : error
  })
  const held = openUserSession(context, client, connection)
  own(context, held.session)
  let result: Result
  try {
    result = await run(held.session)
  } catch (error) {
    const isRunning = held.end()
    if (connection.findFailure() === undefined) {
      threw(error)
      if (!isRunning) await rollBack(connection)
    }
    throw error
  }
  // A COMMIT that is on its way is waited for: whether it was kept would not be known.
  ignoreSignal()
  const refused = findRefusal(held)
  if (refused !== undefined) throw connection.name(refused)
  const { committed, left } = connection.commit(toLastMessage(mark, role), leavings)
  const failed = findUncommitted(await committed, mark.nonce)
  if (failed !== undefined) throw connection.name(failed)
  // What is kept is kept, whatever becomes of the connection.
  void left.then((answer) => (isClean(answer) ? connection.giveBack() : connection.destroy()))
  return result
}

/** A connection is destroyed where the answer to ROLLBACK is not the one that it must be. */
async function rollBack(connection: HeldConnection): Promise<void> {
  const answer = await connection.send(rollbackMessage)
  if (isClean(answer) && answer.tags[0] === 'ROLLBACK') connection.giveBack()
}

/** Why nothing of a session whose callback has ended is kept. */
function findRefusal(held: HeldSession): ContextError | undefined {
  if (held.end()) return inDoubt('A statement was still running when the callback ended. Await every statement.')
  const failed = held.findFailed()
  return (
    failed &&
    new ContextError('ERR_CONTEXT_DATABASE_COMMIT', {
      cause: failed.error,
      fix: 'A statement failed before, and the callback went on. Let its error leave the callback.',
    })
  )
}

/** What the answer to a COMMIT says, where it is not that it was done. */
function findUncommitted({ tags, rows, error }: BatchAnswer, nonce: string): ContextError | undefined {
  const code = (error as { readonly code?: unknown } | undefined)?.code
  if (code === otherSession)
    return inDoubt('A statement changed the user or the role of the transaction. Nothing of it was kept.', error)
  if (tags[1] === 'COMMIT' && rows[0]?.[0]?.[0] === nonce) return undefined
  return new ContextError('ERR_CONTEXT_DATABASE_COMMIT', error === undefined ? {} : { cause: error })
}
