/**
 * The ids: distinct brands over strings, one grammar, one place where unknown input becomes an id.
 *
 * The brands are ts-brand's and exist for the compiler only; the grammar is checked at run time wherever an id enters.
 */
import type { Brand } from 'ts-brand'
import { ContextError } from '../errors/context-error.ts'
import type { Issue, IssueKind } from '../errors/issue.ts'
import { generateUuid } from './generate-uuid.ts'
import { isUninitialisedValue, longestWord, nilUuid } from './uninitialised-values.ts'

/**
 * The user's id, as the identity provider names them. Comes from a verified identity only. Personal data: do not log.
 */
export type UserId = Brand<string, 'UserId, of a context made by createForUser(), or made by parseUserId()'>
/** A conversation. Comes from the client (checked for ownership there) or is generated. May be logged. */
export type ThreadId = Brand<string, 'ThreadId, made by parseThreadId()'>
/** One run of an agent. Generated, or given by the caller of createForUser(). May be logged. */
export type RunId = Brand<string, 'RunId, made by parseRunId()'>
/** One step of a run: the root or a child context. Always generated here. May be logged. */
export type RequestId = Brand<string, 'RequestId, made by createForUser()'>
/** The login session. Comes from a verified identity only. Works like a credential in some systems: do not log. */
export type SessionId = Brand<string, 'SessionId, made by parseSessionId()'>
/** The organisation a user belongs to. Comes from a verified identity only. May be logged. */
export type TenantId = Brand<string, 'TenantId, made by parseTenantId()'>
/** One WebSocket of a user. Always generated here. May be logged. */
export type WebSocketClientId = Brand<string, 'WebSocketClientId, made by connect()'>

/** One legal character: printable ASCII, but no space, quote, backslash, slash, star, angle bracket. */
const legal = String.raw`[A-Za-z0-9!#$%&()+,\-.:;=?@[\]^_{|}~]`
/**
 * Matches what is not legal characters throughout, and the nil UUID. A regular expression that fails on good input is
 * half the price of one that matches it, and 36 characters written out cost less than a loop over them (measured).
 */
const needsLook = new RegExp(`^(?!(?!${nilUuid}$)(?:${legal.repeat(36)}|${legal}*)$)`)
const maxIdCharacters = 128

/**
 * What is wrong with a value as an id, or undefined when it is one.
 *
 * @param value - Anything.
 * @example
 * ```ts
 * import { findIdIssue } from 'user-execution-context'
 *
 * export const kind = findIdIssue('a b') // 'illegal character'
 * ```
 */
export const findIdIssue = (value: unknown): IssueKind | undefined =>
  typeof value === 'string' && value.length > longestWord && value.length <= maxIdCharacters && !needsLook.test(value)
    ? undefined
    : lookAgain(value)

/** The whole rule: {@link findIdIssue} only finds sooner what passes it. */
function lookAgain(value: unknown): IssueKind | undefined {
  if (typeof value !== 'string') return value === undefined || value === null ? 'missing' : 'not a string'
  if (value === '') return 'empty'
  if (value.length > maxIdCharacters) return 'too long'
  if (isUninitialisedValue(value)) return 'uninitialised value'
  return needsLook.test(value) ? 'illegal character' : undefined
}

/** Adds what is wrong with a value as an id, if anything, to the issues of an input. */
export const checkId = (value: unknown, path: string, issues: Issue[]): void => {
  const kind = findIdIssue(value)
  if (kind !== undefined) issues.push({ path, kind })
}

/**
 * Turns unknown input into a user id. Parsing proves the form only, not that the user is who they say: for that, pass
 * the facts through identityProvider().
 *
 * @param value - Anything. 1 to 128 characters out of `A-Z a-z 0-9 ! # $ % & ( ) + , - . : ; = ? @ [ ] ^ _ { | } ~`;
 *   never trimmed, never changed. Left-overs of uninitialised variables (`undefined`, `null`, `test`, …) are refused.
 * @throws {ContextError} `ERR_CONTEXT_INVALID_ID`, with the kind of fault and without the value.
 * @example
 * ```ts
 * import { parseUserId } from 'user-execution-context'
 *
 * export const userId = parseUserId('auth0:5f7c')
 * ```
 */
export const parseUserId: (value: unknown) => UserId = (value) => parseId<UserId>(value, 'userId')
/**
 * Turns unknown input into a thread id. Same grammar and error as {@link parseUserId}; proves no ownership.
 *
 * @param value - Anything.
 * @example
 * ```ts
 * import { parseThreadId } from 'user-execution-context'
 *
 * export const threadId = parseThreadId('thread-1')
 * ```
 */
export const parseThreadId: (value: unknown) => ThreadId = (value) => parseId<ThreadId>(value, 'threadId')
/**
 * Turns unknown input into a run id. Same grammar and error as {@link parseUserId}; proves no ownership.
 *
 * @param value - Anything.
 * @example
 * ```ts
 * import { parseRunId } from 'user-execution-context'
 *
 * export const runId = parseRunId('run-1')
 * ```
 */
export const parseRunId: (value: unknown) => RunId = (value) => parseId<RunId>(value, 'runId')
/**
 * Turns unknown input into a session id. Same grammar and error as {@link parseUserId}.
 *
 * @param value - Anything.
 * @example
 * ```ts
 * import { parseSessionId } from 'user-execution-context'
 *
 * export const sessionId = parseSessionId('session-1')
 * ```
 */
export const parseSessionId: (value: unknown) => SessionId = (value) => parseId<SessionId>(value, 'sessionId')
/**
 * Turns unknown input into a tenant id. Same grammar and error as {@link parseUserId}.
 *
 * @param value - Anything.
 * @example
 * ```ts
 * import { parseTenantId } from 'user-execution-context'
 *
 * export const tenantId = parseTenantId('acme')
 * ```
 */
export const parseTenantId: (value: unknown) => TenantId = (value) => parseId<TenantId>(value, 'tenantId')

/**
 * A new thread id: a random UUID (RFC 9562, version 4).
 *
 * @example
 * ```ts
 * import { newThreadId } from 'user-execution-context'
 *
 * export const id = newThreadId()
 * ```
 */
export const newThreadId = (): ThreadId => generateUuid() as ThreadId
/**
 * A new run id: a random UUID (RFC 9562, version 4).
 *
 * @example
 * ```ts
 * import { newRunId } from 'user-execution-context'
 *
 * export const id = newRunId()
 * ```
 */
export const newRunId = (): RunId => generateUuid() as RunId
/** A new request id. Not public: only contexts have one. */
export const newRequestId = (): RequestId => generateUuid() as RequestId
/**
 * A new WebSocket client id. A connection makes its own.
 *
 * @example
 * ```ts
 * import { newWebSocketClientId } from 'user-execution-context'
 *
 * export const id = newWebSocketClientId()
 * ```
 */
export const newWebSocketClientId = (): WebSocketClientId => generateUuid() as WebSocketClientId

function parseId<Id extends string>(value: unknown, path: string): Id {
  const kind = findIdIssue(value)
  if (kind !== undefined) throw new ContextError('ERR_CONTEXT_INVALID_ID', { issues: [{ path, kind }] })
  return value as Id
}
