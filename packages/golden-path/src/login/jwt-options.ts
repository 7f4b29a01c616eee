/**
 * The options of jwtIdentity(), and their check.
 */
import { findUnknownKeys, toIssuePath, type IdentityFacts, type Issue, type LiveSessions } from 'user-execution-context'
import { invalidOptions, type OptionRules } from '../phases/invalid-options.ts'
import { isClaimPath, type ClaimPath, type JwtClaims } from './claim-path.ts'
import { isSafeAddress, toDiscoveryUrl } from './issuer-document.ts'
import { findKeyIssues, isJwtAlgorithm, jwtAlgorithms, type JwtAlgorithm, type JwtKey } from './jwt-keys.ts'
import type { ConfirmPossession } from './token-confirmation.ts'
import type { TokenUse } from './token-use.ts'

/** One issuer for {@link jwtIdentity}. Exactly one of `keys`, `jwksUrl` and `discovery`. */
export type JwtIdentityOptions = {
  /** The `iss` of accepted tokens, compared exactly. */
  readonly issuer: string
  /**
   * The name of this service at the issuer, compared exactly: what `aud` of accepted tokens is or holds. One of several
   * when it is a list.
   */
  readonly audience: string | readonly string[]
  /**
   * The claim that holds the audience where the issuer writes no `aud`, such as `'client_id'` (Cognito) or `'azp'`
   * (Clerk). A token that has an `aud` nevertheless must name this service there too (RFC 7519 section 4.1.3). Default
   * `'aud'`.
   */
  readonly audienceClaim?: ClaimPath | undefined
  /** Your own list of keys. A key verifies tokens of its own `alg` and `kid` only. */
  readonly keys?: readonly JwtKey[] | undefined
  /** Where the issuer publishes its keys. `https:`, or `http:` on this machine. */
  readonly jwksUrl?: string | URL | undefined
  /**
   * Reads where the keys are in the issuer's own document (OpenID Connect Discovery 1.0): `true` for that at
   * `/.well-known/openid-configuration` below the issuer, or the document's address. The document must be of this
   * issuer.
   */
  readonly discovery?: true | string | URL | undefined
  /** The algorithms that are accepted, at least one. Fixed here: a token's header chooses none. */
  readonly algorithms: readonly JwtAlgorithm[]
  /** How far the issuer's clock may be off. 0 to 300, as far as identityProvider() lets it be ahead. Default 5. */
  readonly clockToleranceSeconds?: number | undefined
  /** How long after its `iat` a token is accepted, though it ends later. From 1. Default: until its `exp`. */
  readonly maxAgeSeconds?: number | undefined
  /** Name of this provider in contexts and audit records. Default `'jwt'`. */
  readonly name?: string | undefined
  /** The claim that names the user, such as Entra's `'oid'` or Okta's `'uid'`. Default `'sub'`. */
  readonly userIdClaim?: ClaimPath | undefined
  /**
   * From the subject to the user id, or undefined to refuse. It must be injective: two subjects of one id are one user.
   * Default `encodeSubject`: a subject of the id alphabet stays as it is, any other has an id of its own.
   */
  readonly toUserId?: ((subject: string, claims: JwtClaims) => string | undefined) | undefined
  /** The claim that names the session, such as Supabase's `'session_id'`. Default `'sid'`. */
  readonly sessionClaim?: ClaimPath | undefined
  /** The claim that names the tenant, such as Auth0's `'org_id'`. Default: tokens name no tenant. */
  readonly tenantClaim?: ClaimPath | undefined
  /**
   * The claims whose names together are the permissions, each a text with spaces between them (RFC 6749 section 3.3) or
   * a list of texts, such as `['scp', ['realm_access', 'roles']]`. Default `['scope']`.
   */
  readonly permissionClaims?: readonly ClaimPath[] | undefined
  /** From the names in those claims to permissions. Default: the names as they are. */
  readonly toPermissions?: ((names: readonly string[], claims: JwtClaims) => readonly string[]) | undefined
  /**
   * The `typ` headers that are accepted (RFC 8725 section 3.11), such as `['at+jwt']`; a token without one is refused
   * then. Default `at+jwt` (RFC 9068), `JWT`, and none.
   */
  readonly headerTypes?: readonly string[] | undefined
  /**
   * What accepted tokens are for. Default `['access']`: an ID token says who signed in at a client, not that the client
   * may use this service, and a refresh token is for the issuer.
   */
  readonly tokenUses?: readonly TokenUse[] | undefined
  /** Accepts tokens that a program got for itself (client credentials) too. Default: they are refused. */
  readonly services?: true | undefined
  /**
   * Accepts tokens that are bound to a key (`cnf` of RFC 7800: DPoP, mutual TLS), each time that this gives `true`. It
   * is given what `cnf` holds and the token, and has to check by the request itself, such as with an
   * `AsyncLocalStorage`, that the client holds the key; `() => true` only where something in front of this server has
   * checked that. Default: a bound token is refused, because a bearer of it may have stolen it.
   */
  readonly confirm?: ConfirmPossession | undefined
  /**
   * The registry that proofs are filed in, so that a sign-out ends them. Its `maxProofMs` must be at least what tokens
   * of this issuer last. Default: a token is good until its end.
   */
  readonly sessions?: LiveSessions | undefined
  /**
   * The claim that says when the proof was issued, in seconds: what was issued before a sign-out of its user is
   * refused. Default `'iat'`.
   */
  readonly issuedAtClaim?: ClaimPath | undefined
  /**
   * Who an actor of `act` (RFC 8693 section 4.1) is. Default `'person'`: the name of a person is in no log.
   */
  readonly toActorKind?: ((actor: JwtClaims) => 'agent' | 'service' | 'person') | undefined
  /** A stricter rule of yours over accepted facts. It can only refuse. Asked for each token each time. */
  readonly accept?: ((facts: IdentityFacts) => boolean) | undefined
  /**
   * Tokens whose signature is not verified again while it holds: as many as are in use at once. From 0 to 1,000,000.
   * Default 10,000, about 1 KB each. Whether a session was signed out is asked each time nevertheless.
   */
  readonly rememberedTokens?: number | undefined
}

