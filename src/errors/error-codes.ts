/**
 * Every error this package throws, in one table: what happened, what to do, what a client is told.
 * Imports nothing. docs/errors.md is generated from it and a test keeps the two equal.
 */

/**
 * What a client may learn: a fixed sentence, an HTTP status and a WebSocket close code (RFC 6455, 4000-4999 private).
 */
export type ClientAnswer = {
  readonly message: string
  readonly httpStatus: 400 | 401 | 403 | 404 | 409 | 413 | 422 | 429 | 500 | 503 | 504
  readonly closeCode: 1001 | 1009 | 1011 | 1013 | 4400 | 4401 | 4403 | 4404 | 4409 | 4429
}

/** `toldAs`: the code a client is told instead of the real one, where the difference would help an attacker. */
type TableAnswer = ClientAnswer & { readonly toldAs?: `ERR_CONTEXT_${string}` }
type ErrorEntry = { readonly happened: string; readonly fix: string; readonly client: TableAnswer }

const badRequest: TableAnswer = { message: 'The request is not valid.', httpStatus: 400, closeCode: 4400 }
/** One answer for whatever is wrong with credentials: only the log says which check failed. */
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
const keyReused: TableAnswer = {
  message: 'This idempotency key was used for another request.',
  httpStatus: 422,
  closeCode: 4409,
}
const agentFailed: TableAnswer = { message: 'The agent failed.', httpStatus: 500, closeCode: 1011 }
const workerLost: TableAnswer = {
  message: 'The run was interrupted. Start it again.',
  httpStatus: 503,
  closeCode: 1013,
}
const runDrained: TableAnswer = {
  message: 'The run was cut off by a restart. Start it again.',
  httpStatus: 503,
  closeCode: 1013,
}
const answerTooLarge: TableAnswer = { message: 'The answer is too large.', httpStatus: 500, closeCode: 1011 }
const slowReader: TableAnswer = {
  message: 'Reading too slowly. Connect again and resume.',
  httpStatus: 503,
  closeCode: 1013,
}
/** One answer for whatever is wrong with a sealed context: only the log says which check failed. */
const sealedText: TableAnswer = {
  message: 'This cannot be continued. Start again.',
  httpStatus: 403,
  closeCode: 4403,
  toldAs: 'ERR_CONTEXT_SEAL_BROKEN',
}
const goingAway: TableAnswer = { message: 'The service is stopping. Connect again.', httpStatus: 503, closeCode: 1001 }
const tookTooLong: TableAnswer = { message: 'The request took too long.', httpStatus: 504, closeCode: 1011 }

/**
 * One entry per code. `happened` and `fix` make the message for the developer; `client` is all that leaves the process.
 */
