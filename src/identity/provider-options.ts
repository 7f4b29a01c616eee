/**
 * What identityProvider() takes, the check of it, and what is made of what its functions throw.
 */
import { ContextError, type ContextErrorDetails } from '../errors/context-error.ts'
import { findUnknownKeys, type Issue } from '../errors/issue.ts'
import { findIdIssue } from '../facts/ids.ts'
import { findNamespaceIssue } from '../facts/namespace.ts'
import type { IdentityFacts, VerifiedFacts } from './identity-facts.ts'
import { isLivenessRegistry, type LivenessRegistry } from './liveness-registry.ts'

/** Options of {@link identityProvider}. */
export type IdentityProviderOptions<Credentials> = {
  /** Such as `'password'` or `'auth0'`. 1 to 128 characters of the id alphabet, not `'vouched'`. May be logged. */
  readonly name: string
  /**
   * Whose users these are: part of the key that everything of a user is filed under, because a subject is unique within
   * its issuer only. 1 to 256 characters of the id alphabet and `/`, such as an issuer's URL. Providers over one user
   * base name one namespace; two user bases never share one. May be logged. Default `name`.
   */
  readonly namespace?: string | undefined
  /** Decides who sends these credentials. Resolves to undefined to refuse; what it throws is rethrown unchanged. */
  readonly verify: (credentials: Credentials) => Promise<VerifiedFacts | undefined> | VerifiedFacts | undefined
  /**
   * From liveSessions(): proofs are filed there, so that a sign-out ends them. Default: a proof lasts until it expires,
   * and the clock is read at each use.
   */
  readonly sessions?: LivenessRegistry | undefined
  /** A stricter rule of yours over accepted facts (an id format, a tenant list). It can only refuse. Default none. */
  readonly accept?: ((facts: IdentityFacts) => boolean) | undefined
}

const known: readonly string[] = ['name', 'namespace', 'verify', 'sessions', 'accept']

/** The options, complete. Each is read once. @throws {ContextError} `ERR_CONTEXT_INVALID_OPTIONS`. */
export const parseProviderOptions = <Credentials>(
  options: IdentityProviderOptions<Credentials>,
): IdentityProviderOptions<Credentials> & { readonly namespace: string } => {
  const { name, namespace = name, verify, sessions, accept } = options ?? {}
  const issues: Issue[] = findNameIssues(name)
  const kind = issues.length > 0 && namespace === name ? undefined : findNamespaceIssue(namespace)
  if (kind !== undefined) issues.push({ path: 'namespace', kind })
  if (typeof verify !== 'function') issues.push({ path: 'verify', kind: 'not a function' })
  // An object of the caller's that files nothing would keep every proof alive.
  if (sessions !== undefined && !isLivenessRegistry(sessions)) issues.push({ path: 'sessions', kind: 'does not fit' })
  if (accept !== undefined && typeof accept !== 'function') issues.push({ path: 'accept', kind: 'not a function' })
  // A misspelt `accept` would refuse nobody, and a misspelt `sessions` end nobody.
  issues.push(...findUnknownKeys(options ?? {}, known))
  if (issues.length > 0) throw new ContextError('ERR_CONTEXT_INVALID_OPTIONS', toDetails(issues))
  return { name, namespace, verify, sessions, accept }
}

/** Functions that make a provider hand some options on: what is wrong with those says nothing of the required two. */
function toDetails(issues: readonly Issue[]): ContextErrorDetails {
  if (issues.some(({ path }) => path === 'name' || path === 'verify')) return { issues, fix }
  return issues.every(({ path }) => path === 'sessions') ? { issues, fix: fixOfSessions } : { issues }
}

const fixOfSessions = 'Pass what liveSessions() of user-execution-context gave as sessions, of one copy of the package.'

const fix =
  "Pass { name, verify }: a name for the log, such as 'auth0', and a function from credentials to the facts of their " +
  'user, or to undefined. Both are required; namespace, sessions and accept are optional.'

function findNameIssues(name: unknown): Issue[] {
  const kind = findIdIssue(name)
  // 'demo' or 'default' are poor ids and fine names for a provider.
  if (kind !== undefined && kind !== 'uninitialised value') return [{ path: 'name', kind }]
  // 'vouched' is taken: a provider of that name could hide behind it in the audit trail.
  return (name as string).toLowerCase() === 'vouched' ? [{ path: 'name', kind: 'reserved' }] : []
}

/**
 * What the caller threw, or a refusal for what is no object. Express takes `null` for no error, and `null` is what a
 * callback gives where it found no user: everybody would be let in.
 */
export const toRefusal = (thrown: unknown): object =>
  typeof thrown === 'object' && thrown !== null
    ? thrown
    : new ContextError('ERR_CONTEXT_IDENTITY_REFUSED', { cause: thrown })
