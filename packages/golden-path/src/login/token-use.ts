/**
 * What a token is for. Issuers sign ID tokens, refresh tokens, logout tokens and access tokens with one key: only an
 * access token says that its bearer may use this service (RFC 8725 sections 2.8 and 3.11, RFC 9068).
 */
import type { JwtClaims } from './claim-path.ts'

/** What a token may be for. */
export type TokenUse = 'access' | 'id' | 'refresh'

/** Claims in which issuers say it: Keycloak's `typ`, Cognito's `token_use`, and the names that others have for it. */
const statingClaims: readonly string[] = ['typ', 'token_use', 'token_type', 'token_usage', 'type', 'use'].map(toPlain)
const uses: ReadonlyMap<string, TokenUse | 'other'> = new Map([
  ...['access', 'accesstoken', 'bearer', 'bearertoken', 'at+jwt'].map((name) => [name, 'access'] as const),
  ...['id', 'idtoken', 'id+jwt'].map((name) => [name, 'id'] as const),
  ...['refresh', 'refreshtoken', 'offline', 'offlinetoken', 'rt+jwt'].map((name) => [name, 'refresh'] as const),
  ...['logout', 'logouttoken', 'logout+jwt'].map((name) => [name, 'other'] as const),
])
/** Claims that only an ID token has (OpenID Connect Core 1.0, sections 2 and 3.3.2.11). */
const idTokenClaims = ['nonce', 'at_hash', 'c_hash', 's_hash']
/** Who asked for the token: an access token without it is older than RFC 9068, which requires `client_id`. */
const clientClaims = ['client_id', 'cid', 'azp', 'appid', 'applicationId']
/** What the bearer may do. An ID token says who somebody is. */
const rightClaims = [
  ...['scope', 'scp', 'scopes', 'roles', 'role', 'groups', 'permissions', 'authorities', 'entitlements'],
  ...['realm_access', 'resource_access'],
]
/** Who somebody is: OpenID Connect Core 1.0, section 5.1; `idp` where they signed in (Okta, Duende). */
const profileClaims = [
  ...['name', 'given_name', 'family_name', 'nickname', 'preferred_username', 'picture', 'profile', 'birthdate'],
  ...['email', 'email_verified', 'phone_number', 'phone_number_verified', 'address', 'locale', 'zoneinfo', 'idp'],
]

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
  const values = Object.keys(claims).map((name) => (statingClaims.includes(toPlain(name)) ? claims[name] : undefined))
  for (const value of [headerType, ...values]) {
    const use = typeof value === 'string' ? uses.get(toPlain(toHeaderType(value.replace(tokenTypeUrn, '')))) : undefined
    if (use !== undefined) stated.add(use)
  }
  // A security event (RFC 8417), such as the sign-out of OpenID Connect Back-Channel Logout, names a subject as well.
  if ('events' in claims) stated.add('other')
  // Old versions of Keycloak put a nonce into access tokens, which say of themselves what they are.
  else if (stated.size === 0 && isIdToken(claims)) stated.add('id')
  return stated
}

/** How RFC 8693 section 3 names what a token is. */
const tokenTypeUrn = /^urn:ietf:params:oauth:token-type:/i

// One library writes refresh_token, another one refreshToken.
function toPlain(name: string): string {
  return name.toLowerCase().replace(/[^a-z+]/g, '')
}

function isIdToken(claims: JwtClaims): boolean {
  if (idTokenClaims.some((name) => name in claims)) return true
  if ('scope' in claims || 'scp' in claims) return false
  // Issued to the client itself, for no scope: an access token is for somebody else than who got it.
  const { azp, aud, jti } = claims
  if (typeof azp === 'string' && [aud].flat().includes(azp)) return true
  // Okta: the ids of its access tokens begin with `AT.`.
  if (typeof jti === 'string' && jti.startsWith('ID.')) return true
  return isIdTokenOfEntra(claims) || tellsOfASignIn(claims)
}

// https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference: `azp` (2.0) and `appid` (1.0) are
// in access tokens only. Other issuers write no `ver` like that beside `tid` and `oid`.
function isIdTokenOfEntra({ tid, oid, ver, azp, appid }: JwtClaims): boolean {
  const isOfEntra = typeof tid === 'string' && typeof oid === 'string' && (ver === '1.0' || ver === '2.0')
  return isOfEntra && azp === undefined && appid === undefined
}

/**
 * How and when somebody signed in, and who they are, for no client and no right: what an ID token is for (OpenID
 * Connect Core 1.0, section 2). An access token that says all of that names its client too (RFC 9068 section 2.2).
 */
function tellsOfASignIn(claims: JwtClaims): boolean {
  const { auth_time: authTime, acr, amr } = claims
  // Supabase has an `amr` of its own form in access tokens.
  const isMethods = Array.isArray(amr) && amr.every((method) => typeof method === 'string')
  if (typeof authTime !== 'number' && typeof acr !== 'string' && !isMethods) return false
  if ([...clientClaims, ...rightClaims].some((name) => name in claims)) return false
  return profileClaims.some((name) => name in claims)
}
