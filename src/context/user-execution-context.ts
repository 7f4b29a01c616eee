/**
 * Floor 3. THE CORE: the sealed context, its only maker, its child maker and its guard, in one file, because "private"
 * must mean file-private: a path import into node_modules reaches every other file of the package.
 *
 * The class leaves this file as a type only. What the compiler cannot see (casts, `any`, JSON, clones, plain
 * JavaScript) the guard refuses at run time.
 */
import { inspect } from 'node:util'
import { ContextError } from '../errors/context-error.ts'
import type { IssueKind } from '../errors/issue.ts'
import {
  findIdIssue,
  newRequestId,
  newRunId,
  newThreadId,
  type RequestId,
  type RunId,
  type SessionId,
  type TenantId,
  type ThreadId,
  type UserId,
} from '../facts/ids.ts'
import type { Instead } from '../facts/instead.ts'
import { mergeRecords, type FrozenJsonRecord } from '../facts/json-copy.ts'
import { isVerifiedUser, type IdentityOrigin, type VerifiedUser } from '../identity/verified-user.ts'
import { redact, type ContextLogFields } from './log-fields.ts'
import type { RetiredArguments, RetiredKeys } from './retired-keys.ts'
import { parseRunRequest, type ChildAdditions, type RunRequest } from './run-request.ts'

/** How deep child contexts may nest: the root is 0. */
export const maxDepth = 10

const token = Symbol('maker of contexts')
// Captured before any other code can replace them.
const { freeze, isFrozen } = Object
const nowMs = Date.now

type Lineage = { readonly parentRequestId: RequestId | undefined; readonly operation: string; readonly depth: number }
type Facts = {
  readonly threadId: ThreadId
  readonly runId: RunId
  readonly agentContext: FrozenJsonRecord
  readonly auditMetadata: FrozenJsonRecord
}
/** The part of a user that a context repeats; a parent context has it too. */
type Subject = Pick<VerifiedUser, 'userId' | 'sessionId' | 'tenantId' | 'permissions' | 'expiresAtMs' | 'identity'>

let mint: (subject: Subject, facts: Facts, lineage: Lineage, createdAtMs: number) => UserExecutionContext
let isMinted: (value: unknown) => boolean

/**
 * Who acts, in which conversation, run and step. A value of this type came from createForUser(), for a user whom an
 * identity provider verified. It is data: frozen through and through, it owns no resource, and it prints redacted.
 */
class UserExecutionContext {
  /** Never set. Its name is what tsc prints for a value that is no context, so it stays the first member. */
  // @ts-ignore TS6133: a private member nobody reads; its NAME is the message.
  declare private readonly 'call createForUser() to obtain a UserExecutionContext': never
  /** Marks the real ones at run time. Syntax, so that no patched built-in can lie about it. */
  readonly #minted: true = true
  /** From the verified user. Id grammar. Personal data: do not log. */
  readonly 'userId': UserId
  /** From the verified user. Id grammar. Do not log. */
  readonly 'sessionId': SessionId | undefined
  /** From the verified user. Id grammar. May be logged. */
  readonly 'tenantId': TenantId | undefined
  /** From the verified user. Frozen list of scope tokens (RFC 6749 section 3.3). May be logged. */
  readonly 'permissions': readonly string[]
  /** From the caller of createForUser(), or a new UUID. Id grammar. Same for all children. May be logged. */
  readonly 'threadId': ThreadId
  /** From the caller of createForUser(), or a new UUID. Id grammar. Same for all children. May be logged. */
  readonly 'runId': RunId
  /** Generated here, a UUID, new for every child. May be logged. */
  readonly 'requestId': RequestId
  /** Set here: the request id of the context that this one was derived from; undefined for the root. May be logged. */
  readonly 'parentRequestId': RequestId | undefined
  /** Set here: `'root'`, or the name given to deriveChild(). Id grammar. May be logged. */
  readonly 'operation': string
  /** Set here: 0 for the root, one more for each child, at most 10. May be logged. */
  readonly 'depth': number
  /** Set here: milliseconds since the epoch. May be logged. */
  readonly 'createdAtMs': number
  /** From the verified user: when the proof of identity ends, milliseconds since the epoch. May be logged. */
  readonly 'expiresAtMs': number | undefined
  /** From the verified user: which provider verified them, or who vouched and why. May be logged. */
  readonly 'identity': IdentityOrigin
  /** From the caller: frozen JSON for the agent and its tools. Do not log. */
  readonly 'agentContext': FrozenJsonRecord
  /** From the caller: frozen JSON for the audit trail. Do not log elsewhere. */
  readonly 'auditMetadata': FrozenJsonRecord

