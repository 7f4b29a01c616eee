/**
 * Who acts for the user of a token (RFC 8693 section 4.1).
 */
import { createHash } from 'node:crypto'
import { ContextError, encodeKey, encodeSubject, type VerifiedFacts } from 'user-execution-context'
import { findClaim, type JwtClaims } from './claim-path.ts'

type Actors = NonNullable<VerifiedFacts['actors']>
type Actor = Actors[number]

/** Contexts hold as many. */
const maxActors = 10
/** Names of contexts have no more. */
const maxNameCharacters = 128

/**
 * The chain of `act`, who acts now first. Its names are subjects, encoded as users' are. An actor of another issuer
 * than the token's has a name with `%iss:` and both in it: a subject is somebody within its issuer only.
 *
 * @throws {ContextError} `ERR_CONTEXT_TOKEN_CLAIMS` for a chain of the wrong form, or a longer one than contexts hold:
 * one that is cut would hide who acted.
 */
export const readActors = (claims: JwtClaims, toKind: (actor: JwtClaims) => Actor['kind'] = () => 'person'): Actors => {
  const actors: Actor[] = []
  for (let actor = findClaim(claims, 'act'); actor !== undefined; actor = findClaim(actor as JwtClaims, 'act')) {
    const isObject = typeof actor === 'object' && actor !== null && !Array.isArray(actor)
    const [subject, issuer = claims['iss']] = isObject
      ? ['sub', 'iss'].map((name) => findClaim(actor as JwtClaims, name))
      : []
    if (!isText(subject) || (issuer !== undefined && !isText(issuer)) || actors.length >= maxActors)
      throw new ContextError('ERR_CONTEXT_TOKEN_CLAIMS', { issues: [{ path: 'act', kind: 'does not fit' }] })
    const name = issuer === claims['iss'] ? encodeSubject(subject) : toForeignName(issuer!, subject)
    actors.push({ name, kind: toKind(actor as JwtClaims) })
  }
  return actors
}

// Injective: encodeSubject() gives no name that begins like that, so no subject of the issuer itself has this one.
function toForeignName(issuer: string, subject: string): string {
  const name = `%iss:${encodeSubject(encodeKey([issuer, subject]))}`
  if (name.length <= maxNameCharacters) return name
  return `%iss:%sha256:${createHash('sha256').update(name).digest('hex')}`
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}
