/**
 * What the compiler, or syntax alone, answered about the whole tree.
 */
import type { NodeSpan } from '../engine/checker.ts'
import type { FoundFactory } from './ask-factories.ts'
import type { RawFunction } from './file-facts.ts'
import type { Duplicate } from './find-duplicates.ts'
import type { Site } from './site.ts'

export type TypedAnswers = {
  readonly duplicates: readonly Duplicate[]
  readonly sites: readonly Site[]
  readonly factories: readonly FoundFactory[]
  readonly callers: ReadonlyMap<RawFunction, readonly NodeSpan[]>
  readonly compiler: string | undefined
  readonly reasons: readonly string[]
  /** Files from which imports lead to the type; undefined when every file counts. */
  readonly reach: ReadonlySet<string> | undefined
  readonly filesOutsideTsconfig: number
  readonly failures: number
}