export const errorCodes = {
  ERR_CONTEXT_NOT_ISSUED: {
    happened: 'The value is not a UserExecutionContext issued by createForUser()',
    fix:
      'Pass what createForUser() or deriveChild() returned, and not a copy of it. In a test, replace a mock or a ' +
      'fixture by testContext() from @user-execution-context/testing.',
    client: internal,
  },
  ERR_CONTEXT_USER_NOT_VERIFIED: {
    happened: 'createForUser() was given a user that no identity provider verified',
    fix:
      'Pass what a function made by identityProvider() returned. For cron jobs and code under migration use ' +
      'vouchForUser() from user-execution-context/restricted, in a test testUser() from ' +
      '@user-execution-context/testing.',
    client: internal,
  },
  ERR_CONTEXT_NOT_CONSTRUCTIBLE: {
    happened: 'A sealed class was constructed directly',
    fix: 'Call createForUser() to obtain a UserExecutionContext, and identityProvider() to obtain a VerifiedUser.',
    client: internal,
  },
  ERR_CONTEXT_INVALID_ID: {
    happened: 'An id is not usable',
    fix:
      'Pass 1 to 128 characters out of A-Z a-z 0-9 ! # $ % & ( ) + , - . : ; = ? @ [ ] ^ _ { | } ~ that are not a ' +
      'value left by an uninitialised variable (undefined, null, placeholder, test; docs/errors.md lists them all).',
    client: badRequest,
  },
  ERR_CONTEXT_INVALID_REQUEST: {
    happened: 'The run request is not valid',
    fix:
      'A run request has the keys threadId, runId, agentContext and auditMetadata, all optional. The user comes from ' +
      'the VerifiedUser, everything else belongs in agentContext or auditMetadata as plain JSON.',
    client: badRequest,
  },
  ERR_CONTEXT_INVALID_IDENTITY: {
    happened: 'The identity provider gave facts that cannot be a user',
    fix:
      'verify() must resolve to { userId, sessionId?, tenantId?, permissions?, issuedAtMs?, expiresAtMs?, kind?, ' +
      'actors?, origin? } with ids of the documented form, or to undefined to refuse.',
    client: signIn,
  },
  ERR_CONTEXT_INVALID_OPTIONS: {
    happened: 'A function of this package was called with an option or an argument that it cannot use',
    fix:
      'Correct what the issues name: an unknown key is misspelt, or an option of another function. The docstring of ' +
      'the function states form, units and range.',
    client: internal,
  },
  ERR_CONTEXT_IDENTITY_REFUSED: {
    happened: 'The identity provider refused the credentials',
    fix: 'Ask the user to sign in again.',
    client: signIn,
  },
  ERR_CONTEXT_IDENTITY_EXPIRED: {
    happened: 'The identity of this user has expired',
    fix: 'Renew the credentials and verify them again before you create a context.',
    client: signIn,
  },
  ERR_CONTEXT_TOKEN_MALFORMED: {
    happened: 'The token is not a signed JWT in compact form',
    fix:
      'Send the access token that the sign-in gave, without "Bearer " before it. Encrypted and unsigned tokens are ' +
      'refused.',
    client: signIn,
  },
  ERR_CONTEXT_TOKEN_ALGORITHM: {
    happened: 'The token names an algorithm that is not on the list (or none)',
    fix:
      'If your issuer signs with this algorithm, add it to the algorithms of jwtIdentity(). If it does not, the ' +
      'token is forged.',
    client: signIn,
  },
  ERR_CONTEXT_TOKEN_KEY: {
    happened: 'No key fits the algorithm and key id of the token',
    fix:
      'Give jwtIdentity() the key that the issuer signs with, under the same kid and alg, or where it is ' +
      'published: jwksUrl or discovery.',
    client: signIn,
  },
  ERR_CONTEXT_TOKEN_SIGNATURE: {
    happened: 'The signature of the token does not verify',
    fix:
      'Compare the key given to jwtIdentity() with the one that the issuer signs with. If they are the same, the ' +
      'token is forged.',
    client: signIn,
  },
  ERR_CONTEXT_TOKEN_ISSUER: {
    happened: 'The token comes from another issuer',
    fix:
      'Compare the iss claim with the issuer of jwtIdentity(), character by character. Several issuers are a ' +
      'list of options.',
    client: signIn,
  },
  ERR_CONTEXT_TOKEN_AUDIENCE: {
    happened: 'The token was issued for another audience',
    fix:
      'Compare the aud claim with the audience of jwtIdentity(), or name the claim that holds it: ' +
      'audienceClaim. A token for another service must not be accepted here.',
    client: signIn,
  },
  ERR_CONTEXT_TOKEN_SUBJECT: {
    happened: 'The token names no subject',
    fix:
      'Have the issuer put the user id in the sub claim, as a string, or name the claim that holds it: ' +
      'userIdClaim of jwtIdentity().',
    client: signIn,
  },
  ERR_CONTEXT_TOKEN_NOT_YET_VALID: {
    happened: 'The token is not valid yet',
    fix: 'Compare the clocks of the issuer and of this machine, or allow more clockToleranceSeconds.',
    client: signIn,
  },
  ERR_CONTEXT_TOKEN_CLAIMS: {
    happened: 'The token lacks a claim or has one of the wrong form',
    fix:
      'Look at the issues: they name the claim, or the option of jwtIdentity() that reads it. exp, nbf and iat ' +
      'are numbers of seconds.',
    client: signIn,
  },
  ERR_CONTEXT_TOKEN_TYPE: {
    happened: 'The token is no bearer access token: its typ header or one of its claims marks it as another kind',
    fix:
      'Send the access token. If ID or refresh tokens are to be accepted here, name them in tokenUses of ' +
      'jwtIdentity(), and another typ header in headerTypes.',
    client: signIn,
  },
  ERR_CONTEXT_TOKEN_SERVICE: {
    happened: 'The token was issued to a program for itself and stands for no person',
    fix:
      'Send a token that a user got by signing in. If programs may act here under their own name, set ' +
      'services: true of jwtIdentity().',
    client: signIn,
  },
  ERR_CONTEXT_TOKEN_KEYS_UNAVAILABLE: {
    happened: 'The keys of the issuer could not be fetched',
    fix:
      'Look at error.cause and the issues; check jwksUrl or discovery, and the network between this machine ' +
      'and the issuer.',
    client: unavailable,
  },
  ERR_CONTEXT_IDENTITY_REVOKED: {
    happened: 'The identity of this user was revoked: a session, the user or the tenant was signed out',
    fix: 'Ask the user to sign in again.',
    client: signIn,
  },
  ERR_CONTEXT_LIVENESS_UNKNOWN: {
    happened: 'It is not known whether the identity still holds: the feed of revocations is silent',
    fix: 'Look at the store of liveSessions(): nothing new begins until it is heard again, and what is open stays.',
    client: unavailable,
  },
  ERR_CONTEXT_TOO_MANY_REVOCATIONS: {
    happened: 'There is no room for another revocation, so a sign-out was not recorded',
    fix: 'Raise maxTombstones of liveSessions(), or lower maxProofMs. What you revoked has ended all the same.',
    client: unavailable,
  },
  ERR_CONTEXT_PERMISSION_WIDENED: {
    happened: 'A child context requested a permission, or an end, beyond those of its parent',
    fix: 'Pass a subset of the permissions of the context that the child is derived from. Rights only shrink.',
    client: internal,
  },
  ERR_CONTEXT_TICKET_REFUSED: {
    happened: 'The ticket is unknown, was used before, or is older than 30 seconds',
    fix: 'Ask for a new ticket right before each connection.',
    client: signIn,
  },
  ERR_CONTEXT_ANOTHER_SUBJECT: {
    happened: 'A token of another subject was offered for a connection that belongs to a user',
    fix: 'Open a new connection for the other user. A connection never changes its user.',
    client: anotherUser,
  },
  ERR_CONTEXT_SIGN_IN_LIMIT: {
    happened: 'Too many sign-ins failed for this user name from this address, or from this address',
    fix:
      'Wait until the time window of the limit has passed. Many of these errors in the log mean that somebody ' +
      'guesses passwords.',
    client: tooMany,
  },
  ERR_CONTEXT_SIGN_IN_BUSY: {
    happened: 'Too many sign-ins run at once: checking a password takes much memory and time by design',
    fix: 'Retry after a second, or put a limit in front of the sign-in.',
    client: unavailable,
  },
  ERR_CONTEXT_USER_EXISTS: {
    happened: 'A user of this name or id exists already',
    fix: 'Choose another user name, and an id that was never used before.',
    client: badRequest,
  },
  ERR_CONTEXT_USER_UNKNOWN: {
    happened: 'The store has no user of this id',
    fix: 'Pass the userId that the user was added with. A removed user is no longer there.',
    client: notFound,
  },
  ERR_CONTEXT_STORE_IN_USE: {
    happened: 'Another process uses this data directory',
    fix:
      'Stop that process, or give each process a directory of its own. If no such process runs, remove process.lock ' +
      'from the directory.',
    client: internal,
  },
  ERR_CONTEXT_STORE_UNREADABLE: {
    happened: 'A file of the data directory is not what this version wrote',
    fix:
      'Restore the file from a backup, or move it away to start empty. It is never overwritten while it cannot be ' +
      'read.',
    client: internal,
  },
  ERR_CONTEXT_ROUTE_UNKNOWN: {
    happened: 'There is no such route',
    fix: 'Compare method and path with the routes in docs/server.md.',
    client: notFound,
  },
  ERR_CONTEXT_BODY_TOO_LARGE: {
    happened: 'The body of a request is larger than the server accepts',
    fix: 'Send less, or raise maxBodyBytes of the server.',
    client: tooLarge,
  },
  ERR_CONTEXT_BODY_INVALID: {
    happened: 'The body of a request is not the JSON object that the route expects',
    fix: 'Send content-type application/json and the fields that the issues name.',
    client: badRequest,
  },
  ERR_CONTEXT_ORIGIN_REFUSED: {
    happened: 'A page of another origin sent this request',
    fix: 'Add the exact origin (scheme, host, port) to the origins of the server if that page is yours.',
    client: anotherOrigin,
  },
  ERR_CONTEXT_TOO_DEEP: {
    happened: 'A child context would be deeper than 10 levels, or would have more than 10 actors',
    fix: 'Look for a sub-agent or a tool that calls itself, and end the recursion.',
    client: internal,
  },
  ERR_CONTEXT_INVALID_OPERATION: {
    happened: 'A child context needs a name for its operation',
    fix: "Pass 1 to 128 characters of the id alphabet, other than 'root', such as 'search-notes'.",
    client: internal,
  },
  ERR_CONTEXT_ISOLATION: {
    happened: 'A resource of one user was used with the context of another',
    fix:
      'Fetch the resource with the context of the user whom you serve. Look for a cache key without the user, a ' +
      'singleton, or a value kept at module level.',
    client: notFound,
  },
  ERR_CONTEXT_TOO_MANY_HANDLES: {
    happened: 'There are as many handles as there may be, so no new one was opened',
    fix: 'This user has maxPerUser handles: release those that are done with, or raise maxPerUser.',
    client: tooMany,
  },
  ERR_CONTEXT_MISMATCH: {
    happened:
      'The context that was passed belongs to another run than the ambient context, or has more rights or fewer actors',
    fix:
      'An event emitter, a pool or a memoised promise called this code with the ambient context of another caller. ' +
      'Wrap the callback with bindContext(), or enter the right run with runWithContext().',
    client: internal,
  },
  ERR_CONTEXT_NO_AMBIENT: {
    happened: 'There is no ambient context here',
    fix:
      'Call this inside runWithContext(), or pass the context explicitly. tryCurrentContext() returns undefined ' +
      'instead.',
    client: internal,
  },
  ERR_CONTEXT_SCOPE_CLOSED: {
    happened: 'The scope is closed',
    fix: 'Keep work inside the callback of runInScope(), or await it before the scope closes.',
    client: internal,
  },
  ERR_CONTEXT_SCOPE_TIMEOUT: {
    happened: 'The scope ran out of time',
    fix: 'Pass scope.signal to what you await so that it stops early, or allow more with timeoutMs.',
    client: tookTooLong,
  },
  ERR_CONTEXT_CONNECTION_NOT_ISSUED: {
    happened: 'The value is not a Connection',
    fix: 'Pass what connect() of openGoldenPath() returned, and not a copy of it.',
    client: internal,
  },
  ERR_CONTEXT_RUN_NOT_ISSUED: {
    happened: 'The value is not an AgentRun',
    fix: 'Pass what execute() or findRun() of openGoldenPath() returned, and not a copy of it.',
    client: internal,
  },
  ERR_CONTEXT_RUN_NOT_FOUND: {
    happened: 'This user has no such run, or it is no longer held',
    fix:
      'Check the run id. A run of another user gets this same answer, so that nobody can probe for runs. ' +
      'limits.retainedRuns says how many ended runs are held.',
    client: notFound,
  },
  ERR_CONTEXT_RUN_EXISTS: {
    happened: 'This user has a run of this id already',
    fix: 'Leave runId out, so that createForUser() makes a new one for each run.',
    client: runExists,
  },
  ERR_CONTEXT_IDEMPOTENCY_KEY_REUSED: {
    happened: 'An idempotency key came again with another input',
    fix: 'Make a new random key for each start, and send the same key only to repeat the same start.',
    client: keyReused,
  },
  ERR_CONTEXT_TOO_MANY_RUNS: {
    happened: 'Too many runs are waiting',
    fix: 'Wait until some have ended, or raise the limit that the issue names.',
    client: tooMany,
  },
  ERR_CONTEXT_TOO_MANY_CONNECTIONS: {
    happened: 'Too many connections',
    fix: 'Close some, or raise the limit that the issue names.',
    client: tooMany,
  },
  ERR_CONTEXT_TOO_MANY_CALLS: {
    happened: 'A user has too many calls, streams or sessions open at once',
    fix: 'Wait until some have ended, or raise the limit that the issue names.',
    client: tooMany,
  },
  ERR_CONTEXT_TOO_MANY_MESSAGES: {
    happened: 'A client sends messages too fast',
    fix: 'Send fewer, or raise limits.messagesPerSecond.',
    client: tooMany,
  },
  ERR_CONTEXT_INVALID_MESSAGE: {
    happened: 'A client message is not valid',
    fix: 'Send one JSON object per text frame, of one of the types in clientMessageSchema.',
    client: badRequest,
  },
  ERR_CONTEXT_INVALID_INPUT: {
    happened: 'The input of a run is not valid',
    fix: 'Pass { text } with 1 to limits.inputCharacters characters.',
    client: badRequest,
  },
  ERR_CONTEXT_AGENT_FAILED: {
    happened: 'The agent threw',
    fix: 'Look at error.cause, and at what onError() of openGoldenPath() was given.',
    client: agentFailed,
  },
  ERR_CONTEXT_AGENT_EVENT_INVALID: {
    happened: 'The agent yielded a value that is not an event, or a tool event without its pair',
    fix: 'Yield objects of type AgentEvent with plain JSON inside; each tool_completed follows its own tool_executing.',
    client: agentFailed,
  },
  ERR_CONTEXT_OUTPUT_TOO_LARGE: {
    happened: 'A run produced more output than it may',
    fix: 'Have the agent yield less, or raise the limit that the issue names.',
    client: answerTooLarge,
  },
  ERR_CONTEXT_EVENT_LOG_FAILED: {
    happened: 'The event log did not answer in time, or failed to write the end of a run',
    fix: 'Look at what onError() of openGoldenPath() was given. limits.logTimeMs says how long a log may take.',
    client: unavailable,
  },
  ERR_CONTEXT_WRITE_FENCED: {
    happened: 'A worker wrote to a run that has ended, or that another worker has taken up since',
    fix:
      'No action is needed: nothing was written. Where it happens often, workers run on after their lease has ended: ' +
      'look for processes that stop for seconds.',
    client: unavailable,
  },
  ERR_CONTEXT_WORKER_LOST: {
    happened: 'The process that executed this run stopped before its end',
    fix: 'Start the run again, or set resumable of openGoldenPath() for an agent that may be called twice for one run.',
    client: workerLost,
  },
  ERR_CONTEXT_RUN_DRAINED: {
    happened: 'The process that executed this run was closed before its end, and no other process could take it up',
    fix:
      'Start the run again. To let more runs finish give close() more finishMs; to hand them on, use a queue that ' +
      'processes share and set resumable of openGoldenPath() for an agent that may be called twice for one run.',
    client: runDrained,
  },
  ERR_CONTEXT_SLOW_READER: {
    happened: 'A client takes its events too slowly',
    fix:
      'No action is needed: the connection was closed with 1013, and the client can resume from the last sequence ' +
      'number it has.',
    client: slowReader,
  },
  ERR_CONTEXT_CLOSED: {
    happened: 'The golden path is closed',
    fix: 'Start nothing after close(). Clients must connect to another process.',
    client: goingAway,
  },
  ERR_CONTEXT_CLEANUP_FAILED: {
    happened: 'One or more cleanups of a scope failed; all of them were run',
    fix: 'Read error.errors: it holds each failure, and first that of the body if the body failed too.',
    client: internal,
  },
  ERR_CONTEXT_SEAL_MALFORMED: {
    happened: 'The text is not a sealed context in compact form',
    fix:
      'Pass the text that sealContext() gave, whole and unchanged. A text that was cut, padded or encoded again is ' +
      'refused.',
    client: sealedText,
  },
  ERR_CONTEXT_SEAL_TOO_LARGE: {
    happened: 'The text of a sealed context is larger than 32,768 characters',
    fix: 'Seal a child with fewer permissions, or keep the data in a store of your own and carry its id.',
    client: sealedText,
  },
  ERR_CONTEXT_SEAL_TYPE: {
    happened: 'The text is a token of another type than a sealed context',
    fix: 'Pass what sealContext() gave. A login token belongs to an identity provider, such as jwtIdentity().',
    client: sealedText,
  },
  ERR_CONTEXT_SEAL_ALGORITHM: {
    happened: 'The text names an algorithm that its opener does not accept (or none)',
    fix:
      'Open encrypted texts with sealingKeys() and signed ones with verificationKeys(). If the opener is the right ' +
      'one, the text is forged.',
    client: sealedText,
  },
  ERR_CONTEXT_SEAL_KEY: {
    happened:
      'The opener lacks the key of this text: the key is unknown, was removed, or was retired before the text was made',
    fix:
      'Keep a retired key in the ring until its last text has ended, and give openers a new key before a sealer ' +
      'uses it.',
    client: sealedText,
  },
  ERR_CONTEXT_SEAL_LOGIN_KEY: {
    happened: 'A key that signs login tokens was given to seal or open contexts',
    fix:
      'Make a separate key for sealing: 32 random bytes with alg A256GCM, or an Ed25519 pair that signs nothing ' +
      'else.',
    client: internal,
  },
  ERR_CONTEXT_SEAL_BROKEN: {
    happened: 'The text was changed, or another key sealed it',
    fix: 'Compare the keys of sealer and opener under the kid of the text. If they are the same, the text is forged.',
    client: sealedText,
  },
  ERR_CONTEXT_SEAL_CLAIMS: {
    happened: 'The text opens, but its claims are not those of a sealed context',
    fix: 'Seal and open with the same version of this package, and let no other program use the keys of its sealer.',
    client: sealedText,
  },
  ERR_CONTEXT_SEAL_AUDIENCE: {
    happened: 'The text was sealed for another audience',
    fix:
      'Pass the same audience to sealContext() and openSealed(). A text for another service must not be opened ' +
      'here.',
    client: sealedText,
  },
  ERR_CONTEXT_SEAL_PURPOSE: {
    happened: 'The text was sealed for another purpose',
    fix: 'Pass the same purpose to sealContext() and openSealed(), and give each kind of hop a purpose of its own.',
    client: sealedText,
  },
  ERR_CONTEXT_SEAL_SENDER: {
    happened: 'The text names another workload than the one whose keys its opener holds',
    fix:
      'Give each service keys of its own, and verificationKeys() the name that the service has in its ' +
      'signingKeys().',
    client: sealedText,
  },
  ERR_CONTEXT_SEAL_EXPIRED: {
    happened: 'The time of the sealed context has ended',
    fix: 'Seal it anew, or allow more with ttlMs.',
    client: sealedText,
  },
  ERR_CONTEXT_SEAL_NOT_YET_VALID: {
    happened: 'The sealed context comes from the future',
    fix: 'Compare the clocks of the machines that seal and open: they may differ by 5 seconds.',
    client: sealedText,
  },
  ERR_CONTEXT_SEAL_BINDING: {
    happened: 'The text was sealed for other bytes than those that it came with',
    fix:
      'Bind the same bytes at both ends, and run what was bound. If both ends do so, somebody moved the text to ' +
      'where it does not belong.',
    client: sealedText,
  },
  ERR_CONTEXT_SEAL_BINDING_ONE_SIDED: {
    happened: 'Bytes were bound at one end only: at sealing or at opening',
    fix: 'Pass bind to both sealContext() and openSealed(), or to neither.',
    client: sealedText,
  },
  ERR_CONTEXT_SEAL_AMBIGUOUS_JSON: {
    happened: 'The JSON can be read in two ways, so it cannot be bound',
    fix:
      'Write each key once, no number that JavaScript would round, whole surrogate pairs, and UTF-8 without a byte ' +
      'order mark.',
    client: badRequest,
  },
  ERR_CONTEXT_SEAL_ONCE_ONE_SIDED: {
    happened: 'A text for one use was opened without a replay memory, or the reverse',
    fix: 'Pass once to sealContext() and replay to openSealed(), or neither.',
    client: sealedText,
  },
  ERR_CONTEXT_SEAL_REPLAYED: {
    happened: 'The text was opened before',
    fix: 'Seal a new one for each use. To let a retry of one job in, pass the same attemptKey until completeSealed().',
    client: sealedText,
  },
  ERR_CONTEXT_SEAL_REPLAY_FULL: {
    happened: 'The replay memory is full: it keeps each text until that text ends',
    fix: 'Allow more entries, give texts less time with ttlMs, or use a replay memory in a database.',
    client: unavailable,
  },
  ERR_CONTEXT_SEAL_SUBJECT: {
    happened: 'The text was sealed for another user than the one who presents it',
    fix: 'Let each user present texts of their own only. Look for a store or a cache without the user in its key.',
    client: sealedText,
  },
  ERR_CONTEXT_SEAL_TENANT: {
    happened: 'The text is of another tenant than the one in which it is presented',
    fix: 'Let a user present a text in the tenant in which it was sealed.',
    client: sealedText,
  },
  ERR_CONTEXT_SEAL_RUN: {
    happened: 'The text is of another run or thread than the one for which it is presented',
    fix: 'Keep each text with the run and the thread that it was sealed for.',
    client: sealedText,
  },
  ERR_CONTEXT_SEAL_REAUTHORIZATION: {
    happened: 'The identity of the text has ended, and reauthorize() did not renew it',
    fix: 'Look at what your user store says: the user is gone, or may no longer do this.',
    client: sealedText,
  },
  ERR_CONTEXT_SEAL_APPROVER: {
    happened: 'The approval does not come from a person who may give it',
    fix: 'Have the user approve with a live context of their own, in which no agent acts.',
    client: sealedText,
  },
  ERR_CONTEXT_DATABASE_UNAVAILABLE: {
    happened: 'The database cannot be reached or started',
    fix: 'See the cause, and server.log in the directory of an embedded server.',
    client: unavailable,
  },
  ERR_CONTEXT_DATABASE_SCHEMA: {
    happened: 'The schema of the database is not the one that this version needs',
    fix: 'Run npx user-execution-context-postgres migrate with the login that owns the database.',
    client: unavailable,
  },
  ERR_CONTEXT_DATABASE_SHARDS: {
    happened: 'The shards that were named are not those that the databases have recorded',
    fix: 'Name every shard of the deployment, each by the name that its database has recorded.',
    client: unavailable,
  },
  ERR_CONTEXT_OWNER_MOVING: {
    happened: 'The user is being moved to another shard, and nothing of theirs begins meanwhile',
    fix: 'Try again in some seconds. A move that was cut off is ended by running move-owner again.',
    client: unavailable,
  },
  ERR_CONTEXT_DATABASE_ROLE: {
    happened: 'The login of the database is not bound by row-level security',
    fix: 'Log in as uec_service, or as a member of it alone.',
    client: internal,
  },
  ERR_CONTEXT_DATABASE_STATEMENT: {
    happened: 'A user session was given a statement that it does not run, and has ended without keeping anything',
    fix:
      'Give withUserSession() single SELECT, INSERT, UPDATE, DELETE, MERGE and CALL statements. Transactions, ' +
      'settings, cursors, COPY, locks and definitions belong outside of it.',
    client: internal,
  },
  ERR_CONTEXT_DATABASE_SESSION: {
    happened: 'The user session is over or cannot be trusted any more',
    fix: 'Open another one.',
    client: internal,
  },
  ERR_CONTEXT_DATABASE_TIMEOUT: {
    happened: 'A user session ran out of time, and has ended without keeping anything',
    fix: 'Keep other work outside of withUserSession(), raise maxConnections if sessions wait for one, or timeoutMs.',
    client: tookTooLong,
  },
  ERR_CONTEXT_DATABASE_COMMIT: {
    happened: 'The transaction of a user session was not committed',
    fix: 'See the cause. Where the connection broke, the server may have committed: read the rows before you repeat.',
    client: unavailable,
  },
  ERR_CONTEXT_PEER_UNSUPPORTED: {
    happened: 'An optional peer is installed in a version that this package does not work with',
    fix: 'Install a version that the README of the package names, such as ai 6 or 7, @ag-ui/core 0.x or 1.',
    client: internal,
  },
  ERR_CONTEXT_AUDIT_BROKEN: {
    happened: 'The audit trail does not verify',
    fix:
      'Compare the trail with a copy: a record was changed, removed or reordered after it was written. The issue ' +
      'names the first one that does not fit.',
    client: internal,
  },
  ERR_CONTEXT_AUDIT_OVERDUE: {
    happened: 'The store of the audit trail does not answer',
    fix:
      'See what `write` of openAuditTrail() waits for. The record that it has may be stored. Those behind it are ' +
      'not, and no other is taken until it answers: record them again then.',
    client: unavailable,
  },
} as const satisfies Readonly<Record<`ERR_CONTEXT_${string}`, ErrorEntry>>

/** Every stable code. Codes are never reused for another meaning. */
export type ContextErrorCode = keyof typeof errorCodes
