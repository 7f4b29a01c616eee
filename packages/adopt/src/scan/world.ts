/**
 * What a scan knows before any compiler runs: texts, syntax, and the canonical definition.
 */
import type { ResolveModule } from '../engine/module-resolver.ts'
import type { SkippedFile } from '../engine/source-text.ts'
import type { SourceTree } from '../engine/source-tree.ts'
import type { FileOutline } from './file-facts.ts'
import type { KnownDefinition } from './known-definition.ts'
import type { ResolveName } from './name-resolution.ts'
import type { Canonical } from './select-canonical.ts'
import type { SourceFacts } from './source-facts.ts'

export type World = {
  readonly tree: SourceTree
  readonly facts: SourceFacts
  /** What was left out of the tree, tsconfig files that are not whole included. */
  readonly skipped: readonly SkippedFile[]
  readonly known: readonly KnownDefinition[]
  readonly resolveName: ResolveName
  readonly resolveModule: ResolveModule
  readonly canonical: Canonical
  /** Files whose constructions count: generated ones only when asked for. */
  readonly asked: readonly FileOutline[]
  readonly textOf: (file: string) => string
  readonly relativePath: (file: string) => string
}
