/**
 * The sealed VerifiedUser and its only two makers. One file, because "private" must mean file-private:
 * any other file of the package can be reached by a path import.
 *
 * This is the place to audit for the question how a person becomes a user of the system.
 */
import { ContextError } from '../errors/context-error.ts'
import type { Issue } from '../errors/issue.ts'
import { generateUuid } from '../facts/generate-uuid.ts'
import type { SessionId, TenantId, UserId } from '../facts/ids.ts'
import { assertSealed } from '../facts/assert-sealed.ts'
import type { Actor } from '../facts/actor.ts'
import { parseIdentityFacts, type IdentityFacts } from './identity-facts.ts'
import { toOrigin, type IdentityOrigin } from './identity-origin.ts'
import { fileProof, type LivenessRegistry, type Proof } from './liveness-registry.ts'
import { toProvenAtMs, toShownEndMs } from './proof.ts'
import { parseProviderOptions, toRefusal, type IdentityProviderOptions } from './provider-options.ts'
import { parseVouching, vouchingFix, type Vouching } from './vouching.ts'

const token = Symbol('maker of verified users')
const { freeze } = Object
let mint: (
  facts: IdentityFacts,
  namespace: string,
  identity: IdentityOrigin,
  registry: LivenessRegistry | undefined,
  verifiedAtMs: number,
) => VerifiedUser
let isMinted: (value: unknown) => boolean
let readProof: (user: VerifiedUser) => Proof

/**
 * A user whom an identity provider verified. Holding one is proof: only a function made by identityProvider(), and
 * vouchForUser(), can make it. A string from a request body never becomes a user.
 *
 * What may be logged is a property. What may not is a getter over a private field, which no spread, logger or cloner
 * takes.
 */
class VerifiedUser {
  /** Never set. Its name is what tsc prints for a value that is no VerifiedUser. */
  // @ts-ignore TS6133: a private member that no code reads; its NAME is the message.
  declare private readonly 'call a function made by identityProvider() to obtain a VerifiedUser': never
  /** Also marks the real ones at run time. Syntax, so that no patched built-in can lie about it. */
  readonly #proof: Proof
  /** Generated here, a UUID, new for each verification: what tells two users apart in a log. May be logged. */
  readonly 'verificationId': string
  /** From the provider. Id grammar. May be logged. */
  readonly 'tenantId': TenantId | undefined
  /** From the provider. Frozen, without duplicates, each a scope token (RFC 6749 section 3.3). May be logged. */
  readonly 'permissions': readonly string[]
  /** From the provider: when the proof ends, milliseconds since the epoch; undefined for never. May be logged. */
  readonly 'expiresAtMs': number | undefined
  /** From the provider: when the proof was issued, milliseconds since the epoch, if it says. May be logged. */
  readonly 'issuedAtMs': number | undefined
  /** From the provider: who acts for the user, newest first. Frozen. May be logged: a person's name is a getter. */
  readonly 'actors': readonly Actor[]
  /** Which provider verified the user, set here. May be logged. */
  readonly 'identity': IdentityOrigin

  private 'constructor'(secret: symbol, facts: IdentityFacts, proof: Proof, identity: IdentityOrigin) {
    // Stops `new user.constructor()`, Reflect.construct and subclasses of plain JavaScript callers.
    if (secret !== token || new.target !== VerifiedUser) throw new ContextError('ERR_CONTEXT_NOT_CONSTRUCTIBLE')
    this.#proof = proof
    this.verificationId = generateUuid()
    this.tenantId = facts.tenantId
    this.permissions = facts.permissions
    this.expiresAtMs = toShownEndMs(proof)
    this.issuedAtMs = facts.issuedAtMs
    this.actors = facts.actors
    this.identity = identity
    freeze(this)
  }