  private 'constructor'(secret: symbol, subject: Subject, facts: Facts, lineage: Lineage, createdAtMs: number) {
    // Stops `new context.constructor()`, Reflect.construct and subclasses of plain JavaScript callers.
    if (secret !== token || new.target !== UserExecutionContext) throw new ContextError('ERR_CONTEXT_NOT_CONSTRUCTIBLE')
    this.userId = subject.userId
    this.sessionId = subject.sessionId
    this.tenantId = subject.tenantId
    this.permissions = subject.permissions
    this.threadId = facts.threadId
    this.runId = facts.runId
    this.requestId = newRequestId()
    this.parentRequestId = lineage.parentRequestId
    this.operation = lineage.operation
    this.depth = lineage.depth
    this.createdAtMs = createdAtMs
    this.expiresAtMs = subject.expiresAtMs
    this.identity = subject.identity
    this.agentContext = facts.agentContext
    this.auditMetadata = facts.auditMetadata
    freeze(this)
  }

  static {
    mint = (subject, facts, lineage, createdAtMs) =>
      new UserExecutionContext(token, subject, facts, lineage, createdAtMs)
    isMinted = (value) => typeof value === 'object' && value !== null && #minted in value
    // `context.constructor` is Object, and a patched prototype cannot change what every context says.
    delete (UserExecutionContext.prototype as { constructor?: unknown }).constructor
    // console.log and util.inspect print the log fields. Not a method, so that consumers need no types of Node.
    Object.defineProperty(UserExecutionContext.prototype, inspect.custom, { value: inspectContext })
    freeze(UserExecutionContext.prototype)
    freeze(UserExecutionContext)
  }

  /** JSON.stringify prints the log fields. */
  'toJSON'(): ContextLogFields {
    return redact(this)
  }

  /** Template strings print the log fields. */
  'toString'(): string {
    return `UserExecutionContext ${JSON.stringify(redact(this))}`
  }
}

export type { UserExecutionContext }

const root: Lineage = freeze({ parentRequestId: undefined, operation: 'root', depth: 0 })

type CreateForUser = (
  user: VerifiedUser | Instead<'call a function made by identityProvider() to obtain a VerifiedUser'>,
  run?: RunRequest & RetiredKeys,
  ...retired: readonly RetiredArguments[]
) => UserExecutionContext

/**
 * Makes a context. The only way to one: holding a `UserExecutionContext` proves that this function was called with a
 * user whom an identity provider verified (or for whom somebody vouched, which the audit trail shows).
 *
 * @param user - From a function made by identityProvider(), or from vouchForUser().
 * @param run - The run: `threadId`, `runId`, `agentContext`, `auditMetadata`, all optional. Ids that are left out are
 *   new UUIDs. The input is read once, records are copied and frozen.
 * @returns A frozen context with a new request id.
 * @throws {ContextError} `ERR_CONTEXT_USER_NOT_VERIFIED` when the user is not sealed, `ERR_CONTEXT_IDENTITY_EXPIRED`
 *   when the proof has ended, `ERR_CONTEXT_INVALID_REQUEST` with all issues of the run at once.
 */
export const createForUser: CreateForUser = (user, run) => {
  assertVerifiedUser(user)
  const createdAtMs = nowMs()
  assertNotExpired(user, createdAtMs)
  const { threadId, runId, agentContext, auditMetadata } = parseRunRequest(run, true)
  const facts: Facts = { threadId: threadId ?? newThreadId(), runId: runId ?? newRunId(), agentContext, auditMetadata }
  return mint(user, facts, root, createdAtMs)
}

