/**
 * What a user tells migrate: where values go, which definitions are merged, what may be edited.
 * Beside the floors: imports none of them.
 */
import type { FindingKind } from '../finding.ts'

/**
 * The state that a run aims at:
 *
 * 1. Every definition named in `definitions` is gone: its file re-exports the target's type under the old name
 *    (`export type { UserExecutionContext } from '…'`), static members of a former class live on in a constant of the same name.
 * 2. Every provable construction calls the target's expression.
 * 3. Reads of renamed fields follow `reads`.
 * 4. What is left compiles, is marked `// TODO(user-execution-context): <reason>`, and is held by `check`: a construction
 *    becomes a double assertion of the same value (refused by every sealed door at run time), never a made-up user.
 */
export type MigrateTarget = {
  /** The single source: module (package name, or a path from the root that starts with `./`) and exported type name. */
  readonly type: ImportedName
  /** TypeScript expression with `{user}`, `{reason}` and `{run}` in it; `, {run}` disappears when no run field is given. */
  readonly expression: string
  /** Names that the expression and `fields` use, with the modules they come from. */
  readonly imports: readonly ImportedName[]
  /** Where each legacy field goes. A field of a site that is not named here, and is not `undefined`, makes the site a TODO. */
  readonly fields: Readonly<Record<string, FieldHome>>
  /** Reads of legacy fields through a context: legacy name to an expression with `{context}` in it. */
  readonly reads: Readonly<Record<string, string>>
  /** Guard that replaces nothing by itself; named in the reasons of `instanceof` TODOs. */
  readonly guard?: string
}

/** A name and the module it is imported from. */
export type ImportedName = { readonly module: string; readonly name: string }

/**
 * `to`: `user`, `run.<key>`, `run.<record>.<key>` or `drop` (the target makes its own, as for `requestId` and `createdAt`).
 * `wrap`: function that parses the value (`parseThreadId`).
 */
export type FieldHome = { readonly to: string; readonly wrap?: string }

/** Options of one run. */
export type MigrateOptions = {
  /** Absolute path of the tree. */
  readonly root: string
  /** tsconfig paths relative to the root; found by the engine when left out. */
  readonly projects?: readonly string[]
  /** Names of the legacy types. */
  readonly types: readonly string[]
  readonly target: MigrateTarget
  /** Target of test files; the target itself when left out. */
  readonly testTarget?: MigrateTarget
  /** Which files are tests (globs with `*` and `**`). */
  readonly testFiles?: readonly string[]
  /** Definitions to merge into the target: `file#Name`, or `all` (classes A, B and D of the named types; never C). */
  readonly definitions?: 'all' | readonly string[]
  readonly write?: boolean
  readonly force?: boolean
  readonly only?: readonly FindingKind[]
  /** Edit only below this folder, relative to the root. The analysis always sees everything. */
  readonly folder?: string
  readonly maxFiles?: number
}

/** One site that migrate left, and why. */
export type LeftSite = {
  readonly file: string
  readonly line: number
  readonly kind: FindingKind
  readonly enclosing: string
  readonly reason: string
  /** `file:line` of the callers of the enclosing function, at most ten. */
  readonly callers: readonly string[]
}

/** Outcome of a run. Nothing is written unless `write` was given. */
export type MigrateResult = {
  readonly moved: number
  readonly left: readonly LeftSite[]
  /** Definitions that became re-exports, and those that stay with the reason. */
  readonly definitionsMoved: readonly string[]
  readonly definitionsLeft: readonly { readonly definition: string; readonly reason: string }[]
  readonly readsMoved: number
  /** Changed files with their diff, sorted by path. */
  readonly files: readonly { readonly file: string; readonly diff: string }[]
  readonly written: boolean
  /** Diagnostics of the tree before and after, from the checker: after is never more than before. */
  readonly diagnosticsBefore: number
  readonly diagnosticsAfter: number
}