  static {
    mint = (facts, namespace, identity, registry, verifiedAtMs) => {
      const { userId, sessionId, tenantId, issuedAtMs, expiresAtMs, outlives } = facts
      const end = { expiresAtMs, isExempt: outlives !== undefined }
      const provenAtMs = issuedAtMs === undefined ? verifiedAtMs : toProvenAtMs(issuedAtMs)
      const proofFacts = { namespace, userId, sessionId, registry, issuedAtMs, provenAtMs }
      const proof = fileProof(proofFacts, { namespace, tenantId, userId, sessionId }, end)
      return new VerifiedUser(token, facts, proof, identity)
    }
    isMinted = (value) => typeof value === 'object' && value !== null && #proof in value
    readProof = (user) => user.#proof
    // No way back to the class. An own one, because util.inspect() calls the getters of a prototype that has none.
    Object.defineProperty(VerifiedUser.prototype, 'constructor', { value: Object })
    // A verified user prints as one word, and a copy that it is one: a context has log fields of its own.
    for (const printer of ['toJSON', 'toString', Symbol.for('nodejs.util.inspect.custom')]) {
      Object.defineProperty(VerifiedUser.prototype, printer, { value: printUser })
    }
    // A patched prototype cannot change what every user says.
    freeze(VerifiedUser.prototype)
    freeze(VerifiedUser)
  }

  /** From the provider. Id grammar. Personal data: do not log. On a copy it throws `ERR_CONTEXT_NOT_ISSUED`. */
  get 'userId'(): UserId {
    assertMinted(this)
    return this.#proof.userId
  }

  /** From the provider. Id grammar. Do not log. On a copy it throws `ERR_CONTEXT_NOT_ISSUED`. */
  get 'sessionId'(): SessionId | undefined {
    assertMinted(this)
    return this.#proof.sessionId
  }

  /**
   * Whose subject the user id is, from the provider: an issuer, or a name. On a copy it throws
   * `ERR_CONTEXT_NOT_ISSUED`.
   */
  get 'namespace'(): string {
    assertMinted(this)
    return this.#proof.namespace
  }
}

export type { VerifiedUser }

/** What the contexts of a user share with it. Not public. The caller has asked isVerifiedUser(). */
export const proofOf = (user: VerifiedUser): Proof => readProof(user)

/**
 * Wraps whatever decides who a user is (a JWT check, a session store, Auth0, Clerk) into a function that gives a
 * sealed {@link VerifiedUser}.
 *
 * This IS a function from credentials to a user: no type can tell a `verify` that checks a signature from one that
 * believes a header. So each call is a place to audit. `npx @user-execution-context/adopt check` lists them all, and
 * `name` stands in every log line and audit record of the users that came in through it.
 *
 * @param options - `name` and `verify`; `namespace` of the users; `sessions` to file proofs in; `accept` for a stricter
 *   rule of yours.
 * @returns A function from credentials to the user. It rejects with `ERR_CONTEXT_IDENTITY_REFUSED` when `verify`
 *   resolves to undefined, `accept` to anything but true, or one throws what is no object, such as null; with
 *   `ERR_CONTEXT_INVALID_IDENTITY` for malformed facts; with `ERR_CONTEXT_IDENTITY_EXPIRED` for an ended proof; with
 *   `sessions`, with `ERR_CONTEXT_IDENTITY_REVOKED` or `ERR_CONTEXT_LIVENESS_UNKNOWN`.
 * @throws {ContextError} `ERR_CONTEXT_INVALID_OPTIONS` when the options are not of this form.
 * @example
 * ```ts
 * import { identityProvider } from 'user-execution-context'
 *
 * const sessions = new Map([['cookie-value', { userId: 'auth0:5f7c' }]])
 * export const signIn = identityProvider({ name: 'session', verify: (cookie: string) => sessions.get(cookie) })
 * ```
 */
