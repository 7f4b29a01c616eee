/**
 * Which shard an owner is placed on: rendezvous hashing (highest random weight). Each shard has a weight for an owner,
 * and the highest wins: a shard that is added takes its part of each of the others, and moves no owner between them.
 */
import { createHash } from 'node:crypto'
import { encodeKey } from 'user-execution-context'

/** The name with the highest weight. The same in every process, and in whatever order the names come. */
export const toHighestWeight = (names: readonly string[], ownerKey: string): string => {
  const weighed = names.map((name) => ({ name, weight: toWeight(name, ownerKey) }))
  return weighed.reduce((best, next) => (Buffer.compare(next.weight, best.weight) > 0 ? next : best)).name
}

function toWeight(name: string, ownerKey: string): Buffer {
  // Digests of two names are never equal: no tie to break.
  return createHash('sha256')
    .update(encodeKey([name, ownerKey]))
    .digest()
}
