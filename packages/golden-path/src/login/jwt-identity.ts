/**
 * Signed JSON Web Tokens (RFC 7519, checked after RFC 8725) as an identity provider.
 */
import { jwtVerify, type JWTPayload, type JWTVerifyGetKey } from 'jose'
import {
  ContextError,
  identityProvider,
  type IdentityFacts,
  type Issue,
  type VerifiedFacts,
  type VerifiedUser,
} from 'user-execution-context'
import { findKeyIssues, findKeySetIssues, localKeys, remoteKeys, type JwtAlgorithm, type JwtKey } from './jwt-keys.ts'
import { toRefusal } from './jwt-refusal.ts'
import type { SessionRegistry } from './session-registry.ts'

/** Options of {@link jwtIdentity}. Exactly one of `keys` and `jwksUrl`. */
export type JwtIdentityOptions = {
  /** The `iss` of accepted tokens, compared exactly. */
  readonly issuer: string
  /** The `aud` of accepted tokens, compared exactly: the name of this service at the issuer. */
  readonly audience: string
  /** Your own list of keys. A key verifies tokens of its own `alg` and `kid` only. */
  readonly keys?: readonly JwtKey[] | undefined
  /** Where the issuer publishes its keys. `https:`, or `http:` on this machine. */
  readonly jwksUrl?: string | URL | undefined
  /** The algorithms that are accepted, at least one. Fixed here: a token's header chooses none. */
  readonly algorithms: readonly JwtAlgorithm[]
  /** How far the issuer's clock may be off. 0 to 300. Default 5. */
  readonly clockToleranceSeconds?: number | undefined
  /** Name of this provider in contexts and audit records. Default `'jwt'`. */
  readonly name?: string | undefined
  /** The claim that names the tenant, such as Auth0's `org_id`. Default: tokens name no tenant. */
  readonly tenantClaim?: string | undefined
  /** Refuses tokens whose session (`sid`) was signed out. Default: sessions are not checked. */
  readonly sessions?: Pick<SessionRegistry, 'isRevoked'> | undefined
  /** A stricter rule of yours over accepted facts. It can only refuse. */
  readonly accept?: ((facts: IdentityFacts) => boolean) | undefined
}

const supported: readonly string[] = ['HS256', 'EdDSA', 'RS256', 'ES256'] satisfies JwtAlgorithm[]
// A compact JWS of this length holds more claims than any context takes; longer ones are not even decoded.
const maxTokenCharacters = 16_384

/**
 * Makes a check of access tokens. `sub` becomes the user, `sid` the session, `scope` (space-separated, RFC 8693) the
 * permissions, `exp` plus the tolerance the end of the identity. `sub`, `iss`, `aud` and `exp` are required.
 *
 * @returns A function from a token in compact form to the verified user. It rejects with a code for each fault:
 *   `ERR_CONTEXT_TOKEN_MALFORMED`, `_ALGORITHM`, `_KEY`, `_SIGNATURE`, `_ISSUER`, `_AUDIENCE`, `_SUBJECT`,
 *   `_NOT_YET_VALID`, `_CLAIMS`, `ERR_CONTEXT_IDENTITY_EXPIRED`, `ERR_CONTEXT_SESSION_REVOKED`, and
 *   `ERR_CONTEXT_TOKEN_KEYS_UNAVAILABLE` when the key set cannot be fetched. A client is told the same for all but the
 *   last.
 * @throws {ContextError} `ERR_CONTEXT_INVALID_OPTIONS` with all issues at once.
 * @example
 * ```ts
 * import { jwtIdentity } from '@user-execution-context/golden-path/login'
 *
 * export const userOfToken = jwtIdentity({
 *   issuer: 'https://id.example.com',
 *   audience: 'chat',
 *   algorithms: ['RS256'],
 *   jwksUrl: 'https://id.example.com/.well-known/jwks.json',
 * })
 * ```
 */
