/**
 * What code that vouches for a user must say.
 */
import type { Issue } from '../errors/issue.ts'
import type { ConstantText } from '../facts/constant-text.ts'
import { findNamespaceIssue } from '../facts/namespace.ts'
import { isLivenessRegistry, type LivenessRegistry } from './liveness-registry.ts'
import { copyOwn } from './identity-facts.ts'
import { findReasonIssue } from './reason.ts'

// Captured before any other code can replace them.
const { hasOwn } = Object

/** Second argument of vouchForUser(). */
export type Vouching<Reason extends string = string> = {
  /**
   * Why no identity provider verified this user. 1 to 200 printable characters, a constant of the source: the compiler
   * refuses what it cannot read there. In every log line and audit record.
   */
  readonly reason: Reason & ConstantText<Reason>
  /**
   * Whose users these are: name the namespace of the provider whose user this is, or what you make belongs to nobody
   * who signs in. Form as in identityProvider(). Default `'vouched'`.
   */
  readonly namespace?: string | undefined
  readonly sessionId?: string | undefined
  readonly tenantId?: string | undefined
  readonly permissions?: readonly string[] | undefined
  /** Milliseconds since the epoch. Default never: leave the key out for that, undefined is refused. */
  readonly expiresAtMs?: number
  /** From liveSessions(): a sign-out of the user ends this one too. Default: in no registry. */
  readonly sessions?: LivenessRegistry | undefined
}

/** What to do about a vouching that cannot be used: the table's sentence is for a provider. */
export const vouchingFix =
  'Call vouchForUser(userId, { reason }): the reason says why no identity provider verified this user, in 1 to 200 ' +
  'printable characters, and the ids have the documented form.'

/** The reason, and the other facts, which are checked with the identity's. Each property is read once. */
export const parseVouching = (
  vouching: unknown,
  issues: Issue[],
): {
  readonly reason: string
  readonly namespace: string
  readonly sessions: LivenessRegistry | undefined
  readonly facts: object
} => {
  const {
    reason,
    namespace = 'vouched',
    sessions,
    ...facts
  } = vouching === undefined ? {} : copyOwn(vouching, vouchingFix)
  const kind = findReasonIssue(reason)
  if (kind !== undefined) issues.push({ path: 'reason', kind })
  const namespaceKind = findNamespaceIssue(namespace)
  if (namespaceKind !== undefined) issues.push({ path: 'namespace', kind: namespaceKind })
  if (sessions !== undefined && !isLivenessRegistry(sessions)) issues.push({ path: 'sessions', kind: 'does not fit' })
  // The user is the first argument: a second one in here would be lost silently.
  if (hasOwn(facts, 'userId')) issues.push({ path: 'userId', kind: 'unknown key' })
  // An end that was computed as undefined would be none.
  if (hasOwn(facts, 'expiresAtMs') && facts['expiresAtMs'] === undefined)
    issues.push({ path: 'expiresAtMs', kind: 'missing' })
  return {
    reason: reason as string,
    namespace: namespace as string,
    sessions: sessions as LivenessRegistry | undefined,
    // You vouch now.
    facts: { issuedAtMs: Date.now(), ...facts },
  }
}
