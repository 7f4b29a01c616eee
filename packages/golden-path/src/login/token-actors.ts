/**
 * Who acts for the user of a token (RFC 8693 section 4.1).
 */
import { ContextError, encodeSubject, type VerifiedFacts } from 'user-execution-context'
import { findClaim, type JwtClaims } from './claim-path.ts'

type Actors = NonNullable<VerifiedFacts['actors']>
type Actor = Actors[number]

/** Contexts hold as many. */
const maxActors = 10

/**
 * The chain of `act`, who acts now first. Its names are subjects, encoded as users' are.
 *
 * @throws {ContextError} `ERR_CONTEXT_TOKEN_CLAIMS` for a chain of the wrong form, or a longer one than contexts hold:
 * one that is cut would hide who acted.
 */
export const readActors = (claims: JwtClaims, toKind: (actor: JwtClaims) => Actor['kind'] = () => 'person'): Actors => {
  const actors: Actor[] = []
  for (let actor = findClaim(claims, 'act'); actor !== undefined; actor = findClaim(actor as JwtClaims, 'act')) {
    const isObject = typeof actor === 'object' && actor !== null && !Array.isArray(actor)
    const name = isObject ? findClaim(actor as JwtClaims, 'sub') : undefined
    if (typeof name !== 'string' || name === '' || actors.length >= maxActors)
      throw new ContextError('ERR_CONTEXT_TOKEN_CLAIMS', { issues: [{ path: 'act', kind: 'does not fit' }] })
    actors.push({ name: encodeSubject(name), kind: toKind(actor as JwtClaims) })
  }
  return actors
}
