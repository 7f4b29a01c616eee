/**
 * How alike two types are by the names of their fields, whatever their spelling: idf-weighted Jaccard.
 * A field that every type has (`id`, `name`) says little; a rare one says much.
 */

const abbreviations = new Map([
  ['org', 'organization'],
  ['organisation', 'organization'],
  ['env', 'environment'],
  ['ws', 'websocket'],
  ['req', 'request'],
  ['res', 'response'],
  ['ctx', 'context'],
  ['uid', 'user id'],
  ['sess', 'session'],
  ['db', 'database'],
  ['conn', 'connection'],
  ['msg', 'message'],
  ['ts', 'timestamp'],
])

/**
 * One spelling for camelCase, snake_case, kebab-case, prefixes `_`, `I`, `T` and usual abbreviations.
 * `_wsClientID` and `websocket_client_id` are one name.
 */
export const normaliseName = (name: string): string => {
  const words = name
    .replace(/^[#_$]+|[_$]+$/g, '')
    .replace(/^[IT](?=[A-Z][a-z])/, '')
    .replace(/web[-_]?socket/gi, ' websocket ')
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '')
  return words.map((word) => abbreviations.get(word) ?? word).join(' ')
}

/** Weight of each normalised name: high for one that few types have. */
export type NameWeights = (name: string) => number

/** Counts in how many of the given types each name occurs. */
export const weighNames = (types: readonly ReadonlySet<string>[]): NameWeights => {
  const counts = new Map<string, number>()
  for (const names of types) for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1)
  return (name) => Math.log(1 + types.length / (1 + (counts.get(name) ?? 0)))
}

/** Shared weight divided by total weight, 0 to 1; 0 when either has no name. */
export const shapeScore = (a: ReadonlySet<string>, b: ReadonlySet<string>, weigh: NameWeights): number => {
  if (a.size === 0 || b.size === 0) return 0
  let shared = 0
  let total = 0
  for (const name of new Set([...a, ...b])) {
    const weight = weigh(name)
    total += weight
    if (a.has(name) && b.has(name)) shared += weight
  }
  return total === 0 ? 0 : shared / total
}
