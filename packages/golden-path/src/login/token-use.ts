/**
 * What a token is for. Issuers sign ID tokens, refresh tokens, logout tokens and access tokens with one key: only an
 * access token says that its bearer may use this service (RFC 8725 sections 2.8 and 3.11, RFC 9068).
 */
import type { JwtClaims } from './claim-path.ts'

/** What a token may be for. */
export type TokenUse = 'access' | 'id' | 'refresh'

/** Claims in which issuers say it: Keycloak's `typ`, Cognito's `token_use`, `token_type` and `type` of others. */
const statingClaims = ['typ', 'token_use', 'token_type', 'type']
const uses: ReadonlyMap<string, TokenUse | 'other'> = new Map([
  ...['access', 'access_token', 'bearer', 'at+jwt'].map((name) => [name, 'access'] as const),
  ...['id', 'id_token', 'id+jwt'].map((name) => [name, 'id'] as const),
  ...['refresh', 'refresh_token', 'offline', 'rt+jwt'].map((name) => [name, 'refresh'] as const),
  ...['logout', 'logout_token', 'logout+jwt'].map((name) => [name, 'other'] as const),
])
/** Claims that only an ID token has (OpenID Connect Core 1.0, sections 2 and 3.3.2.11). */
const idTokenClaims = ['nonce', 'at_hash', 'c_hash', 's_hash']

/** A header's `typ` in the form in which it is compared (RFC 7515 section 4.1.9). */
export const toHeaderType = (type: string): string => type.toLowerCase().replace(/^application\//, '')

/**
 * What a token says that it is for. Empty when it says nothing, which is how plain JWTs of the time before RFC 9068
 * are.
 *
 * @param headerType - Its `typ`, as toHeaderType() gives it.
 */
export const findTokenUses = (headerType: string | undefined, claims: JwtClaims): ReadonlySet<TokenUse | 'other'> => {
  const stated = new Set<TokenUse | 'other'>()
  for (const value of [headerType, ...statingClaims.map((name) => claims[name])]) {
    const use = typeof value === 'string' ? uses.get(value.toLowerCase()) : undefined
    if (use !== undefined) stated.add(use)
  }
  // A security event (RFC 8417), such as the sign-out of OpenID Connect Back-Channel Logout, names a subject as well.
  if ('events' in claims) stated.add('other')
  // Old versions of Keycloak put a nonce into access tokens, which say of themselves what they are.
  else if (stated.size === 0 && isIdToken(claims)) stated.add('id')
  return stated
}

function isIdToken(claims: JwtClaims): boolean {
  if (idTokenClaims.some((name) => name in claims)) return true
  // Issued to the client itself, for no scope: an access token is for somebody else than who got it.
  const { azp, aud } = claims
  return typeof azp === 'string' && [aud].flat().includes(azp) && !('scope' in claims) && !('scp' in claims)
}
