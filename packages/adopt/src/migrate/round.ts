/**
 * What one round of a run works on, and what earlier rounds found.
 */
import type { DefinitionFact, ScanResult } from '../scan/scan-result.ts'
import type { Carrier } from './carrier.ts'
import type { ChangeUnit } from './change-unit.ts'
import type { DefinitionPlan } from './definition-plan.ts'
import type { DiagnosticsByFile } from './diagnostic-difference.ts'
import type { Stay } from './homeless-members.ts'
import type { MigrateOptions, MigrateResult, MigrateTarget } from './migrate-options.ts'
import type { Left, Site } from './site-plan.ts'
import type { UnkeptClass } from './unkept-classes.ts'
import type { Workspace } from './workspace.ts'

/** What a run would write, and what it found out. `texts` holds changed files only. */
export type RunPlan = Omit<MigrateResult, 'doubts' | 'files' | 'written' | 'decisions'> & {
  readonly texts: ReadonlyMap<string, string>
}

/** What every round of a run works on. */
export type Run = {
  readonly workspace: Workspace
  readonly scan: ScanResult
  readonly options: MigrateOptions
  readonly target: MigrateTarget
  readonly targetFor: (file: string) => MigrateTarget
  readonly before: DiagnosticsByFile
}

export type PlannedDefinition = { readonly fact: DefinitionFact; readonly plan: DefinitionPlan | Stay }
/** What earlier rounds found. */
export type Known = {
  readonly stays: StaysBecause
  /** Classes that are still made by what is left. */
  readonly classes: ReadonlyMap<DefinitionFact, UnkeptClass>
  /** Types that carry more than an identity, and get a member for it. */
  readonly carriers: ReadonlyMap<DefinitionFact, Carrier>
}

/** Definitions that stay, each with its reason. */
export type StaysBecause = ReadonlyMap<DefinitionFact, Stay>

/** The sites of one round, planned one by one. */
export type PlannedSites = {
  readonly candidates: ReadonlyMap<ChangeUnit, Site>
  readonly left: readonly Left[]
  /** Literals that have a sealed context from what they spread: no edit of their own moves them. */
  readonly inheriting: readonly Site[]
}
