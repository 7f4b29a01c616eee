/**
 * Says of each type that carries more than an identity why this run does not split it.
 */
import type { DefinitionFact } from '../scan/scan-result.ts'
import { carriedMember, carriesMore, homelessFields, whyWhole } from './carrier.ts'
import type { MigrateResult } from './migrate-options.ts'
import type { Known, PlannedDefinition, Run } from './round.ts'

/** The overlay must be empty. */
export const findNotSplit = (
  { workspace, target }: Run,
  definitions: readonly PlannedDefinition[],
  { carriers }: Known,
): MigrateResult['notSplit'][number][] =>
  definitions.flatMap(({ fact, plan }) => {
    const carried = homelessFields(fact, target)
    if (carried.length === 0 || carriers.has(fact) || carriedMember(fact, target) !== undefined) return []
    // One that carries data alone becomes the sealed type, unless somebody reads it.
    if ('unit' in plan && !carriesMore(workspace, fact, target)) return []
    const why = whyWhole(workspace, fact, target) ?? 'nothing that this run may edit makes a value of it'
    return [
      { definition: nameOf(fact), reason: `it carries more than an identity (${carried.join(', ')}), but ${why}` },
    ]
  })

const nameOf = ({ file, name }: DefinitionFact): string => `${file}#${name}`
