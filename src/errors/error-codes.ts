/**
 * Floor 0. Every error this package throws, in one table: what happened, what to do, what a client is told.
 * Imports nothing. docs/errors.md is generated from it and a test keeps the two equal.
 */

/** What a client may learn: a fixed sentence, an HTTP status and a WebSocket close code (RFC 6455, 4000-4999 private). */
export type ClientAnswer = {
  readonly message: string
  readonly httpStatus: number
  readonly closeCode: number
}

type ErrorEntry = { readonly happened: string; readonly cure: string; readonly client: ClientAnswer }

const badRequest: ClientAnswer = { message: 'The request is not valid.', httpStatus: 400, closeCode: 4400 }
const signIn: ClientAnswer = { message: 'Please sign in.', httpStatus: 401, closeCode: 4401 }
const notFound: ClientAnswer = { message: 'Not found.', httpStatus: 404, closeCode: 4404 }
const internal: ClientAnswer = { message: 'Something went wrong on our side.', httpStatus: 500, closeCode: 1011 }
const tookTooLong: ClientAnswer = { message: 'The request took too long.', httpStatus: 504, closeCode: 1011 }

/** One entry per code. `happened` and `cure` make the message for the developer; `client` is all that leaves the process. */
export const errorCodes = {
  ERR_CONTEXT_NOT_ISSUED: {
    happened: 'The value is not a UserExecutionContext issued by createForUser()',
    cure: 'If you spread, cloned or rebuilt one, pass the original. If two copies of this package are installed, '
      + 'deduplicate them (npm ls user-execution-context). If it came from a worker or a queue, verify the user there '
      + 'and call createForUser() again: a context does not survive a process border.',
    client: internal,
  },
  ERR_CONTEXT_USER_NOT_VERIFIED: {
    happened: 'createForUser() was given a user that no identity provider verified',
    cure: 'Pass what a function made by identityProvider() returned. For cron jobs, tests and code under migration '
      + 'use vouchForUser() from user-execution-context/restricted.',
    client: internal,
  },
  ERR_CONTEXT_NOT_CONSTRUCTIBLE: {
    happened: 'A sealed class was constructed directly',
    cure: 'Call createForUser() to obtain a UserExecutionContext, and identityProvider() to obtain a VerifiedUser.',
    client: internal,
  },
  ERR_CONTEXT_INVALID_ID: {
    happened: 'An id is not usable',
    cure: 'Pass 1 to 128 characters out of A-Z a-z 0-9 ! # $ % & ( ) + , - . : ; = ? @ [ ] ^ _ { | } ~ that are not a '
      + 'value left by an uninitialised variable (undefined, null, placeholder, test and the like).',
    client: badRequest,
  },
  ERR_CONTEXT_INVALID_REQUEST: {
    happened: 'The run request is not valid',
    cure: 'A run request has the keys threadId, runId, agentContext and auditMetadata, all optional. The user comes from '
      + 'the VerifiedUser, everything else belongs into agentContext or auditMetadata as plain JSON.',
    client: badRequest,
  },
  ERR_CONTEXT_INVALID_IDENTITY: {
    happened: 'The identity provider gave facts that cannot be a user',
    cure: 'verify() must resolve to { userId, sessionId?, tenantId?, permissions?, expiresAtMs? } with ids of the '
      + 'documented form, or to undefined to refuse.',
    client: internal,
  },
  ERR_CONTEXT_INVALID_OPTIONS: {
    happened: 'A function of this package was called with options it cannot use',
    cure: 'Correct the options named by the issues; the docstring of the function states form, units and range.',
    client: internal,
  },
  ERR_CONTEXT_IDENTITY_REFUSED: {
    happened: 'The identity provider refused the credentials',
    cure: 'Ask the user to sign in again.',
    client: signIn,
  },
  ERR_CONTEXT_IDENTITY_EXPIRED: {
    happened: 'The identity of this user has expired',
    cure: 'Renew the credentials and verify them again before you create a context.',
    client: signIn,
  },
  ERR_CONTEXT_TOO_DEEP: {
    happened: 'A child context would be deeper than 10 levels',
    cure: 'A sub-agent or a tool calls itself without end: stop the recursion.',
    client: internal,
  },
  ERR_CONTEXT_INVALID_OPERATION: {
    happened: 'A child context needs a name for its operation',
    cure: "Pass 1 to 128 characters of the id alphabet, other than 'root', such as 'search-notes'.",
    client: internal,
  },
  ERR_CONTEXT_ISOLATION: {
    happened: 'A resource of one user was used with the context of another',
    cure: 'Fetch the resource with the context of the user whom you serve. Look for a cache key without the user, a '
      + 'singleton, or a value kept at module level.',
    client: notFound,
  },
  ERR_CONTEXT_MISMATCH: {
    happened: 'The context passed explicitly is not of the run that is ambient here',
    cure: 'An event emitter, a pool or a memoised promise carried the ambient context of another caller here. Trust the '
      + 'explicit one and leave the ambient run, or enter the right one with runWithContext().',
    client: internal,
  },
  ERR_CONTEXT_NO_AMBIENT: {
    happened: 'There is no ambient context here',
    cure: 'Call this inside runWithContext(), or pass the context explicitly. tryCurrentContext() returns undefined instead.',
    client: internal,
  },
  ERR_CONTEXT_SCOPE_CLOSED: {
    happened: 'The scope is closed',
    cure: 'Keep work inside the callback of runInScope(), or await it before the scope closes.',
    client: internal,
  },
  ERR_CONTEXT_SCOPE_TIMEOUT: {
    happened: 'The scope ran out of time',
    cure: 'Pass scope.signal to what you await so that it stops early, or allow more with timeoutMs.',
    client: tookTooLong,
  },
  ERR_CONTEXT_CLEANUP_FAILED: {
    happened: 'One or more cleanups of a scope failed; all of them were run',
    cure: 'Look at error.errors: each failure is there, first the failure of the body if it failed too.',
    client: internal,
  },
  ERR_CONTEXT_AUDIT_BROKEN: {
    happened: 'The audit trail does not verify',
    cure: 'A record was changed, removed or reordered after it was written. The issue names the first one that does not fit.',
    client: internal,
  },
} as const satisfies Readonly<Record<`ERR_CONTEXT_${string}`, ErrorEntry>>

/** Every stable code. Codes are never reused for another meaning. */
export type ContextErrorCode = keyof typeof errorCodes
