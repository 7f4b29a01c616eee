/**
 * Signed JSON Web Tokens (RFC 7519, checked after RFC 8725) as an identity provider.
 */
import { decodeJwt, jwtVerify, type JWTPayload, type JWTVerifyGetKey } from 'jose'
import {
  assertLive,
  ContextError,
  identityProvider,
  type IdentityFacts,
  type VerifiedUser,
} from 'user-execution-context'
import { discoverKeySet, fetchKeySet } from './issuer-document.ts'
import { fixOfSlash } from './issuer-slash.ts'
import { assertMeantForUs, toFacts } from './jwt-facts.ts'
import { localKeys, type JwtKeys } from './jwt-keys.ts'
import { assertJwtOptions, toKeyAddress, type JwtIdentityOptions } from './jwt-options.ts'
import { toRefusal } from './jwt-refusal.ts'
import { publishedKeys } from './published-keys.ts'
import { rememberedTokens } from './remembered-tokens.ts'
import { isServiceToken } from './service-token.ts'
import { assertStrictToken } from './strict-token.ts'
import { assertConfirmed, isBound } from './token-confirmation.ts'

// A compact JWS of this length holds more claims than any context takes; longer ones are not even decoded.
const maxTokenCharacters = 16_384

type Identity = (token: string) => Promise<VerifiedUser>
/** One check, the list of keys that it found its key in, and whether the next check may rely on it. */
type Check = { readonly token: string; keyList: object | undefined; isRepeatable: boolean }

/**
 * Makes a check of access tokens. By default `sub` becomes the user, `sid` the session, `scope` (space-separated, RFC
 * 8693) the permissions, `exp` plus the tolerance the end of the identity. `iss`, `exp`, a subject and an audience are
 * required; the issuer becomes the namespace of the user. [docs/golden-path.md](../golden-path.md#sign-in) has the
 * options for the tokens of well-known providers.
 *
 * A signature is verified once: the same token is known again by its digest, for as long as it is valid and the keys of
 * the issuer are the same. `sessions`, `accept` and `confirm` are asked each time.
 *
 * @param options - One issuer, or a list of them. A token is checked with the options of the issuer that it names, and
 *   a subject of one issuer is never that of another.
 * @returns A function from a token in compact form to the verified user. It rejects with a code for each fault:
 *   `ERR_CONTEXT_TOKEN_MALFORMED`, `_ALGORITHM`, `_KEY`, `_SIGNATURE`, `_ISSUER`, `_AUDIENCE`, `_SUBJECT`, `_TYPE`,
 *   `_SERVICE`, `_NOT_YET_VALID`, `_CLAIMS`, `ERR_CONTEXT_IDENTITY_EXPIRED`, `ERR_CONTEXT_IDENTITY_REVOKED`, and
 *   `ERR_CONTEXT_TOKEN_KEYS_UNAVAILABLE` when the key set cannot be fetched. A client is told the same for all but the
 *   last. The issues of an error name the option that decides.
 * @throws {ContextError} `ERR_CONTEXT_INVALID_OPTIONS` with all issues at once.
 * @example
 * ```ts
 * import { jwtIdentity } from '@user-execution-context/golden-path/login'
 *
 * export const userOfToken = jwtIdentity({
 *   issuer: 'https://id.example.com',
 *   audience: 'chat',
 *   algorithms: ['RS256'],
 *   discovery: true,
 * })
 * ```
 */
export const jwtIdentity = (options: JwtIdentityOptions | readonly JwtIdentityOptions[]): Identity =>
  toIdentity(options, isServiceToken)

/**
 * The same for an issuer that gives tokens to persons only, whatever their ids look like: `ann@clients` is a machine at
 * Auth0, and in a user store of ours somebody's name. Not public.
 */
export const identityOfPersons = (options: JwtIdentityOptions): Identity => toIdentity(options, () => false)

function toIdentity(
  options: JwtIdentityOptions | readonly JwtIdentityOptions[],
  isService: typeof isServiceToken,
): Identity {
  const issuers = [options].flat() as readonly JwtIdentityOptions[]
  assertJwtOptions(options)
  const identities = new Map(issuers.map((one) => [one.issuer, identityOf(one, isService)]))
  const only = issuers.length === 1 ? identities.get(issuers[0]!.issuer) : undefined

  return async (token) => {
    if (typeof token !== 'string' || token.length > maxTokenCharacters)
      throw new ContextError('ERR_CONTEXT_TOKEN_MALFORMED')
    if (only !== undefined) return only(token)
    const named = readIssuer(token)
    const identity = identities.get(named)
    if (identity !== undefined) return identity(token)
    const fix = issuers.map(({ issuer }) => fixOfSlash(named, issuer)).find((found) => 'fix' in found)
    throw new ContextError('ERR_CONTEXT_TOKEN_ISSUER', { issues: [{ path: 'issuer', kind: 'does not fit' }], ...fix })
  }
}