export const jwtIdentity = (options: JwtIdentityOptions): ((token: string) => Promise<VerifiedUser>) => {
  assertOptions(options)
  const {
    issuer,
    audience,
    keys,
    jwksUrl,
    clockToleranceSeconds = 5,
    name = 'jwt',
    tenantClaim,
    sessions,
    accept,
  } = options
  const algorithms = [...options.algorithms]
  const findKey: JWTVerifyGetKey = keys === undefined ? remoteKeys(jwksUrl!) : localKeys(keys)
  const checks = { issuer, audience, algorithms, clockTolerance: clockToleranceSeconds, requiredClaims: ['sub', 'exp'] }

  const identify = identityProvider({
    name,
    accept,
    verify: async (token: string) => {
      if (typeof token !== 'string' || token.length > maxTokenCharacters)
        throw new ContextError('ERR_CONTEXT_TOKEN_MALFORMED')
      const { payload } = await jwtVerify(token, findKey, checks).catch((error: unknown) => {
        throw toRefusal(error)
      })
      const facts = toFacts(payload, tenantClaim, clockToleranceSeconds)
      if (facts.sessionId !== undefined && (await sessions?.isRevoked(facts.sessionId))) {
        throw new ContextError('ERR_CONTEXT_SESSION_REVOKED')
      }
      return facts
    },
  })
  return async (token) => {
    try {
      return await identify(token)
    } catch (error) {
      // Signed, but no user here: the fault of the token, not of this server.
      if (!(error instanceof ContextError) || error.code !== 'ERR_CONTEXT_INVALID_IDENTITY') throw error
      throw new ContextError('ERR_CONTEXT_TOKEN_CLAIMS', { issues: error.issues })
    }
  }
}

/** The last moment that a Date can hold (ECMA-262, time values), in seconds. */
const lastTimeSeconds = 8.64e12

function toFacts(claims: JWTPayload, tenantClaim: string | undefined, clockToleranceSeconds: number): VerifiedFacts {
  // Own claims only: a polluted Object.prototype must not give every user a scope or a tenant.
  const own = Object.assign(Object.create(null) as Record<string, unknown>, claims)
  const { sub, exp, scope, sid } = own
  const tenantId = tenantClaim === undefined ? undefined : own[tenantClaim]
  if (typeof sub !== 'string' || sub === '') throw new ContextError('ERR_CONTEXT_TOKEN_SUBJECT')
  // An `exp` beyond the end of time was meant in milliseconds.
  if (
    typeof exp !== 'number' ||
    exp > lastTimeSeconds ||
    !isOptionalText(scope) ||
    !isOptionalText(sid) ||
    !isOptionalText(tenantId)
  ) {
    throw new ContextError('ERR_CONTEXT_TOKEN_CLAIMS')
  }
  return {
    userId: sub,
    sessionId: sid,
    tenantId,
    permissions: scope === undefined ? undefined : scope.split(' ').filter((permission) => permission !== ''),
    // The tolerance holds for the end of the identity too, or it would be worth nothing.
    expiresAtMs: (exp + clockToleranceSeconds) * 1000,
  }
}

function isOptionalText(value: unknown): value is string | undefined {
  return value === undefined || typeof value === 'string'
}

function assertOptions(options: JwtIdentityOptions): void {
  const { issuer, audience, keys, jwksUrl, algorithms, clockToleranceSeconds = 5, tenantClaim } = options
  const issues: Issue[] = []
  // An empty or missing expectation would switch the check off in jose.
  if (typeof issuer !== 'string' || issuer === '') issues.push({ path: 'issuer', kind: 'missing' })
  if (typeof audience !== 'string' || audience === '') issues.push({ path: 'audience', kind: 'missing' })
  if (!Array.isArray(algorithms) || algorithms.length === 0) issues.push({ path: 'algorithms', kind: 'empty' })
  else if (!algorithms.every((name) => supported.includes(name)))
    issues.push({ path: 'algorithms', kind: 'does not fit' })
  if (typeof clockToleranceSeconds !== 'number' || !(clockToleranceSeconds >= 0 && clockToleranceSeconds <= 300)) {
    issues.push({ path: 'clockToleranceSeconds', kind: 'too large' })
  }
  if (!isOptionalText(tenantClaim)) issues.push({ path: 'tenantClaim', kind: 'not a string' })
  if ((keys === undefined) === (jwksUrl === undefined))
    issues.push({ path: 'keys', kind: keys === undefined ? 'missing' : 'does not fit' })
  else if (Array.isArray(algorithms))
    issues.push(...(keys === undefined ? findKeySetIssues(jwksUrl, algorithms) : findKeyIssues(keys, algorithms)))
  if (issues.length > 0) throw new ContextError('ERR_CONTEXT_INVALID_OPTIONS', { issues })
}
