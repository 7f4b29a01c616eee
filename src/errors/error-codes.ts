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

/** `toldAs`: the code a client is told instead of the real one, where the difference would help an attacker. */
type TableAnswer = ClientAnswer & { readonly toldAs?: `ERR_CONTEXT_${string}` }
type ErrorEntry = { readonly happened: string; readonly cure: string; readonly client: TableAnswer }

const badRequest: TableAnswer = { message: 'The request is not valid.', httpStatus: 400, closeCode: 4400 }
/** One answer for whatever is wrong with credentials: which check failed is nobody's business but the log's. */
const signIn: TableAnswer = {
  message: 'Please sign in.',
  httpStatus: 401,
  closeCode: 4401,
  toldAs: 'ERR_CONTEXT_IDENTITY_REFUSED',
}
const notFound: TableAnswer = { message: 'Not found.', httpStatus: 404, closeCode: 4404 }
const internal: TableAnswer = { message: 'Something went wrong on our side.', httpStatus: 500, closeCode: 1011 }
const tooMany: TableAnswer = { message: 'Too many requests. Try again later.', httpStatus: 429, closeCode: 4429 }
const unavailable: TableAnswer = {
  message: 'The service is not available right now.',
  httpStatus: 503,
  closeCode: 1013,
}
const anotherUser: TableAnswer = {
  message: 'This connection belongs to another user. Open a new one.',
  httpStatus: 403,
  closeCode: 4403,
}
const anotherOrigin: TableAnswer = { message: 'This origin may not use this server.', httpStatus: 403, closeCode: 4403 }
const tooLarge: TableAnswer = { message: 'The request is too large.', httpStatus: 413, closeCode: 1009 }
const runExists: TableAnswer = { message: 'This run exists already.', httpStatus: 409, closeCode: 4409 }
const agentFailed: TableAnswer = { message: 'The agent failed.', httpStatus: 500, closeCode: 1011 }
const answerTooLarge: TableAnswer = { message: 'The answer is too large.', httpStatus: 500, closeCode: 1011 }
const slowReader: TableAnswer = {
  message: 'Reading too slowly. Connect again and resume.',
  httpStatus: 503,
  closeCode: 1013,
}
const goingAway: TableAnswer = { message: 'The service is stopping. Connect again.', httpStatus: 503, closeCode: 1001 }
const tookTooLong: TableAnswer = { message: 'The request took too long.', httpStatus: 504, closeCode: 1011 }

