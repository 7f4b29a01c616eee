/**
 * The public registry of live proofs: sign-out by session, user and tenant.
 */
import { ContextError } from '../errors/context-error.ts'
import { findUnknownKeys, type Issue } from '../errors/issue.ts'
import { isSameChain } from '../facts/actor.ts'
import { findIdIssue } from '../facts/ids.ts'
import { isPlainObject } from '../facts/json-copy.ts'
import { findNamespaceIssue } from '../facts/namespace.ts'
import { isProofEnded, proofEndsAtMs } from '../identity/proof.ts'
import type { LiveSessionsOptions } from '../identity/live-options.ts'
import { isLivenessRegistry, LivenessRegistry, takeRegistryChanges, type Proof } from '../identity/liveness-registry.ts'
import { sessionKey, tenantKey, userKey, type Tombstone } from '../identity/tombstones.ts'
import { isVerifiedUser, proofOf, type VerifiedUser } from '../identity/verified-user.ts'
import { isWithin } from './context-parts.ts'
import { assertUserExecutionContext, findContextProof, type UserExecutionContext } from './user-execution-context.ts'

// Captured before any other code can replace them.
const { assign, create, defineProperty, freeze, hasOwn, keys } = Object

/** Whom to sign out: exactly one of the three. A user without a tenant is named without `tenantId`. */
export type RevocationTarget =
  | { readonly session: UserExecutionContext | VerifiedUser }
  | { readonly user: { readonly namespace: string; readonly tenantId?: string; readonly userId: string } }
  | { readonly tenant: { readonly namespace: string; readonly tenantId: string } }

const change = takeRegistryChanges()
let mint: (options: LiveSessionsOptions) => LiveSessions

/**
 * The live proofs of this process. Give it to identityProvider() and vouchForUser() as `sessions`.
 */
class LiveSessions extends LivenessRegistry {
  private constructor(options: LiveSessionsOptions) {
    super(change.token, options)
  }

  static {
    mint = (options) => new LiveSessions(options)
    // No way back to the class.
    defineProperty(LiveSessions.prototype, 'constructor', { value: Object })
    freeze(LiveSessions.prototype)
  }

  /**
   * Signs out: every proof that was issued until now ends, also those that other processes hold and that come in later.
   * Revoking a proof without a session id signs its user out everywhere. A context that was exempted by
   * `outlivesIdentity` goes on when its session is revoked, and ends with its user or tenant.
   *
   * @param target - `session`, `user` or `tenant`. Unknown keys and undefined values are refused, and so is the session
   *   of a proof that is filed in no registry or in another one: it would go on. Name its user in place of it.
   * @param options - `reason: 'rights_changed'` when a right was taken away. Default `'signed_out'`.
   * @returns Once the store has it: how many proofs of this process ended. It rejects with what the store throws; then
   *   the proofs have ended, but nobody may be told that they are signed out.
   * @throws {ContextError} `ERR_CONTEXT_INVALID_OPTIONS`, `ERR_CONTEXT_NOT_ISSUED`, `ERR_CONTEXT_TOO_MANY_REVOCATIONS`.
   */
  async revoke(
    target: RevocationTarget,
    options: { readonly reason?: 'signed_out' | 'rights_changed' } = {},
  ): Promise<number> {
    const unknown = findUnknownKeys(options, ['reason'])
    if (unknown.length > 0) throw invalid(unknown)
    const { reason = 'signed_out' } = options
    if (reason !== 'signed_out' && reason !== 'rights_changed')
      throw invalid([{ path: 'reason', kind: 'does not fit' }])
    const { key, end } = toNamed(target, this)
    return change.revoke(this, key, reason === 'rights_changed' ? reason : end)
  }

  /**
   * Lets a proof last as long as a newer one: what was begun with the old one goes on. Only when both are live, of this
   * registry, and the same in namespace, tenant, user, session and actors, and the newer one has every permission of
   * the old, and while the registry hears of revocations elsewhere. Otherwise the old one ends at its own time.
   *
   * @param previous - The user that the connection or the run was begun with.
   * @param next - The same user, verified again.
   * @returns Whether the end was moved.
   * @throws {ContextError} `ERR_CONTEXT_USER_NOT_VERIFIED` when one is no verified user.
   */
  renew(previous: VerifiedUser, next: VerifiedUser): boolean {
    if (!isVerifiedUser(previous) || !isVerifiedUser(next)) throw new ContextError('ERR_CONTEXT_USER_NOT_VERIFIED')
    const [old, fresh] = [proofOf(previous), proofOf(next)]
    const isSame =
      old.registry === this &&
      fresh.registry === this &&
      previous.namespace === next.namespace &&
      previous.tenantId === next.tenantId &&
      previous.userId === next.userId &&
      previous.sessionId === next.sessionId &&
      isSameChain(previous.actors, next.actors) &&
      isWithin(previous.permissions, next.permissions)
    // Nothing lasts longer by a proof of which nobody knows whether it was revoked elsewhere.
    if (!isSame || !change.isKnown(this) || hasEnded(old) || hasEnded(fresh)) return false
    change.extend(this, old, fresh)
    return true
  }

