/**
 * The one error class of this package. Its message is for the developer; clients get toClientAnswer().
 */
import { errorCodes, type ClientAnswer, type ContextErrorCode } from './error-codes.ts'
import type { Issue } from './issue.ts'

// Captured before any other code can replace them.
const { defineProperty, entries, freeze, hasOwn } = Object

/** What an error may carry beside its code. */
export type ContextErrorDetails = {
  /** All faults of the input at once. Default none. */
  readonly issues?: readonly Issue[]
  /** The failures that this one aggregates, in the order in which they happened. Default none. */
  readonly errors?: readonly unknown[]
  /** What to do, where the cause is known better than the table can know it. Default: the table's. Never a value. */
  readonly fix?: string
  /** What led to it, for the log of the process. Never sent to a client. */
  readonly cause?: unknown
}

/**
 * An error of this package. Tell errors apart by `code`, which is stable and literal:
 *
 * The message says what happened, where (paths of the input) and what to do. It never holds an id, a token or a
 * value, so it may be logged. It does not cover errors of the caller's own callbacks: those are rethrown unchanged.
 *
 * @example
 * ```ts
 * import { ContextError } from 'user-execution-context'
 *
 * export const isSignedOut = (error: unknown): boolean =>
 *   error instanceof ContextError && error.code === 'ERR_CONTEXT_IDENTITY_EXPIRED'
 * ```
 */
export class ContextError<Code extends ContextErrorCode = ContextErrorCode> extends Error {
  override readonly name = 'ContextError'
  readonly code: Code
  readonly issues: readonly Issue[]
  readonly errors: readonly unknown[]
  /** HTTP status, 400 to 599: what Express, Fastify and Koa answer with. */
  declare readonly statusCode: ClientAnswer['httpStatus']
  /** The same, under the other name that frameworks read. */
  declare readonly status: ClientAnswer['httpStatus']
  /** Whether a framework may send the message to a client: never. It is for the developer; see toClientAnswer(). */
  declare readonly expose: false
  /** Headers that the status needs (RFC 9110): how to sign in, when to try again. Undefined where it needs none. */
  declare readonly headers: Readonly<Record<string, string>> | undefined

  constructor(code: Code, details: ContextErrorDetails = {}) {
    const issues = freeze([...(details.issues ?? [])])
    super(toMessage(code, issues, details.fix), 'cause' in details ? { cause: details.cause } : undefined)
    this.code = code
    this.issues = issues
    this.errors = freeze([...(details.errors ?? [])])
    const { httpStatus } = errorCodes[code].client
    const forFrameworks = {
      statusCode: httpStatus,
      status: httpStatus,
      expose: false,
      headers: headersByStatus[httpStatus],
    }
    for (const [name, value] of entries(forFrameworks)) {
      // Writable, because Koa assigns the status that it sends; not enumerable, because no log has a use for them.
      defineProperty(this, name, { value, writable: true, configurable: true })
    }
  }

  /** The whole answer, where Response exists: what Hono sends for an error that has this method. */
  getResponse(): PlatformResponse {
    const { code, message, httpStatus } = toClientAnswer(this)
    // An error is of one user and of now: nothing may keep it.
    const headers = { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store', ...this.headers }
    return new Response(JSON.stringify({ code, message }), { status: httpStatus, headers }) as PlatformResponse
  }
}

/** The `Response` that the consumer's compiler knows from lib.dom or the types of Node, if it knows one. */
export type PlatformResponse = typeof globalThis extends { Response: { prototype: infer Answer } } ? Answer : object

const headersByStatus: Readonly<Record<number, Readonly<Record<string, string>>>> = freeze({
  401: freeze({ 'www-authenticate': 'Bearer' }),
  429: freeze({ 'retry-after': '60' }),
  503: freeze({ 'retry-after': '1' }),
})

/** Union of the error of every code, so that `switch (error.code)` narrows and is checked for completeness. */
export type AnyContextError = { [Code in ContextErrorCode]: ContextError<Code> }[ContextErrorCode]

/**
 * Whether a value is an error of this package. Narrows to the union, so that `switch (error.code)` is exhaustive.
 *
 * @param value - Anything, such as what a `catch` got.
 * @example
 * ```ts
 * import { isContextError } from 'user-execution-context'
 *
 * export const isSignedOut = (error: unknown): boolean =>
 *   isContextError(error) && error.code === 'ERR_CONTEXT_IDENTITY_EXPIRED'
 * ```
 */
export const isContextError = (value: unknown): value is AnyContextError => {
  try {
    return value instanceof ContextError
  } catch {
    // A proxy that throws was thrown. What reports errors must not fail itself.
    return false
  }
}

/**
 * What a client may be told about any error: the table's answer for an error of this package, and the same
 * indistinct answer for everything else. Never holds the message, the cause or a stack. Where the difference between
 * two errors would help an attacker (what is wrong with a token), both are told by the same code.
 *
 * @param error - Anything, such as what a `catch` got.
 * @example
 * ```ts
 * import { toClientAnswer } from 'user-execution-context'
 *
 * export const toResponse = (error: unknown): Response => {
 *   const { httpStatus, code, message } = toClientAnswer(error)
 *   return Response.json({ code, message }, { status: httpStatus })
 * }
 * ```
 */
export const toClientAnswer = (error: unknown): ClientAnswer & { readonly code: ContextErrorCode | 'ERR_INTERNAL' } => {
  // The own code is looked up: an object that merely inherits from the error class must not break the answer.
  if (!isContextError(error) || !hasOwn(errorCodes, error.code)) {
    return { code: 'ERR_INTERNAL', message: 'Something went wrong on our side.', httpStatus: 500, closeCode: 1011 }
  }
  const { toldAs = error.code, ...answer } = errorCodes[error.code].client
  return { code: toldAs as ContextErrorCode, ...answer }
}

function toMessage(code: ContextErrorCode, issues: readonly Issue[], knownFix: string | undefined): string {
  const { happened, fix } = errorCodes[code]
  const advice = knownFix ?? fix
  const where = issues.slice(0, 20).map((issue) => (issue.path === '' ? issue.kind : `${issue.path}: ${issue.kind}`))
  if (issues.length > 20) where.push(`and ${issues.length - 20} more`)
  return where.length === 0 ? `${happened}. ${advice}` : `${happened} (${where.join('; ')}). ${advice}`
}