/** One entry per code. `happened` and `cure` make the message for the developer; `client` is all that leaves the process. */
export const errorCodes = {
  ERR_CONTEXT_NOT_ISSUED: {
    happened: 'The value is not a UserExecutionContext issued by createForUser()',
    cure:
      'If you spread, cloned or rebuilt one, pass the original. If two copies of this package are installed, ' +
      'deduplicate them (npm ls user-execution-context). If it came from a worker or a queue, verify the user there ' +
      'and call createForUser() again: a context does not survive a process border. In a test, replace a mock or a ' +
      'fixture by testContext() from @user-execution-context/testing.',
    client: internal,
  },
  ERR_CONTEXT_USER_NOT_VERIFIED: {
    happened: 'createForUser() was given a user that no identity provider verified',
    cure:
      'Pass what a function made by identityProvider() returned. For cron jobs and code under migration use ' +
      'vouchForUser() from user-execution-context/restricted, in a test testUser() from ' +
      '@user-execution-context/testing.',
    client: internal,
  },
  ERR_CONTEXT_NOT_CONSTRUCTIBLE: {
    happened: 'A sealed class was constructed directly',
    cure: 'Call createForUser() to obtain a UserExecutionContext, and identityProvider() to obtain a VerifiedUser.',
    client: internal,
  },
  ERR_CONTEXT_INVALID_ID: {
    happened: 'An id is not usable',
    cure:
      'Pass 1 to 128 characters out of A-Z a-z 0-9 ! # $ % & ( ) + , - . : ; = ? @ [ ] ^ _ { | } ~ that are not a ' +
      'value left by an uninitialised variable (undefined, null, placeholder, test and the like).',
    client: badRequest,
  },
  ERR_CONTEXT_INVALID_REQUEST: {
    happened: 'The run request is not valid',
    cure:
      'A run request has the keys threadId, runId, agentContext and auditMetadata, all optional. The user comes from ' +
      'the VerifiedUser, everything else belongs into agentContext or auditMetadata as plain JSON.',
    client: badRequest,
  },
  ERR_CONTEXT_INVALID_IDENTITY: {
    happened: 'The identity provider gave facts that cannot be a user',
    cure:
      'verify() must resolve to { userId, sessionId?, tenantId?, permissions?, expiresAtMs? } with ids of the ' +
      'documented form, or to undefined to refuse.',
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
  ERR_CONTEXT_TOKEN_MALFORMED: {
    happened: 'The token is not a signed JWT in compact form',
    cure: 'Send the access token as the sign-in answered it. An encrypted or an unsigned token is not one.',
    client: signIn,
  },
  ERR_CONTEXT_TOKEN_ALGORITHM: {
    happened: 'The token names an algorithm that is not on the list (or none)',
    cure: 'List the algorithm your issuer signs with in the algorithms of jwtIdentity(). If you do, somebody forges tokens.',
    client: signIn,
  },
  ERR_CONTEXT_TOKEN_KEY: {
    happened: 'No key fits the algorithm and key id of the token',
    cure: 'Give jwtIdentity() the key the issuer signs with, with the same kid and alg.',
    client: signIn,
  },
  ERR_CONTEXT_TOKEN_SIGNATURE: {
    happened: 'The signature of the token does not verify',
    cure: 'The token was changed, or signed with another key of the same id. Compare the keys; otherwise somebody forges tokens.',
    client: signIn,
  },
  ERR_CONTEXT_TOKEN_ISSUER: {
    happened: 'The token comes from another issuer',
    cure: 'Compare the iss claim with the issuer of jwtIdentity(), character by character.',
    client: signIn,
  },
  ERR_CONTEXT_TOKEN_AUDIENCE: {
    happened: 'The token was issued for another audience',
    cure: 'Compare the aud claim with the audience of jwtIdentity(). A token for another service must not be accepted here.',
    client: signIn,
  },
  ERR_CONTEXT_TOKEN_SUBJECT: {
    happened: 'The token names no subject',
    cure: 'Have the issuer put the user id in the sub claim, as a string.',
    client: signIn,
  },
  ERR_CONTEXT_TOKEN_NOT_YET_VALID: {
    happened: 'The token is not valid yet',
    cure: 'Compare the clocks of the issuer and of this machine, or allow more clockToleranceSeconds.',
    client: signIn,
  },
  ERR_CONTEXT_TOKEN_CLAIMS: {
    happened: 'The token lacks a claim or has one of the wrong form',
    cure: 'A token needs sub, iss, aud and exp; exp, nbf and iat are numbers of seconds; sid and scope are strings.',
    client: signIn,
  },
  ERR_CONTEXT_TOKEN_KEYS_UNAVAILABLE: {
    happened: 'The keys of the issuer could not be fetched',
    cure: 'Look at error.cause; check jwksUrl and the network between this machine and the issuer.',
    client: unavailable,
  },
  ERR_CONTEXT_SESSION_REVOKED: {
    happened: 'The session of the token was signed out',
    cure: 'Ask the user to sign in again.',
    client: signIn,
  },
  ERR_CONTEXT_TICKET_REFUSED: {
    happened: 'The ticket is unknown, was used before, or is older than 30 seconds',
    cure: 'Ask for a new ticket right before each connection.',
    client: signIn,
  },
  ERR_CONTEXT_ANOTHER_SUBJECT: {
    happened: 'A token of another subject was offered for a connection that belongs to a user',
    cure: 'Open a new connection for the other user. A connection never changes its user.',
    client: anotherUser,
  },
  ERR_CONTEXT_SIGN_IN_LIMIT: {
    happened: 'Too many sign-in attempts for this user name or from this address',
    cure: 'Wait until the window of the limit has passed. Many of these in the log are somebody who guesses passwords.',
    client: tooMany,
  },
  ERR_CONTEXT_SIGN_IN_BUSY: {
    happened: 'Too many sign-ins at once; each costs much memory and time by design',
    cure: 'Retry after a second, or put a limit in front of the sign-in.',
    client: unavailable,
  },
  ERR_CONTEXT_USER_EXISTS: {
    happened: 'A user of this name or id exists already',
    cure: 'Choose another user name, and an id that nobody had before.',
    client: badRequest,
  },
  ERR_CONTEXT_STORE_IN_USE: {
    happened: 'Another process uses this data directory',
    cure: 'Stop it, or give each process a directory of its own. If there is none, remove process.lock in the directory.',
    client: internal,
  },
  ERR_CONTEXT_STORE_UNREADABLE: {
    happened: 'A file of the data directory is not what this version wrote',
    cure: 'Restore the file from a backup, or move it away to start empty. It is never overwritten while it cannot be read.',
    client: internal,
  },
  ERR_CONTEXT_ROUTE_UNKNOWN: {
    happened: 'There is no such route',
    cure: 'Compare method and path with the routes in docs/golden-path.md.',
    client: notFound,
  },
  ERR_CONTEXT_BODY_TOO_LARGE: {
    happened: 'The body of a request is larger than the server takes',
    cure: 'Send less, or raise maxBodyBytes of the server.',
    client: tooLarge,
  },
  ERR_CONTEXT_BODY_INVALID: {
    happened: 'The body of a request is not the JSON object that the route takes',
    cure: 'Send content-type application/json and the fields that the issues name.',
    client: badRequest,
  },
  ERR_CONTEXT_ORIGIN_REFUSED: {
    happened: 'A page of another origin sent this request',
    cure: 'Add the exact origin (scheme, host, port) to the origins of the server if that page is yours.',
    client: anotherOrigin,
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
    cure:
      'Fetch the resource with the context of the user whom you serve. Look for a cache key without the user, a ' +
      'singleton, or a value kept at module level.',
    client: notFound,
  },
  ERR_CONTEXT_MISMATCH: {
    happened: 'The context passed explicitly is not of the run that is ambient here',
    cure:
      'An event emitter, a pool or a memoised promise carried the ambient context of another caller here. Trust the ' +
      'explicit one and leave the ambient run, or enter the right one with runWithContext().',
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
  ERR_CONTEXT_CONNECTION_NOT_ISSUED: {
    happened: 'The value is not a Connection',
    cure: 'Pass what connect() of openGoldenPath() returned, and not a copy of it.',
    client: internal,
  },
  ERR_CONTEXT_RUN_NOT_ISSUED: {
    happened: 'The value is not an AgentRun',
    cure: 'Pass what execute() or findRun() of openGoldenPath() returned, and not a copy of it.',
    client: internal,
  },
  ERR_CONTEXT_RUN_NOT_FOUND: {
    happened: 'This user has no such run, or it is no longer held',
    cure: 'Check the run id. Runs of other users answer the same on purpose; limits.retainedRuns says how many are held.',
    client: notFound,
  },
  ERR_CONTEXT_RUN_EXISTS: {
    happened: 'This user has a run of this id already',
    cure: 'Leave runId out, so that createForUser() makes a new one for each run.',
    client: runExists,
  },
  ERR_CONTEXT_TOO_MANY_RUNS: {
    happened: 'Too many runs are waiting',
    cure: 'Wait until some have ended, or raise the limit that the issue names.',
    client: tooMany,
  },
  ERR_CONTEXT_TOO_MANY_CONNECTIONS: {
    happened: 'Too many connections',
    cure: 'Close some, or raise the limit that the issue names.',
    client: tooMany,
  },
  ERR_CONTEXT_TOO_MANY_MESSAGES: {
    happened: 'A client sends messages too fast',
    cure: 'Send fewer, or raise limits.messagesPerSecond.',
    client: tooMany,
  },
  ERR_CONTEXT_INVALID_MESSAGE: {
    happened: 'A client message is not valid',
    cure: 'Send one JSON object per text frame, of one of the types in clientMessageSchema.',
    client: badRequest,
  },
  ERR_CONTEXT_INVALID_INPUT: {
    happened: 'The input of a run is not valid',
    cure: 'Pass { text } with 1 to limits.inputCharacters characters.',
    client: badRequest,
  },
  ERR_CONTEXT_AGENT_FAILED: {
    happened: 'The agent threw',
    cure: 'Look at error.cause, and at what onError() of openGoldenPath() was given.',
    client: agentFailed,
  },
  ERR_CONTEXT_AGENT_EVENT_INVALID: {
    happened: 'The agent yielded something that is no event, or a tool event without its pair',
    cure: 'Yield objects of type AgentEvent with plain JSON inside; each tool_completed follows its own tool_executing.',
    client: agentFailed,
  },
  ERR_CONTEXT_OUTPUT_TOO_LARGE: {
    happened: 'A run produced more output than it may',
    cure: 'Have the agent yield less, or raise the limit that the issue names.',
    client: answerTooLarge,
  },
  ERR_CONTEXT_SLOW_READER: {
    happened: 'A client takes its events too slowly',
    cure: 'Nothing: it was closed with 1013 and can resume from the last sequence number it has.',
    client: slowReader,
  },
  ERR_CONTEXT_CLOSED: {
    happened: 'The golden path is closed',
    cure: 'Start nothing after close(). Clients connect to another process.',
    client: goingAway,
  },
  ERR_CONTEXT_CLEANUP_FAILED: {
    happened: 'One or more cleanups of a scope failed; all of them were run',
    cure: 'Look at error.errors: each failure is there, first the failure of the body if it failed too.',
    client: internal,
  },
  ERR_CONTEXT_PEER_UNSUPPORTED: {
    happened: 'An optional peer is installed in a version that this package does not work with',
    cure: 'Install a version that it is tested with: ai 6 or 7, @ag-ui/core 0.x or 1.',
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
