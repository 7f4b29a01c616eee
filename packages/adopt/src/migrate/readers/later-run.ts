/**
 * What the steps behind the makers work on, and what each plans.
 */
import type { DiagnosticsByFile } from '../diagnostic-difference.ts'
import type { UnreadSite } from '../migrate-options.ts'
import type { Workspace } from '../workspace.ts'
import type { CarriedField } from './carried-field.ts'

/** The fields of the types that are ready, and the tree's diagnostics. */
export type LaterRun = {
  readonly workspace: Workspace
  readonly fields: readonly CarriedField[]
  readonly before: DiagnosticsByFile
}

/** What a later step plans. */
export type LaterPlan = {
  readonly texts: ReadonlyMap<string, string>
  readonly readsLeft: readonly UnreadSite[]
}
