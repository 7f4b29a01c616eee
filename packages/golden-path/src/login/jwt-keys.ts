/**
 * From a token's header to the one key that may verify it.
 *
 * Stops key confusion: a key belongs to exactly one algorithm, so a public RSA key is never taken as an HMAC secret,
 * whatever a token's header says. The header names a key by `kid` and nothing else: `jku`, `x5u`, `jwk` and `x5c`, by
 * which a token would bring its own key, are not read.
 */
import { importJWK, type CryptoKey, type FlattenedJWSInput, type JWK, type JWTHeaderParameters } from 'jose'
import { ContextError, toIssuePath, type Issue } from 'user-execution-context'

/** Algorithms that can be allowed (RFC 7518, RFC 8037, RFC 9864). `none` cannot be. */
export type JwtAlgorithm = 'HS256' | 'EdDSA' | 'Ed25519' | 'RS256' | 'PS256' | 'ES256' | 'ES384'

/** A verification key as a JWK (RFC 7517) with `alg`: a secret (`oct`) for HS256, a public key for the others. */
export type JwtKey = Readonly<JWK> & { readonly alg: JwtAlgorithm }

/** A key, and the list that it stands in: another object whenever a key is added or withdrawn. */
export type FoundKey = { readonly key: CryptoKey | Uint8Array; readonly list: object }

/** Where keys come from. */
export type JwtKeys = {
  /** The key of a header. Rejects with `ERR_CONTEXT_TOKEN_KEY` or jose's error when there is none. */
  readonly find: (header: JWTHeaderParameters, token: FlattenedJWSInput) => Promise<FoundKey>
  /** The list as it is now, or undefined while it is not known or too old. */
  readonly currentList: () => object | undefined
}

type KeyForm = { readonly kty: string; readonly crv?: string }
const keyForms: Readonly<Record<JwtAlgorithm, KeyForm>> = {
  HS256: { kty: 'oct' },
  EdDSA: { kty: 'OKP', crv: 'Ed25519' },
  Ed25519: { kty: 'OKP', crv: 'Ed25519' },
  RS256: { kty: 'RSA' },
  PS256: { kty: 'RSA' },
  ES256: { kty: 'EC', crv: 'P-256' },
  ES384: { kty: 'EC', crv: 'P-384' },
}

/** All of them. */
export const jwtAlgorithms: readonly string[] = Object.keys(keyForms)

/** Whether a value is the name of an algorithm that can be allowed. */
export const isJwtAlgorithm = (name: unknown): name is JwtAlgorithm =>
  typeof name === 'string' && Object.hasOwn(keyForms, name)

/** What is wrong with a list of keys, path by path. */
export const findKeyIssues = (keys: unknown, algorithms: readonly string[]): readonly Issue[] => {
  if (!Array.isArray(keys)) return [{ path: 'keys', kind: 'not an array' }]
  if (keys.length === 0) return [{ path: 'keys', kind: 'empty' }]
  return keys.flatMap((key: JwtKey, index) => {
    const path = toIssuePath('keys', index)
    if (typeof key !== 'object' || key === null) return [{ path, kind: 'not an object' } as const]
    const issues: Issue[] = []
    if (!algorithms.includes(key.alg)) issues.push({ path: `${path}.alg`, kind: 'does not fit' })
    else if (key.kty !== keyForms[key.alg].kty) issues.push({ path: `${path}.kty`, kind: 'does not fit' })
    else if (key.crv !== keyForms[key.alg].crv) issues.push({ path: `${path}.crv`, kind: 'does not fit' })
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
export const localKeys = (keys: readonly JwtKey[]): JwtKeys => {
  const imported = keys.map((key) => ({
    alg: key.alg,
    kid: key.kid,
    key: importJWK({ ...key, ext: false }, key.alg) as Promise<CryptoKey>,
  }))
  // A key that cannot be imported is reported by the first token that needs it, not as an unhandled rejection.
  for (const { key } of imported) key.catch(() => undefined)
  return {
    find: async ({ alg, kid }) => {
      const fitting = imported.filter((one) => one.alg === alg && (kid === undefined || one.kid === kid))
      if (fitting.length !== 1) throw new ContextError('ERR_CONTEXT_TOKEN_KEY')
      return { key: await fitting[0]!.key, list: imported }
    },
    currentList: () => imported,
  }
}