export const identityProvider: <Credentials>(
  options: IdentityProviderOptions<Credentials>,
) => (credentials: Credentials) => Promise<VerifiedUser> = (options) => {
  const { name, namespace, verify, sessions, accept } = parseProviderOptions(options)
  // One object for all who sign in here: a user of a hop has one of their own.
  const [person, service] = [
    toOrigin(name, undefined, 'person', undefined),
    toOrigin(name, undefined, 'service', undefined),
  ]

  return async (credentials) => {
    // Read before verify() runs: a revocation during verify() must also end this proof.
    const startedAtMs = Date.now()
    let verified: unknown
    try {
      verified = await verify(credentials)
    } catch (error) {
      throw toRefusal(error)
    }
    if (verified === undefined || verified === null) throw new ContextError('ERR_CONTEXT_IDENTITY_REFUSED')
    const facts = parseIdentityFacts(verified)
    if (accept !== undefined) await assertAccepted(accept, facts)
    const { kind, origin, outlives } = facts
    const isFromHop = origin !== undefined || outlives !== undefined
    const shared = kind === 'person' ? person : service
    const identity = isFromHop ? toOrigin(name, undefined, kind, origin, outlives) : shared
    return mint(facts, namespace, identity, sessions, startedAtMs)
  }
}

/** Asks the rule of the caller. It can only refuse: what it is given is frozen. */
async function assertAccepted(
  accept: NonNullable<IdentityProviderOptions<never>['accept']>,
  facts: IdentityFacts,
): Promise<void> {
  if (facts.expiresAtMs !== undefined && facts.expiresAtMs <= Date.now())
    throw new ContextError('ERR_CONTEXT_IDENTITY_EXPIRED')
  let isAccepted: unknown
  try {
    isAccepted = await accept(freeze(facts))
  } catch (error) {
    throw toRefusal(error)
  }
  if (isAccepted !== true)
    throw new ContextError('ERR_CONTEXT_IDENTITY_REFUSED', { issues: [{ path: '', kind: 'refused by policy' }] })
}

/** A string without a brand, so that a ThreadId given for a user is a compile error. */
export type Unbranded = string & { readonly __type__?: never }

/**
 * Makes a verified user without an identity provider: for cron jobs, tests, and code under migration. You vouch.
 *
 * The reason lands in `context.identity` and in every audit record; each call is easy to find by name and is counted
 * by `npx @user-execution-context/adopt check`.
 *
 * @param userId - The user on whose behalf you act. Id grammar.
 * @param vouching - `reason`: why no provider verified this user, 1 to 200 printable characters, required; a constant
 *   of the source, so that nobody outside can say why.
 * @throws {ContextError} `ERR_CONTEXT_INVALID_IDENTITY` with all issues when a value is malformed or the reason is
 *   missing.
 * @example
 * ```ts
 * import { createForUser } from 'user-execution-context'
 * import { vouchForUser } from 'user-execution-context/restricted'
 *
 * const user = vouchForUser('user-1', { reason: 'nightly clean-up of expired notes' })
 * export const context = createForUser(user)
 * ```
 */
export const vouchForUser: <const Reason extends string>(
  userId: UserId | Unbranded,
  vouching: Vouching<Reason>,
) => VerifiedUser = (userId, vouching) => {
  const issues: Issue[] = []
  const { reason, namespace, sessions, facts } = parseVouching(vouching, issues)
  const parsed = parseIdentityFacts({ ...facts, userId }, issues, vouchingFix)
  return mint(parsed, namespace, toOrigin('vouched', reason, parsed.kind, parsed.origin), sessions, Date.now())
}

/**
 * Whether a value is a user that identityProvider() or vouchForUser() of this copy of the package made.
 *
 * @param value - Anything. A spread, a clone, a proxy or parsed JSON is none.
 * @example
 * ```ts
 * import { isVerifiedUser } from 'user-execution-context'
 *
 * export const isReal = isVerifiedUser({ userId: 'user-1' }) // false
 * ```
 */
export const isVerifiedUser = (value: unknown): value is VerifiedUser => isMinted(value)

function printUser(this: unknown): string {
  return isMinted(this) ? '[VerifiedUser]' : '[copy of a VerifiedUser]'
}

function assertMinted(value: unknown): void {
  if (!isMinted(value)) throw new ContextError('ERR_CONTEXT_NOT_ISSUED')
}

assertSealed(VerifiedUser.prototype, isMinted)
