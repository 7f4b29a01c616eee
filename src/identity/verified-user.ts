/**
 * The sealed VerifiedUser and its only two makers. One file, because "private" must mean file-private:
 * any other file of the package can be reached by a path import.
 *
 * This is the place to audit for the question how a person becomes a user of the system.
 */
import { ContextError } from '../errors/context-error.ts'
import type { Issue } from '../errors/issue.ts'
import { generateUuid } from '../facts/generate-uuid.ts'
import { findIdIssue, type SessionId, type TenantId, type UserId } from '../facts/ids.ts'
import { assertSealed } from '../facts/assert-sealed.ts'
import { parseIdentityFacts, type IdentityFacts } from './identity-facts.ts'
import { parseVouching, type Vouching } from './vouching.ts'

/** How a user came to be verified. Both fields may be logged. */
export type IdentityOrigin = {
  /** Name of the identity provider, or `'vouched'`. Given by the code that called identityProvider(). */
  readonly provider: string
  /** Why code vouched for the user; undefined for one whom a provider verified. 1 to 200 printable characters. */
  readonly reason: string | undefined
}

const token = Symbol('maker of verified users')
const { freeze } = Object
let mint: (facts: IdentityFacts, identity: IdentityOrigin) => VerifiedUser
let isMinted: (value: unknown) => boolean

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
  readonly #userId: UserId
  readonly #sessionId: SessionId | undefined
  /** Generated here, a UUID, new for each verification: what tells two users apart in a log. May be logged. */
  readonly 'verificationId': string
  /** From the provider. Id grammar. May be logged. */
  readonly 'tenantId': TenantId | undefined
  /** From the provider. Frozen, without duplicates, each a scope token (RFC 6749 section 3.3). May be logged. */
  readonly 'permissions': readonly string[]
  /** From the provider: when the proof ends, milliseconds since the epoch; undefined for never. May be logged. */
  readonly 'expiresAtMs': number | undefined
  /** Which provider verified the user, set here. May be logged. */
  readonly 'identity': IdentityOrigin

  private 'constructor'(secret: symbol, facts: IdentityFacts, identity: IdentityOrigin) {
    // Stops `new user.constructor()`, Reflect.construct and subclasses of plain JavaScript callers.
    if (secret !== token || new.target !== VerifiedUser) throw new ContextError('ERR_CONTEXT_NOT_CONSTRUCTIBLE')
    this.#userId = facts.userId
    this.#sessionId = facts.sessionId
    this.verificationId = generateUuid()
    this.tenantId = facts.tenantId
    this.permissions = facts.permissions
    this.expiresAtMs = facts.expiresAtMs
    this.identity = identity
    freeze(this)
  }

  static {
    mint = (facts, identity) => new VerifiedUser(token, facts, identity)
    isMinted = (value) => typeof value === 'object' && value !== null && #userId in value
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
    return this.#userId
  }

  /** From the provider. Id grammar. Do not log. On a copy it throws `ERR_CONTEXT_NOT_ISSUED`. */
  get 'sessionId'(): SessionId | undefined {
    assertMinted(this)
    return this.#sessionId
  }
}

export type { VerifiedUser }

/** What a verifier gives for accepted credentials. Ids may be plain strings: they are parsed here. */
export type VerifiedFacts = {
  /** The subject, as the provider names it. 1 to 128 characters of the id alphabet. */
  readonly userId: string
  readonly sessionId?: string | undefined
  readonly tenantId?: string | undefined
  /** Names of what the user may do, scope tokens of RFC 6749 section 3.3, at most 1,000. Default none. */
  readonly permissions?: readonly string[] | undefined
  /** Milliseconds since the epoch at which the proof ends (a JWT's `exp` times 1000). Default never. */
  readonly expiresAtMs?: number | undefined
}

/** Options of {@link identityProvider}. */
export type IdentityProviderOptions<Credentials> = {
  /** Such as `'password'` or `'auth0'`. 1 to 128 characters of the id alphabet, not `'vouched'`. May be logged. */
  readonly name: string
  /** Decides who sends these credentials. Resolves to undefined to refuse; what it throws is rethrown unchanged. */
  readonly verify: (credentials: Credentials) => Promise<VerifiedFacts | undefined> | VerifiedFacts | undefined
  /** A stricter rule of yours over accepted facts (an id format, a tenant list). It can only refuse. Default none. */
  readonly accept?: ((facts: IdentityFacts) => boolean) | undefined
}

/**
 * Wraps whatever decides who a user is (a JWT check, a session store, Auth0, Clerk) into a function that gives a
 * sealed {@link VerifiedUser}.
 *
 * This IS a function from credentials to a user: no type can tell a `verify` that checks a signature from one that
 * believes a header. So each call is a place to audit. `npx @user-execution-context/adopt check` lists them all, and
 * `name` stands in every log line and audit record of the users that came in through it.
 *
 * @param options - `name`, `verify`, and `accept` for a stricter rule of yours.
 * @returns A function from credentials to the user. It rejects with `ERR_CONTEXT_IDENTITY_REFUSED` when `verify`
 *   resolves to undefined or `accept` to anything but true, with `ERR_CONTEXT_INVALID_IDENTITY` when the facts are
 *   malformed, and with `ERR_CONTEXT_IDENTITY_EXPIRED` when they have expired already.
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
  const { name, verify, accept } = options ?? {}
  const issues: Issue[] = findNameIssues(name)
  if (typeof verify !== 'function') issues.push({ path: 'verify', kind: 'not a function' })
  if (accept !== undefined && typeof accept !== 'function') issues.push({ path: 'accept', kind: 'not a function' })
  if (issues.length > 0) throw new ContextError('ERR_CONTEXT_INVALID_OPTIONS', { issues })
  const identity: IdentityOrigin = freeze({ provider: name, reason: undefined })

  return async (credentials) => {
    const verified: unknown = await verify(credentials)
    if (verified === undefined || verified === null) throw new ContextError('ERR_CONTEXT_IDENTITY_REFUSED')
    const facts = parseIdentityFacts(verified)
    if (facts.expiresAtMs !== undefined && facts.expiresAtMs <= Date.now())
      throw new ContextError('ERR_CONTEXT_IDENTITY_EXPIRED')
    if (accept !== undefined && (await accept(facts)) !== true) {
      throw new ContextError('ERR_CONTEXT_IDENTITY_REFUSED', { issues: [{ path: '', kind: 'refused by policy' }] })
    }
    return mint(facts, identity)
  }
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
 * @param vouching - `reason`: why no provider verified this user, 1 to 200 printable characters, required.
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
export const vouchForUser: (userId: UserId | Unbranded, vouching: Vouching) => VerifiedUser = (userId, vouching) => {
  const issues: Issue[] = []
  const { reason, facts } = parseVouching(vouching, issues)
  return mint(parseIdentityFacts({ ...facts, userId }, issues), freeze({ provider: 'vouched', reason }))
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

function findNameIssues(name: unknown): Issue[] {
  const kind = findIdIssue(name)
  // 'demo' or 'default' are poor ids and fine names for a provider.
  if (kind !== undefined && kind !== 'uninitialised value') return [{ path: 'name', kind }]
  // 'vouched' is taken: a provider of that name could hide behind it in the audit trail.
  return (name as string).toLowerCase() === 'vouched' ? [{ path: 'name', kind: 'reserved' }] : []
}
