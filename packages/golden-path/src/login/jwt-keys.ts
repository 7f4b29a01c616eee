/**
 * From a token's header to the one key that may verify it.
 *
 * Stops key confusion: a key belongs to exactly one algorithm, so a public RSA key is never taken as an HMAC secret,
 * whatever a token's header says.
 */
import { createRemoteJWKSet, customFetch, importJWK, type CryptoKey, type JWK, type JWTVerifyGetKey } from 'jose'
import { ContextError, toIssuePath, type Issue } from 'user-execution-context'
import { keySetFetch } from './key-set-fetch.ts'

/** Algorithms that can be allowed. `none` cannot be. */
export type JwtAlgorithm = 'HS256' | 'EdDSA' | 'RS256' | 'ES256'

/** A verification key as a JWK (RFC 7517) with `alg`: a secret (`oct`) for HS256, a public key for the others. */
export type JwtKey = Readonly<JWK> & { readonly alg: JwtAlgorithm }

const keyTypes: Readonly<Record<JwtAlgorithm, string>> = { HS256: 'oct', EdDSA: 'OKP', RS256: 'RSA', ES256: 'EC' }

/** What is wrong with a list of keys, path by path. */
export const findKeyIssues = (keys: unknown, algorithms: readonly string[]): readonly Issue[] => {
  if (!Array.isArray(keys)) return [{ path: 'keys', kind: 'not an array' }]
  if (keys.length === 0) return [{ path: 'keys', kind: 'empty' }]
  return keys.flatMap((key: JwtKey, index) => {
    const path = toIssuePath('keys', index)
    if (typeof key !== 'object' || key === null) return [{ path, kind: 'not an object' } as const]
    const issues: Issue[] = []
    if (!algorithms.includes(key.alg)) issues.push({ path: `${path}.alg`, kind: 'does not fit' })
    else if (key.kty !== keyTypes[key.alg]) issues.push({ path: `${path}.kty`, kind: 'does not fit' })
    // RFC 7518 section 3.2: at least as long as the hash. A short secret is guessed offline from one token.
    if (key.kty === 'oct' && Buffer.from(key.k ?? '', 'base64url').length < 32)
      issues.push({ path: `${path}.k`, kind: 'too small' })
    // A verifier has no use for a private key, and one that was given by mistake is no longer secret.
    if (key.kty !== 'oct' && key.d !== undefined) issues.push({ path: `${path}.d`, kind: 'illegal key' })
    return issues
  })
}

/**
 * Finds keys in a list of your own. Each is imported once.
 *
 * Its function throws `ERR_CONTEXT_TOKEN_KEY` when no key has the token's algorithm and key id, or several have.
 */
export const localKeys = (keys: readonly JwtKey[]): JWTVerifyGetKey => {
  const imported = keys.map((key) => ({
    alg: key.alg,
    kid: key.kid,
    key: importJWK({ ...key, ext: false }, key.alg) as Promise<CryptoKey>,
  }))
  // A key that cannot be imported is reported by the first token that needs it, not as an unhandled rejection.
  for (const { key } of imported) key.catch(() => undefined)
  return async ({ alg, kid }) => {
    const fitting = imported.filter((one) => one.alg === alg && (kid === undefined || one.kid === kid))
    if (fitting.length !== 1) throw new ContextError('ERR_CONTEXT_TOKEN_KEY')
    return fitting[0]!.key
  }
}

/**
 * What is wrong with the address of a key set. Plain HTTP only on this machine: an attacker on the line could give the
 * keys.
 */
export const findKeySetIssues = (jwksUrl: unknown, algorithms: readonly string[]): readonly Issue[] => {
  const url = typeof jwksUrl === 'string' && URL.canParse(jwksUrl) ? new URL(jwksUrl) : jwksUrl
  if (!(url instanceof URL)) return [{ path: 'jwksUrl', kind: 'does not fit' }]
  const isLocal = url.protocol === 'http:' && ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname)
  const issues: Issue[] = []
  if (url.protocol !== 'https:' && !isLocal) issues.push({ path: 'jwksUrl', kind: 'refused by policy' })
  // A published key set holds no secrets: HS256 beside it is a mistake or a trap.
  if (algorithms.includes('HS256')) issues.push({ path: 'algorithms', kind: 'does not fit' })
  return issues
}

/**
 * Finds keys in the published set of an issuer (RFC 7517). Fetched when needed, kept 10 minutes, again at most every 30
 * s, and every 5 s while that fails.
 */
export const remoteKeys = (jwksUrl: string | URL): JWTVerifyGetKey =>
  createRemoteJWKSet(new URL(jwksUrl), {
    timeoutDuration: 5000,
    cooldownDuration: 30_000,
    cacheMaxAge: 600_000,
    [customFetch]: keySetFetch(),
  })