  /**
   * Whether something new can begin: always without a feed of other processes, until close(). With one, once it was
   * heard for the first time, and while it was heard within `staleAfterMs`. For readiness checks. May be logged.
   *
   * @throws {ContextError} `ERR_CONTEXT_NOT_ISSUED` on a copy.
   */
  get isLivenessKnown(): boolean {
    if (!isLivenessRegistry(this)) throw new ContextError('ERR_CONTEXT_NOT_ISSUED')
    return change.isKnown(this)
  }

  /** Stops following the store and the clock. Nothing of this registry begins any more. */
  close(): void {
    if (!isLivenessRegistry(this)) throw new ContextError('ERR_CONTEXT_NOT_ISSUED')
    change.close(this)
  }
}

export type { LiveSessions }

/**
 * Opens the registry of live proofs: what makes a sign-out end sockets, runs and contexts at once. One for a process,
 * and one for all its providers.
 *
 * @param options - `maxProofMs`, the longest life of a proof; `store` for revocations that survive a restart and reach
 *   other processes; `staleAfterMs` for how long its feed may be silent.
 * @throws {ContextError} `ERR_CONTEXT_INVALID_OPTIONS` with all issues at once.
 * @example
 * ```ts
 * import { createForUser, identityProvider, liveSessions } from 'user-execution-context'
 *
 * const sessions = liveSessions({ maxProofMs: 900_000 })
 * const cookies = new Map([['cookie', { userId: 'auth0:5f7c', sessionId: 's-1' }]])
 * const signIn = identityProvider({ name: 'session', sessions, verify: (cookie: string) => cookies.get(cookie) })
 * const context = createForUser(await signIn('cookie'))
 * export const ended = await sessions.revoke({ session: context })
 * ```
 */
export const liveSessions = (options: LiveSessionsOptions): LiveSessions => mint(options)

function hasEnded(proof: Proof): boolean {
  return isProofEnded(proof) || proofEndsAtMs(proof) <= Date.now()
}

type Named = { readonly key: string; readonly end: Tombstone['reason'] }

function toNamed(target: unknown, registry: LivenessRegistry): Named {
  if (!isPlainObject(target)) throw invalid([{ path: '', kind: 'not a plain object' }])
  const [kind, ...more] = keys(target)
  if (more.length > 0 || (kind !== 'session' && kind !== 'user' && kind !== 'tenant'))
    throw invalid([{ path: '', kind: kind === undefined ? 'missing' : 'unknown key' }])
  const value: unknown = target[kind]
  if (kind === 'session') return toNamedSession(value, registry)
  const { namespace, tenantId, userId } = readFields(value, kind)
  return kind === 'tenant'
    ? { key: tenantKey(namespace!, tenantId!), end: 'tenant_revoked' }
    : { key: userKey({ namespace: namespace!, tenantId, userId: userId! }), end: 'user_revoked' }
}

function toNamedSession(value: unknown, registry: LivenessRegistry): Named {
  if (!isVerifiedUser(value)) assertUserExecutionContext(value)
  const proof = isVerifiedUser(value) ? proofOf(value) : findContextProof(value)!
  // Nothing of this proof would end, and its user would be told that they are signed out.
  if (proof.registry !== registry)
    throw new ContextError('ERR_CONTEXT_INVALID_OPTIONS', {
      issues: [{ path: 'session', kind: 'does not fit' }],
      fix:
        `Its proof is filed in ${proof.registry === undefined ? 'no registry' : 'another registry'}: give the ` +
        'function that verified the user this one, identityProvider({ …, sessions }), jwtIdentity({ …, sessions }); ' +
        'or revoke by { user }.',
    })
  const { namespace, userId, sessionId } = proof
  const filed = { namespace, tenantId: value.tenantId, userId, sessionId }
  return sessionId === undefined
    ? { key: userKey(filed), end: 'user_revoked' }
    : { key: sessionKey(filed), end: 'session_revoked' }
}

/** A value that is undefined would name more than was meant: all users without a tenant, all sessions. */
function readFields(
  value: unknown,
  kind: 'user' | 'tenant',
): { readonly [Key in 'namespace' | 'tenantId' | 'userId']?: string } {
  if (!isPlainObject(value)) throw invalid([{ path: kind, kind: 'not a plain object' }])
  const own: Record<string, unknown> = assign(create(null), value)
  const allowed = kind === 'user' ? ['namespace', 'tenantId', 'userId'] : ['namespace', 'tenantId']
  const issues = findUnknownKeys(own, allowed, kind)
  for (const key of allowed) {
    if (kind === 'user' && key === 'tenantId' && !hasOwn(own, 'tenantId')) continue
    const found = key === 'namespace' ? findNamespaceIssue(own[key]) : findIdIssue(own[key])
    if (found !== undefined) issues.push({ path: `${kind}.${key}`, kind: found })
  }
  if (issues.length > 0) throw invalid(issues)
  return own
}

function invalid(issues: readonly Issue[]): ContextError {
  return new ContextError('ERR_CONTEXT_INVALID_OPTIONS', { issues })
}
