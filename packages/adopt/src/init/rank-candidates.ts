/**
 * Ranks the definitions of a code base by how much they look like a user context, and says why in words.
 * Name, identity fields, several definitions of one name, imports and constructions each count. What files use
 * outweighs a name.
 */
import { isFileNamed, splitTypeName } from '../scan/select-canonical.ts'
import type { CandidateDefinition } from './read-candidates.ts'

/** All definitions of one name, the most imported first, with the evidence as sentences. */
export type RankedCandidate = {
  readonly definitions: readonly CandidateDefinition[]
  readonly score: number
  readonly evidence: readonly string[]
}

// What says whose work it is, and which run it belongs to.
const identityField =
  /^_?(?:user|account|tenant|org|organi[sz]ation|workspace|company|customer|session|thread|run|request|trace|correlation|actor|principal|subject)(?:_?id)?$/i
const userField = /^_?(?:user|account|actor|principal|subject|customer)(?:_?id)?$/i
const leastScore = 4

/**
 * Ranks names, best first. Without a context in the name or a user among the fields a definition is no candidate.
 *
 * @param named - Name the user gave, as NAME or path#NAME: then only it is ranked, whatever its score.
 */
export const rankCandidates = (
  definitions: readonly CandidateDefinition[],
  named?: string,
): readonly RankedCandidate[] => {
  const [path, name] = named === undefined ? [undefined, undefined] : splitTypeName(named)
  const isNamed = ({ file }: CandidateDefinition): boolean => path !== undefined && isFileNamed(file, path)
  const groups = new Map<string, CandidateDefinition[]>()
  for (const definition of definitions) {
    if (name !== undefined && definition.name !== name) continue
    groups.set(definition.name, [...(groups.get(definition.name) ?? []), definition])
  }
  return [...groups.values()]
    .map((group) =>
      rank(
        group.toSorted(
          (left, right) =>
            Number(isNamed(right)) - Number(isNamed(left)) ||
            right.importedBy - left.importedBy ||
            right.fields.length - left.fields.length ||
            (left.file < right.file ? -1 : 1),
        ),
      ),
    )
    .filter(({ score }) => name !== undefined || score >= leastScore)
    .toSorted(
      (left, right) => right.score - left.score || (left.definitions[0]!.name < right.definitions[0]!.name ? -1 : 1),
    )
}

/** How far the best has to be ahead of the next: below, a person has to choose. */
const clearLead = 1.25

/** What speaks against taking the best one unasked: sentences, none when it is clear. */
export const findDoubts = ([best, next]: readonly RankedCandidate[]): string[] => {
  if (!best) return []
  const [first, ...others] = best.definitions
  const apart = others.filter(({ fields }) => !fields.some((field) => first!.fields.includes(field)))
  const { lostImporters } = first!
  // Which of its definitions those files mean is not known.
  const isLost = lostImporters.length * knownShare > first!.importedBy
  return [
    ...(isLost ? [toLostSentence(first!)] : first!.importedBy === 0 ? ['No file imports it.'] : []),
    ...(next && best.score < next.score * clearLead ? [`${next.definitions[0]!.name} is nearly as likely.`] : []),
    ...(apart.length > 0
      ? [
          `${apart.map(({ file, line }) => `${file}:${line}`).join(', ')} shares no field with it: that is ` +
            'another type.',
        ]
      : []),
  ]
}

/** More than one lost import to this many that resolve leaves the choice open. */
const knownShare = 4

const toLostSentence = ({ name, lostImporters }: CandidateDefinition): string => {
  const directories = [...new Set(lostImporters.map((file) => file.split('/').slice(0, 2).join('/')))].sort()
  const where = `${directories.slice(0, 3).join(', ')}${directories.length > 3 ? ' and others' : ''}`
  return lostImporters.length === 1
    ? `1 file imports ${name} from a module that does not resolve (${where}): repair the paths of its tsconfig first.`
    : `${lostImporters.length} files import ${name} from a module that does not resolve (${where}): ` +
        'repair the paths of their tsconfig first.'
}

const rank = (definitions: readonly CandidateDefinition[]): RankedCandidate => {
  const { name, constructions } = definitions[0]!
  const fields = new Set(definitions.flatMap((definition) => definition.fields))
  const identity = [...fields].filter((field) => identityField.test(field))
  const hasUser = identity.some((field) => userField.test(field))
  const isContext = /(?:context|ctx)$/i.test(name)
  const importedBy = new Set(definitions.flatMap(({ importers }) => importers)).size
  const lost = definitions[0]!.lostImporters.length
  const looksRight = isContext || hasUser
  const nameScore = isContext ? 3 + (/user|request|execution|session|auth|tenant|run|agent/i.test(name) ? 2 : 0) : 0
  const useScore =
    Math.log10(importedBy + lost + 1) * 4 +
    Math.min(3, Math.log10(constructions + 1) * 1.5) +
    Math.min(2, definitions.length - 1)
  const evidence = [
    isContext ? 'its name says context' : '',
    identity.length > 0 ? `it holds ${identity.slice(0, 5).join(', ')}` : '',
    definitions.length > 1 ? `it is defined ${definitions.length} times` : '',
    importedBy > 0 ? (importedBy === 1 ? '1 file imports it' : `${importedBy} files import it`) : '',
    lost > 0 ? `${lost === 1 ? '1 file imports' : `${lost} files import`} one that does not resolve` : '',
    constructions > 0
      ? constructions === 1
        ? 'one construction or cast of it'
        : `${constructions} constructions and casts of it`
      : '',
  ]
  return {
    definitions,
    score: looksRight ? nameScore + Math.min(5, identity.length) + (hasUser ? 2 : 0) + useScore : 0,
    evidence: evidence.filter((fact) => fact !== ''),
  }
}
