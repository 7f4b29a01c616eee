/**
 * What the code of an app gets of a connection: single statements, as the user of the session.
 */
import pg from 'pg'
import {
  assertLive,
  ContextError,
  findUnknownKeys,
  isContextError,
  requireContext,
  toLogFields,
  type UserExecutionContext,
} from 'user-execution-context'
import { toFirstWord } from './first-word.ts'
import type { HeldConnection } from './held-connection.ts'
import { askOne } from './single-statement.ts'
import { inDoubt } from './session-messages.ts'

/** A statement, and how its rows are wanted. */
export type SessionStatement = {
  /** One SELECT, INSERT, UPDATE, DELETE, MERGE or CALL, with `$1`, `$2` … in place of values. */
  readonly text: string
  /** What the driver turns into text. Default none. */
  readonly values?: readonly unknown[] | undefined
  /** Rows as lists, in the order of the columns. Default: as objects. */
  readonly rowMode?: 'array' | undefined
  /** Parsers of values by the OID of their type, as the driver `pg` takes them. Default: the driver's. */
  readonly types?: { readonly getTypeParser: (oid: number, format?: 'text' | 'binary') => unknown } | undefined
}

/** What a statement gave. */
export type SessionAnswer<Row> = {
  readonly rows: Row[]
  /** Rows that were read or changed; null for CALL. */
  readonly rowCount: number | null
  /** The first word of the command tag. */
  readonly command: string
  readonly fields: readonly { readonly name: string; readonly dataTypeID: number }[]
}

/** A connection as a user, for as long as the callback of withUserSession() runs. */
export type UserSession = {
  /**
   * Runs one statement. Errors of the server are those of the driver, unchanged: they may quote values, so do not send
   * them to a client.
   *
   * @throws {ContextError} `ERR_CONTEXT_DATABASE_STATEMENT` for any other statement: the session has ended and nothing
   *   of it is kept. `ERR_CONTEXT_DATABASE_SESSION` once the session is over. What assertLive() throws.
   */
  readonly query: <Row extends object = Record<string, unknown>>(
    statement: string | SessionStatement,
    values?: readonly unknown[],
  ) => Promise<SessionAnswer<Row>>
}

/** A session, and the side of it that withUserSession() keeps. */
export type HeldSession = {
  readonly session: UserSession
  /** No statement begins any more. Whether one is still running. */
  readonly end: () => boolean
  /** What the first statement that failed threw, whoever caught it: nothing of the session can be kept. */
  readonly findFailed: () => { readonly error: unknown } | undefined
}

/** What a statement may begin with. A COMMIT that was sent has kept what it should not, whatever its tag says then. */
const allowedWords: ReadonlySet<string> = new Set([
  ...['select', 'insert', 'update', 'delete', 'merge', 'call'],
  ...['with', 'values', 'table', '('],
])

/** What a single statement may be, by the tag that the server gives it: whatever stays on a connection is missing. */
const allowedTags: ReadonlySet<string> = new Set(['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'MERGE', 'CALL'])

/**
 * A session over a connection on which the transaction has begun.
 *
 * @param connection - Holds `client`, ends it for a reason, and knows why it has ended.
 */
export const openUserSession = (
  context: UserExecutionContext,
  client: pg.PoolClient,
  connection: Pick<HeldConnection, 'fail' | 'failCancelled' | 'findFailure' | 'name'>,
): HeldSession => {
  const comment = toComment(context)
  let isOver = false
  let running = 0
  let begun = 0
  let failed: { readonly error: unknown } | undefined

  const send = async <Row extends object>(asked: ReturnType<typeof parseStatement>): Promise<SessionAnswer<Row>> => {
    if (!allowedWords.has(toFirstWord(asked.text))) throw connection.fail(notRun())
    running++
    try {
      const answer = await askOne(client, { ...asked, text: comment + asked.text })
      if (!allowedTags.has(answer.command)) throw connection.fail(notRun())
      const { rows, rowCount, command, fields } = answer
      return { rows: rows as Row[], rowCount, command, fields }
    } catch (error) {
      // The server refuses the COMMIT only where it has refused a statement: one may not have been sent.
      failed ??= { error }
      // A connection that was closed for a reason says that reason, and not that it was closed.
      const ended = connection.findFailure()
      if (ended !== undefined) throw ended.reason
      if ((error as { readonly code?: unknown }).code === queryCancelled) throw connection.failCancelled(error)
      // What a parser of the app throws is the app's.
      throw isContextError(error) ? error : connection.name(error)
    } finally {
      running--
    }
  }

  const ask = async <Row extends object>(
    statement: string | SessionStatement,
    values?: readonly unknown[],
  ): Promise<SessionAnswer<Row>> => {
    requireContext(context)
    const failure = connection.findFailure()
    if (failure !== undefined) throw failure.reason
    if (isOver) throw inDoubt('Keep and await every statement inside the callback of withUserSession().')
    assertLive(context)
    const parsed = parseStatement(statement, values)
    begun++
    return send<Row>(parsed)
  }

  const query: UserSession['query'] = (statement, values) => {
    const before = begun
    const answer = ask(statement, values)
    // withUserSession() tells of a statement that failed: one whose await was forgotten must not end the process, and
    // with it all other users. What never began is told here alone.
    if (begun > before) answer.catch(() => {})
    return answer as never
  }

  return {
    session: Object.freeze({ query }) as UserSession,
    end: () => {
      isOver = true
      return running > 0
    },
    findFailed: () => failed,
  }
}

const notRun = (): ContextError => new ContextError('ERR_CONTEXT_DATABASE_STATEMENT')

/** SQLSTATE of a statement that was cancelled: by a timeout of the server, or by somebody. */
const queryCancelled = '57014'

/** Ids have no sign that could end a comment; what is not known to be harmless is left out all the same. */
function toComment(context: UserExecutionContext): string {
  return `/* correlation ${toLogFields(context).correlationId.replaceAll(/[^\w:%.~@+=-]/g, '_')} */ `
}

const keys: readonly string[] = ['text', 'values', 'rowMode', 'types']

/** The extended protocol takes one statement, with or without values. */
function parseStatement(statement: string | SessionStatement, values: readonly unknown[] | undefined) {
  const given: Partial<Record<string, unknown>> =
    typeof statement === 'string' ? { text: statement } : Object.assign(Object.create(null), statement)
  const { text, rowMode, types } = given
  const list = values ?? given['values'] ?? []
  const issue =
    typeof text !== 'string'
      ? ({ path: 'text', kind: 'not a string' } as const)
      : !Array.isArray(list)
        ? ({ path: 'values', kind: 'not an array' } as const)
        : rowMode !== undefined && rowMode !== 'array'
          ? ({ path: 'rowMode', kind: 'does not fit' } as const)
          : types !== undefined && !isTypes(types)
            ? ({ path: 'types', kind: 'does not fit' } as const)
            : typeof statement === 'string'
              ? undefined
              : findUnknownKeys(given, keys)[0]
  if (issue !== undefined) throw new ContextError('ERR_CONTEXT_INVALID_OPTIONS', { issues: [issue] })
  // Nothing else of what was given: the driver would send it as types of the values.
  const parsers = types as SessionStatement['types']
  const own = parsers && { getTypeParser: (...asked: [number, 'text' | 'binary']) => parsers.getTypeParser(...asked) }
  return { text: text as string, values: [...(list as readonly unknown[])], rowMode, types: own }
}

function isTypes(value: unknown): boolean {
  return typeof (value as Partial<Record<string, unknown>> | null)?.['getTypeParser'] === 'function'
}
