/**
 * THE CORE: the sealed context, its only maker, its child maker and its guard, in one file, because "private" must mean
 * file-private: a path import into node_modules reaches every other file. The class leaves this file as a type only.
 * What the compiler cannot see (casts, `any`, JSON, clones, plain JavaScript) the guard refuses at run time.
 */
import { ContextError } from '../errors/context-error.ts'
import type { Actor } from '../facts/actor.ts'
import { newRequestId, type RequestId, type RunId, type SessionId } from '../facts/ids.ts'
import type { TenantId, ThreadId, UserId } from '../facts/ids.ts'
import type { Instead } from '../facts/instead.ts'
import { assertSealed } from '../facts/assert-sealed.ts'
import type { FrozenJsonRecord } from '../facts/json-copy.ts'
import type { IdentityOrigin } from '../identity/identity-origin.ts'
import type { Proof } from '../identity/liveness-registry.ts'
import { toBeginning, toShownEndMs } from '../identity/proof.ts'
import { isVerifiedUser, proofOf, type VerifiedUser } from '../identity/verified-user.ts'
import { toChildParts } from './child-parts.ts'
import { toRoot, type Facts, type Lineage, type Subject } from './context-parts.ts'
import { redact, toPrintedTexts, type ContextLogFields, type PrintedTexts } from './log-fields.ts'
import { toNotIssuedError } from './not-issued.ts'
import { toNotVerifiedError } from './not-verified.ts'
import { copyText, toInspector, toText } from './print-context.ts'
import type { RetiredArguments, RetiredKeys } from './retired-keys.ts'
import { toFacts, type ChildAdditions, type RunRequest } from './run-request.ts'

const token = Symbol('maker of contexts')
const { freeze } = Object // Captured before any other code can replace it.
let mint: (proof: Proof, subject: Subject, facts: Facts, lineage: Lineage, createdAtMs: number) => UserExecutionContext
let findProof: (value: unknown) => Proof | undefined
const isMinted = (value: unknown): value is UserExecutionContext => findProof(value) !== undefined

/**
 * The user who acts, and in which conversation, run and step. A value of this type came from createForUser(), for a
 * user whom an identity provider verified. It is data: frozen through and through, and it owns no resource. What may be
 * logged is a property. What may not is a getter over a private field, which no spread, logger, cloner or span takes.
 */
class UserExecutionContext {
  /** Never set. Its name is what tsc prints for a value that is no context, so it stays the first member. */
  // @ts-ignore TS6133: a private member that no code reads; its NAME is the message.
  declare private readonly 'call createForUser() to obtain a UserExecutionContext': never
  /** Also marks the real ones at run time. Syntax, so that no patched built-in can lie about it. */
  readonly #proof: Proof
  readonly #agentContext: FrozenJsonRecord
  readonly #auditMetadata: FrozenJsonRecord
  #texts: PrintedTexts | undefined // Made at the first print.
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
  /** When the proof ends, as it stood when this context was made: milliseconds since the epoch. May be logged. */
  readonly 'expiresAtMs': number | undefined
  /** From the verified user: which provider verified them, or who vouched and why. May be logged. */
  readonly 'identity': IdentityOrigin
  /** From the user and deriveChild(): who acts, newest first. Frozen. May be logged, without persons' names. */
  readonly 'actors': readonly Actor[]

  private 'constructor'(secret: symbol, proof: Proof, subject: Subject, facts: Facts, lineage: Lineage, nowMs: number) {
    // Stops `new context.constructor()`, Reflect.construct and subclasses of plain JavaScript callers.
    if (secret !== token || new.target !== UserExecutionContext) throw new ContextError('ERR_CONTEXT_NOT_CONSTRUCTIBLE')
    this.#proof = proof
    this.#agentContext = facts.agentContext
    this.#auditMetadata = facts.auditMetadata
    this.tenantId = subject.tenantId
    this.permissions = subject.permissions
    this.threadId = facts.threadId
    this.runId = facts.runId
    this.requestId = newRequestId()
    this.parentRequestId = lineage.parentRequestId
    this.operation = lineage.operation
    this.depth = lineage.depth
    this.createdAtMs = nowMs
    this.expiresAtMs = toShownEndMs(proof)
    this.identity = subject.identity
    this.actors = subject.actors
    freeze(this)
  }

