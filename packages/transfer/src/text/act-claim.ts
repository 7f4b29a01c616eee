/**
 * Who acts for the user, as the claim `act` of RFC 8693 section 4.1: the newest outside, each with the one before
 * inside.
 */
import type { Actor } from 'user-execution-context'

/** An actor as a text names it. */
export type SealedActor = Pick<Actor, 'name' | 'kind' | 'source'>

/** No chain of the core is longer. */
const maxActors = 10
const members: readonly string[] = ['sub', 'kind', 'source', 'act']
type ActClaim = {
  readonly sub: string
  readonly kind: string
  readonly source: string
  readonly act?: ActClaim | undefined
}

/** The chain as a claim; undefined when the user acts directly. */
export const toActClaim = (actors: readonly SealedActor[]): ActClaim | undefined =>
  actors.reduceRight<ActClaim | undefined>(
    (act, { name, kind, source }) => ({ sub: name, kind, source, act }),
    undefined,
  )

/** The chain of a claim; undefined when it is none. Whether each is an actor, identityProvider() decides. */
export const readActClaim = (claim: unknown): readonly SealedActor[] | undefined => {
  const actors: SealedActor[] = []
  for (let act = claim; act !== undefined; act = own(act, 'act')) {
    if (actors.length >= maxActors || typeof act !== 'object' || act === null) return undefined
    if (Object.keys(act).some((member) => !members.includes(member))) return undefined
    const [name, kind, source] = [own(act, 'sub'), own(act, 'kind'), own(act, 'source')]
    // Left out it would be taken for a verified one.
    if (source !== 'verified' && source !== 'declared') return undefined
    actors.push({ name, kind, source } as SealedActor)
  }
  return actors
}

function own(value: unknown, member: string): unknown {
  return Object.hasOwn(value as object, member) ? (value as Record<string, unknown>)[member] : undefined
}