type DeriveChild = (
  context: UserExecutionContext,
  operation: string,
  additions?: ChildAdditions,
) => UserExecutionContext

/**
 * Makes the context of a sub-agent or a tool: same user, thread and run, a new request id, one level deeper.
 * Records are shared with the parent, because they are frozen; a child owns nothing of its parent's.
 *
 * @param context - The parent.
 * @param operation - What the child does, such as `'search-notes'`. 1 to 128 characters of the id alphabet, not `'root'`.
 * @param additions - Keys to add to `agentContext` and `auditMetadata`. Lineage cannot be set by them.
 * @throws {ContextError} `ERR_CONTEXT_NOT_ISSUED`, `ERR_CONTEXT_TOO_DEEP` beyond 10 levels,
 *   `ERR_CONTEXT_INVALID_OPERATION`, `ERR_CONTEXT_INVALID_REQUEST`.
 */
export const deriveChild: DeriveChild = (context, operation, additions) => {
  assertUserExecutionContext(context)
  const kind = findOperationIssue(operation)
  if (kind !== undefined)
    throw new ContextError('ERR_CONTEXT_INVALID_OPERATION', { issues: [{ path: 'operation', kind }] })
  if (context.depth >= maxDepth) throw new ContextError('ERR_CONTEXT_TOO_DEEP')
  const added = parseRunRequest(additions, false)
  const facts: Facts = {
    threadId: context.threadId,
    runId: context.runId,
    agentContext: mergeRecords(context.agentContext, added.agentContext),
    auditMetadata: mergeRecords(context.auditMetadata, added.auditMetadata),
  }
  return mint(context, facts, { parentRequestId: context.requestId, operation, depth: context.depth + 1 }, nowMs())
}

type IsUserExecutionContext = (value: unknown) => value is UserExecutionContext

/** Whether a value is a context that createForUser() or deriveChild() made, in this process and by this copy of the package. */
export const isUserExecutionContext: IsUserExecutionContext = (value): value is UserExecutionContext => isMinted(value)

type AssertUserExecutionContext = (value: unknown) => asserts value is UserExecutionContext

/**
 * Refuses everything that is not a context: the check at the door of every service.
 *
 * @throws {ContextError} `ERR_CONTEXT_NOT_ISSUED`.
 */
export const assertUserExecutionContext: AssertUserExecutionContext = (value) => {
  if (!isMinted(value)) throw new ContextError('ERR_CONTEXT_NOT_ISSUED')
}

type ToLogFields = (context: UserExecutionContext) => ContextLogFields

/**
 * The fields of a context that may be logged. Printing a context in any other way gives the same fields.
 *
 * @throws {ContextError} `ERR_CONTEXT_NOT_ISSUED`.
 */
export const toLogFields: ToLogFields = (context) => {
  assertUserExecutionContext(context)
  return redact(context)
}

function inspectContext(this: UserExecutionContext, _depth: number, options: object): string {
  return `UserExecutionContext ${inspect(redact(this), options)}`
}

function assertVerifiedUser(user: unknown): asserts user is VerifiedUser {
  if (!isVerifiedUser(user)) throw new ContextError('ERR_CONTEXT_USER_NOT_VERIFIED')
}

function assertNotExpired({ expiresAtMs }: VerifiedUser, nowMs: number): void {
  if (expiresAtMs !== undefined && expiresAtMs <= nowMs) throw new ContextError('ERR_CONTEXT_IDENTITY_EXPIRED')
}

function findOperationIssue(operation: unknown): IssueKind | undefined {
  if (operation === 'root') return 'reserved'
  const kind = findIdIssue(operation)
  // 'test' or 'default' are poor ids and fine names for a step.
  return kind === 'uninitialised value' ? undefined : kind
}

// Built-ins that were replaced before this file loaded cannot be trusted: refuse to start rather than seal nothing.
if (!isFrozen(UserExecutionContext.prototype) || isMinted({}) || !isFrozen(freeze({ probe: true }))) {
  throw new Error(
    'user-execution-context: Object.freeze was replaced before this package loaded, so contexts cannot be sealed.',
  )
}
