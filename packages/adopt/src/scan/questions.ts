/**
 * What one program is asked about.
 */
import type { CheckedType, CheckerProject, NodeSpan } from '../engine/checker.ts'
import type { FamilyView } from './family.ts'
import type { FileFacts } from './file-facts.ts'
import type { HeldView } from './held-types.ts'
import type { KnownDefinition } from './known-definition.ts'
import type { FactsOf } from './name-resolution.ts'

export type Questions = {
  readonly project: CheckerProject
  readonly view: FamilyView
  readonly held: HeldView
  readonly family: readonly KnownDefinition[]
  /** The files of this program whose constructions count. */
  readonly files: readonly FileFacts[]
  readonly factsOf: FactsOf
  readonly textOf: (file: string) => string
  /** Sees every answered type with the node it was asked for, for the trust figure. */
  readonly count: (nodes: readonly NodeSpan[], types: readonly (CheckedType | undefined)[]) => void
}