function identityOf(options: JwtIdentityOptions, isService: typeof isServiceToken): Identity {
  const { issuer, audience, audienceClaim = 'aud', clockToleranceSeconds = 5, name = 'jwt', sessions, accept } = options
  const keys = toKeys(options)
  const remembered = rememberedTokens(options.rememberedTokens ?? 10_000)
  const checks = {
    issuer,
    ...(audienceClaim === 'aud' && { audience: [audience].flat() as string[] }),
    algorithms: [...options.algorithms],
    clockTolerance: clockToleranceSeconds,
    requiredClaims: ['exp'],
  }

  const identify = identityProvider({
    name,
    // A subject is unique within its issuer only: user 1001 of another issuer is another user.
    namespace: issuer,
    sessions,
    accept,
    verify: async (check: Check) => {
      const findKey: JWTVerifyGetKey = async (header, input) => {
        const { key, list } = await keys.find(header, input)
        check.keyList = list
        return key
      }
      const { payload, protectedHeader } = await jwtVerify(check.token, findKey, checks).catch((error: unknown) => {
        throw toRefusal(error, issuer)
      })
      assertStrictToken(check.token)
      // Own claims only: a polluted Object.prototype must not give every user a scope or a tenant.
      const claims = Object.assign(Object.create(null) as JWTPayload, payload)
      const kind = isService(claims) ? 'service' : 'person'
      assertMeantForUs(options, protectedHeader.typ, claims, kind)
      // The client proves possession with each request: one proof must not let the next bearer of the token in.
      check.isRepeatable = !isBound(claims)
      await assertConfirmed(options.confirm, claims, check.token)
      return toFacts(options, claims, kind)
    },
  })
  const verify: Identity = async (token) => {
    const check: Check = { token, keyList: undefined, isRepeatable: false }
    try {
      const user = await identify(check)
      if (check.isRepeatable) remembered.add(token, user, check.keyList!)
      return user
    } catch (error) {
      // Signed, but no user here: the fault of the token, not of this server.
      if (!(error instanceof ContextError) || error.code !== 'ERR_CONTEXT_INVALID_IDENTITY') throw error
      throw new ContextError('ERR_CONTEXT_TOKEN_CLAIMS', { issues: error.issues })
    }
  }

  return async (token) => {
    const known = remembered.find(token, keys.currentList())
    if (known === undefined) return verify(token)
    try {
      assertLive(known)
      // The rule of the caller may have changed its mind since the token was verified.
      if (accept !== undefined && (await accept(toIdentityFacts(known))) !== true) {
        throw new ContextError('ERR_CONTEXT_IDENTITY_REFUSED', { issues: [{ path: '', kind: 'refused by policy' }] })
      }
      return known
    } catch (error) {
      remembered.forget(token)
      throw error
    }
  }
}

function toIdentityFacts(user: VerifiedUser): IdentityFacts {
  const { userId, sessionId, tenantId, permissions, expiresAtMs, issuedAtMs, actors, identity } = user
  const { origin, outlives, kind } = identity
  return Object.freeze({
    userId,
    sessionId,
    tenantId,
    permissions,
    expiresAtMs,
    issuedAtMs,
    actors,
    origin,
    outlives,
    kind,
  })
}

function toKeys({ keys, jwksUrl, discovery, issuer }: JwtIdentityOptions): JwtKeys {
  if (keys !== undefined) return localKeys(keys)
  // assertJwtOptions() has seen to it that one of the two is an address.
  const url = toKeyAddress(jwksUrl ?? discovery, issuer)!
  return publishedKeys(() => (jwksUrl === undefined ? discoverKeySet(url, issuer) : fetchKeySet(url)))
}

// Not verified yet: it only chooses among the issuers of the options, and the one that is chosen verifies it.
function readIssuer(token: string): string {
  try {
    const { iss } = decodeJwt(token)
    return typeof iss === 'string' ? iss : ''
  } catch {
    throw new ContextError('ERR_CONTEXT_TOKEN_MALFORMED')
  }
}
