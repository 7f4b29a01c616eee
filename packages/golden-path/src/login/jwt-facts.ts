/**
 * From the claims of a verified token to the facts of its user.
 */
import { ContextError, encodeSubject, toIssuePath, type Issue, type VerifiedFacts } from 'user-execution-context'
import { findClaim, namesOneOf, type ClaimPath, type JwtClaims } from './claim-path.ts'
import type { JwtIdentityOptions } from './jwt-options.ts'
import { readActors } from './token-actors.ts'
import { findTokenUses, toHeaderType } from './token-use.ts'

/** The last moment that a Date can hold (ECMA-262, time values), in seconds. */
const lastTimeSeconds = 8.64e12

/**
 * Refuses a token that is for something else: by its `typ`, by what it says of its use, by its audience where that is
 * in another claim than `aud`, and one that a program got for itself.
 *
 * @throws {ContextError} `ERR_CONTEXT_TOKEN_TYPE`, `ERR_CONTEXT_TOKEN_AUDIENCE`, `ERR_CONTEXT_TOKEN_SERVICE`.
 */
export const assertMeantForUs = (
  options: JwtIdentityOptions,
  typ: unknown,
  claims: JwtClaims,
  kind: 'person' | 'service',
): void => {
  const { headerTypes, tokenUses = ['access'], audienceClaim = 'aud', services } = options
  const headerType = typeof typ === 'string' ? toHeaderType(typ) : undefined
  if (typ !== undefined && headerType === undefined) throw refused('ERR_CONTEXT_TOKEN_TYPE', 'typ', 'not a string')
  const isListed =
    headerTypes === undefined
      ? [undefined, 'jwt', 'at+jwt'].includes(headerType)
      : headerTypes.some((type) => toHeaderType(type) === headerType)
  if (!isListed) throw refused('ERR_CONTEXT_TOKEN_TYPE', 'headerTypes', 'does not fit')
  // Each statement has to fit: a token that says two things is not taken by the one that suits.
  for (const use of findTokenUses(headerType, claims))
    if (!tokenUses.some((accepted) => accepted === use))
      throw refused('ERR_CONTEXT_TOKEN_TYPE', 'tokenUses', 'does not fit')
  const audiences = [options.audience].flat() as readonly string[]
  const isOurs = namesOneOf(findClaim(claims, audienceClaim), audiences)
  if (!isOurs || (claims['aud'] !== undefined && !namesOneOf(claims['aud'], audiences)))
    throw refused('ERR_CONTEXT_TOKEN_AUDIENCE', isOurs ? 'aud' : 'audienceClaim', 'does not fit')
  if (services !== true && kind === 'service') throw refused('ERR_CONTEXT_TOKEN_SERVICE', 'services', 'missing')
}

/** The facts. @throws {ContextError} `ERR_CONTEXT_TOKEN_SUBJECT`, `_CLAIMS`, `_NOT_YET_VALID`, `IDENTITY_EXPIRED`. */
export const toFacts = (options: JwtIdentityOptions, claims: JwtClaims, kind: 'person' | 'service'): VerifiedFacts => {
  const { userIdClaim = 'sub', toUserId = encodeSubject, sessionClaim = 'sid', tenantClaim } = options
  const subject = findClaim(claims, userIdClaim)
  const userId = typeof subject === 'string' && subject !== '' ? toUserId(subject, claims) : undefined
  if (userId === undefined) throw refused('ERR_CONTEXT_TOKEN_SUBJECT', 'userIdClaim', 'missing')
  return {
    userId,
    sessionId: readText(claims, sessionClaim, 'sessionClaim'),
    tenantId: tenantClaim === undefined ? undefined : readText(claims, tenantClaim, 'tenantClaim'),
    permissions: readPermissions(options, claims),
    expiresAtMs: readEnd(options, claims),
    issuedAtMs: readIssue(options, claims),
    actors: readActors(claims, options.toActorKind),
    // Only where services are accepted does such a token come this far.
    kind,
  }
}

// The tolerance holds for the end of the identity too, or it would be worth nothing.
function readEnd({ clockToleranceSeconds = 5, maxAgeSeconds }: JwtIdentityOptions, claims: JwtClaims): number {
  const { exp, iat } = claims
  // An `exp` beyond the end of time was meant in milliseconds.
  if (typeof exp !== 'number' || exp > lastTimeSeconds) throw refused('ERR_CONTEXT_TOKEN_CLAIMS', 'exp', 'does not fit')
  if (iat === undefined && maxAgeSeconds === undefined) return (exp + clockToleranceSeconds) * 1000
  if (typeof iat !== 'number')
    throw refused('ERR_CONTEXT_TOKEN_CLAIMS', 'iat', iat === undefined ? 'missing' : 'not a number')
  assertIssued(iat, clockToleranceSeconds)
  return (Math.min(exp, maxAgeSeconds === undefined ? exp : iat + maxAgeSeconds) + clockToleranceSeconds) * 1000
}

function readIssue(options: JwtIdentityOptions, claims: JwtClaims): number | undefined {
  const { issuedAtClaim = 'iat', clockToleranceSeconds = 5 } = options
  const issuedAt = findClaim(claims, issuedAtClaim)
  if (issuedAt === undefined) return undefined
  if (typeof issuedAt !== 'number' || issuedAt <= 0 || issuedAt > lastTimeSeconds)
    throw refused('ERR_CONTEXT_TOKEN_CLAIMS', 'issuedAtClaim', 'not a number')
  // readEnd() has looked at the other one.
  if (issuedAtClaim !== 'iat') assertIssued(issuedAt, clockToleranceSeconds)
  return issuedAt * 1000
}

/** Issued tomorrow: by a clock that is wrong, to live longer than it says, or to outlive a sign-out of today. */
function assertIssued(issuedAtSeconds: number, clockToleranceSeconds: number): void {
  if ((issuedAtSeconds - clockToleranceSeconds) * 1000 > Date.now())
    throw refused('ERR_CONTEXT_TOKEN_NOT_YET_VALID', 'clockToleranceSeconds', 'too small')
}

function readText(claims: JwtClaims, path: ClaimPath, option: string): string | undefined {
  const value = findClaim(claims, path)
  if (value === undefined || typeof value === 'string') return value
  throw refused('ERR_CONTEXT_TOKEN_CLAIMS', option, 'not a string')
}

function readPermissions(options: JwtIdentityOptions, claims: JwtClaims): readonly string[] {
  const { permissionClaims = ['scope'], toPermissions } = options
  const names = permissionClaims.flatMap((path, index): readonly string[] => {
    const value = findClaim(claims, path)
    if (value === undefined) return []
    if (typeof value === 'string') return value.split(' ').filter((name) => name !== '')
    // A name of a list is one name: split at its spaces it would be several rights.
    if (Array.isArray(value) && value.every((name) => typeof name === 'string')) return value as string[]
    throw refused('ERR_CONTEXT_TOKEN_CLAIMS', toIssuePath('permissionClaims', index), 'not an array')
  })
  return toPermissions === undefined ? names : toPermissions(names, claims)
}

function refused(code: ConstructorParameters<typeof ContextError>[0], path: string, kind: Issue['kind']): ContextError {
  return new ContextError(code, { issues: [{ path, kind }] })
}