  static {
    mint = (proof, subject, facts, lineage, createdAtMs) =>
      new UserExecutionContext(token, proof, subject, facts, lineage, createdAtMs)
    findProof = (value) => (typeof value === 'object' && value !== null && #proof in value ? value.#proof : undefined)
    const { prototype } = UserExecutionContext
    // No way back to the class. An own one, because util.inspect() calls the getters of a prototype that has none.
    Object.defineProperty(prototype, 'constructor', { value: Object })
    // console.log and util.inspect print the log fields. Not a method, so that consumers need no types of Node.
    Object.defineProperty(prototype, Symbol.for('nodejs.util.inspect.custom'), { value: toInspector(isMinted) })
    // A patched prototype cannot change what every context says.
    freeze(prototype)
    freeze(UserExecutionContext)
  }

  /** From the verified user. Id grammar. Personal data: do not log. On a copy it throws `ERR_CONTEXT_NOT_ISSUED`. */
  get 'userId'(): UserId {
    assertUserExecutionContext(this)
    return this.#proof.userId
  }

  /** From the verified user. Id grammar. Do not log. On a copy it throws `ERR_CONTEXT_NOT_ISSUED`. */
  get 'sessionId'(): SessionId | undefined {
    assertUserExecutionContext(this)
    return this.#proof.sessionId
  }

  /** Whose subject the user id is, from the provider: an issuer, or a name. On a copy it throws as `userId` does. */
  get 'namespace'(): string {
    assertUserExecutionContext(this)
    return this.#proof.namespace
  }

  /** When the proof, or a newer one that renewed it, was issued, at the latest verified: epoch ms. May be logged. */
  get 'provenAtMs'(): number {
    assertUserExecutionContext(this)
    return this.#proof.provenAtMs
  }

  /** When the proof ends now: `expiresAtMs`, or later where LiveSessions.renew() moved it. Same form. May be logged. */
  get 'identityEndsAtMs'(): number | undefined {
    assertUserExecutionContext(this)
    return toShownEndMs(this.#proof)
  }

  /** For the agent, from the caller: frozen JSON. Do not log. On a copy it throws `ERR_CONTEXT_NOT_ISSUED`. */
  get 'agentContext'(): FrozenJsonRecord {
    assertUserExecutionContext(this)
    return this.#agentContext
  }

  /** For the audit trail, from the caller: frozen JSON. Do not log. On a copy it throws `ERR_CONTEXT_NOT_ISSUED`. */
  get 'auditMetadata'(): FrozenJsonRecord {
    assertUserExecutionContext(this)
    return this.#auditMetadata
  }

  /** JSON.stringify prints the log fields, and of a copy that it is one. */
  'toJSON'(): ContextLogFields {
    return isMinted(this) ? redact(this, (this.#texts ??= toPrintedTexts(this))) : (copyText as never)
  }

  /** Template strings print the log fields, and of a copy that it is one. */
  'toString'(): string {
    return isMinted(this) ? toText(this.toJSON()) : copyText
  }
}

export type { UserExecutionContext }

/**
 * Makes a context. The only way to one: holding a `UserExecutionContext` proves that this function was called with a
 * user whom an identity provider verified (or for whom code vouched, which the audit trail shows).
 *
 * @param user - From a function made by identityProvider(), or from vouchForUser().
 * @param run - The run, all keys optional. Left-out ids are new UUIDs; it is read once, records are copied and frozen.
 * @throws {ContextError} `ERR_CONTEXT_USER_NOT_VERIFIED` when the user is not sealed, `ERR_CONTEXT_INVALID_REQUEST`
 *   with all issues of the run at once, and what assertLive() throws when the proof has ended.
 * @example
 * ```ts
 * import { createForUser, identityProvider } from 'user-execution-context'
 *
 * const sessions = new Map([['cookie', { userId: 'auth0:5f7c' }]])
 * const signIn = identityProvider({ name: 'session', verify: (cookie: string) => sessions.get(cookie) })
 * export const context = createForUser(await signIn('cookie'), { agentContext: { locale: 'en' } })
 * ```
 */
export const createForUser: (
  user: VerifiedUser | Instead<'call a function made by identityProvider() to obtain a VerifiedUser'>,
  run?: RunRequest & RetiredKeys,
  ...retired: readonly RetiredArguments[]
) => UserExecutionContext = (user, run) => {
  if (!isVerifiedUser(user)) throw toNotVerifiedError(user, isMinted)
  const createdAtMs = toBeginning(proofOf(user))
  return mint(proofOf(user), user, toFacts(run), toRoot(user), createdAtMs)
}

/**
 * Makes the context of a sub-agent or a tool: same user, thread and run, a new request id, one level deeper.
 * Records are shared with the parent, because they are frozen; a child owns nothing of its parent's.
 *
 * @param context - The parent.
 * @param operation - What the child does, such as `'search-notes'`: 1 to 128 characters of ids, and not `'root'`.
 * @param additions - Keys of `agentContext` and `auditMetadata`; `actor`; `permissions`, a subset; `outlivesIdentity`.
 * @throws {ContextError} `ERR_CONTEXT_NOT_ISSUED`, `_TOO_DEEP`, `_PERMISSION_WIDENED`, `_INVALID_OPERATION`,
 *   `_INVALID_REQUEST`, `ERR_CONTEXT_MISMATCH` beside another ambient context, and what assertLive() throws.
 * @example
 * ```ts
 * import { deriveChild, type UserExecutionContext } from 'user-execution-context'
 *
 * export const forSearch = (context: UserExecutionContext) => deriveChild(context, 'search-notes')
 * ```
 */
export const deriveChild: <const Reason extends string = never>(
  context: UserExecutionContext,
  operation: string,
  additions?: ChildAdditions<Reason>,
) => UserExecutionContext = (context, operation, additions) => {
  assertUserExecutionContext(context)
  const createdAtMs = toBeginning(findProof(context)!)
  const { proof, subject, facts, lineage } = toChildParts(context, findProof(context)!, operation, additions)
  return mint(proof, subject, facts, lineage, createdAtMs)
}

/** What a context shares with its user; undefined for what is no context: brand check and read in one. Not public. */
export const findContextProof: (value: unknown) => Proof | undefined = findProof

/**
 * Whether a value is a context that createForUser() or deriveChild() of this copy of the package made, in this process.
 *
 * @param value - Anything. A spread, a clone, a proxy or parsed JSON is none.
 * @example
 * ```ts
 * import { isUserExecutionContext } from 'user-execution-context'
 *
 * export const isReal = isUserExecutionContext({ userId: 'user-1' }) // false
 * ```
 */
export const isUserExecutionContext: (value: unknown) => value is UserExecutionContext = (value) => isMinted(value)

/**
 * Refuses everything that is not a context: the first line of every service.
 *
 * @param value - Anything. After the call its type is UserExecutionContext.
 * @throws {ContextError} `ERR_CONTEXT_NOT_ISSUED`.
 * @example
 * ```ts
 * import { assertUserExecutionContext, type UserExecutionContext } from 'user-execution-context'
 *
 * export function toTitle(context: UserExecutionContext): string {
 *   assertUserExecutionContext(context)
 *   return context.operation
 * }
 * ```
 */
export const assertUserExecutionContext: (value: unknown) => asserts value is UserExecutionContext = (value) => {
  if (!isMinted(value)) throw toNotIssuedError(value, UserExecutionContext.prototype)
}

assertSealed(UserExecutionContext.prototype, isMinted)