const optionKeys = [
  ...['issuer', 'audience', 'audienceClaim', 'keys', 'jwksUrl', 'discovery', 'algorithms', 'clockToleranceSeconds'],
  ...['maxAgeSeconds', 'name', 'userIdClaim', 'toUserId', 'sessionClaim', 'tenantClaim', 'permissionClaims'],
  ...[
    'issuedAtClaim',
    'toActorKind',
    'toPermissions',
    'headerTypes',
    'tokenUses',
    'services',
    'confirm',
    'sessions',
    'accept',
    'rememberedTokens',
  ],
]
const tokenUses: readonly unknown[] = ['access', 'id', 'refresh'] satisfies TokenUse[]

/** What is wrong with the options of one issuer. An expectation that is empty or missing would switch a check off. */
export const findOptionIssues = (options: JwtIdentityOptions): Issue[] => {
  if (typeof options !== 'object' || options === null) return [{ path: '', kind: 'not an object' }]
  const { issuer, audience, keys, algorithms, clockToleranceSeconds = 5, maxAgeSeconds, rememberedTokens = 0 } = options
  const issues = findUnknownKeys(options, optionKeys)
  const check = (isGood: boolean, path: string, kind: Issue['kind']): void =>
    void (isGood || issues.push({ path, kind }))
  check(isText(issuer), 'issuer', 'missing')
  check(isText(audience) || isListOf(audience, isText), 'audience', 'missing')
  if (!isListOf(algorithms, isText)) issues.push({ path: 'algorithms', kind: kindOfNoTexts(algorithms) })
  else check(algorithms.every(isJwtAlgorithm), 'algorithms', 'does not fit')
  const checkRange = (value: unknown, path: string, least: number, most: number): void => {
    if (typeof value !== 'number' || Number.isNaN(value)) issues.push({ path, kind: 'not a number' })
    else if (value < least || value > most) issues.push({ path, kind: value < least ? 'too small' : 'too large' })
  }
  checkRange(clockToleranceSeconds, 'clockToleranceSeconds', 0, 300)
  if (maxAgeSeconds !== undefined) checkRange(maxAgeSeconds, 'maxAgeSeconds', 1, Infinity)
  checkRange(rememberedTokens, 'rememberedTokens', 0, 1_000_000)
  for (const path of ['audienceClaim', 'userIdClaim', 'sessionClaim', 'tenantClaim', 'issuedAtClaim'] as const)
    check(options[path] === undefined || isClaimPath(options[path]), path, 'not a string')
  check(isOptional(options.permissionClaims, isClaimPath, 0), 'permissionClaims', 'not an array')
  check(isOptional(options.headerTypes, isText), 'headerTypes', kindOfNoTexts(options.headerTypes))
  check(
    isOptional(options.tokenUses, (use) => tokenUses.includes(use)),
    'tokenUses',
    'does not fit',
  )
  check(options.services === undefined || options.services === true, 'services', 'does not fit')
  for (const path of ['toUserId', 'toPermissions', 'toActorKind', 'confirm'] as const)
    check(options[path] === undefined || typeof options[path] === 'function', path, 'not a function')
  if (Array.isArray(algorithms)) issues.push(...findSourceIssues(options, keys, algorithms))
  return issues
}

// Three names in one issue, so that its text says what to choose from.
const sources = 'exactly one of keys, jwksUrl, discovery'

/** What each option must be, where the name of a kind does not say it. */
const rules: OptionRules = {
  algorithms: `Of ${jwtAlgorithms.join(', ')}; HS256 only for a secret of yours in keys, never for published ones.`,
  keys: 'Public keys, each with an alg of algorithms and the kty and crv that go with it (RFC 7518, RFC 8037).',
  tokenUses: 'Of access, id, refresh.',
  services: 'true, or left out: tokens of machines are refused then.',
  issuer: 'Each issuer once: which of two entries counted would depend on their order.',
  jwksUrl: 'The address of a key set, such as https://login.example.com/jwks.json.',
  discovery: 'true, or the address of the issuer document of OpenID Connect.',
  [sources]: 'Leave out the others: keys from two places could contradict each other.',
}

/**
 * Refuses options that cannot be used. @throws {ContextError} `ERR_CONTEXT_INVALID_OPTIONS` with all issues at once.
 */
export const assertJwtOptions = (given: JwtIdentityOptions | readonly JwtIdentityOptions[]): void => {
  const issuers = [given].flat() as readonly JwtIdentityOptions[]
  const issues = issuers.flatMap((options, index) =>
    findOptionIssues(options).map(({ path, kind }): Issue => {
      const place = Array.isArray(given) ? toIssuePath('', index) : ''
      return { path: [place, path].filter((part) => part !== '').join('.'), kind }
    }),
  )
  if (issuers.length === 0) issues.push({ path: '', kind: 'empty' })
  // Of two entries for one issuer, which of them counted would depend on their order.
  if (new Set(issuers.map((options) => options?.issuer)).size < issuers.length)
    issues.push({ path: 'issuer', kind: 'does not fit' })
  if (issues.length > 0) throw invalidOptions(issues, rules)
}

function findSourceIssues(
  { issuer, jwksUrl, discovery }: JwtIdentityOptions,
  keys: unknown,
  algorithms: readonly string[],
): readonly Issue[] {
  const given = [keys, jwksUrl, discovery].filter((source) => source !== undefined).length
  if (given !== 1) return [{ path: sources, kind: given === 0 ? 'missing' : 'does not fit' }]
  if (keys !== undefined) return findKeyIssues(keys, algorithms)
  const address = jwksUrl === undefined ? 'discovery' : 'jwksUrl'
  const url = toKeyAddress(jwksUrl ?? discovery, issuer)
  const issues: Issue[] = []
  if (url === undefined) issues.push({ path: address, kind: 'does not fit' })
  else if (!isSafeAddress(url)) issues.push({ path: address, kind: 'refused by policy' })
  // A published key set holds no secrets: HS256 beside it is a mistake or a trap.
  if (algorithms.includes('HS256')) issues.push({ path: 'algorithms', kind: 'does not fit' })
  return issues
}

/** The address of a key set or of an issuer's document, or undefined when it is none. */
export const toKeyAddress = (address: unknown, issuer: string): URL | undefined => {
  if (address === true) return toDiscoveryUrl(issuer)
  if (address instanceof URL) return address
  return typeof address === 'string' && URL.canParse(address) ? new URL(address) : undefined
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

function isListOf(value: unknown, fits: (entry: unknown) => boolean, least = 1): value is readonly string[] {
  return Array.isArray(value) && value.length >= least && value.every(fits)
}

/** What is wrong with a value that is no list of texts. */
function kindOfNoTexts(value: unknown): Issue['kind'] {
  return value === undefined || Array.isArray(value) ? 'empty' : 'not an array'
}

function isOptional(value: unknown, fits: (entry: unknown) => boolean, least?: number): boolean {
  return value === undefined || isListOf(value, fits, least)
}
