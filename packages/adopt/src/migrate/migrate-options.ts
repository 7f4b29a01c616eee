/**
 * What a user tells migrate: where values go, which definitions are merged, what may be edited.
 */
import type { FindingKind } from '../finding.ts'
import type { ScanOptions } from '../scan/scan-result.ts'
import type { OpenDecision } from './open-decisions.ts'
import type { OwnVerdict } from './own-compiler.ts'

/**
 * The state that a run aims at:
 *
 * 1. Every definition named in `definitions` is gone: its file re-exports the target's type under the old name
 *    (`export type { UserExecutionContext } from '…'`), static members of a former class live on in a constant of the
 * same name.
 * 2. Every provable construction calls the target's expression.
 * 3. Reads of renamed fields follow `reads`.
 * 4. What is left compiles, is marked `// TODO(user-execution-context): <reason>`, is held by `check`, and keeps its
 *    value: its class stays, or stays under another name; a literal becomes a double assertion of the same value
 *    (refused by every entry point at run time), never a made-up user.
 */
export type MigrateTarget = {
  /** The single source: module (package name, or a path from the root that starts with `./`) and exported type name. */
  readonly type: ImportedName
  /**
   * TypeScript expression with places in braces: `{user}`, `{reason}`, and one for each first word of `fields[…].to`:
   * `{run}` gives an
   * object of the fields that go there, `{...vouching}` the same as properties of the literal around it. A place
   * without fields
   * disappears with the comma before it.
   */
  readonly expression: string
  /** Names that the expression, `fields` and `reads` use, with the modules they come from. */
  readonly imports: readonly ImportedName[]
  /**
   * Where each legacy field goes. A field of a site that is not named here, and is not `undefined`, makes the site a
   * TODO.
   */
  readonly fields: Readonly<Record<string, FieldHome>>
  /** What a text of the source must be to be an id: any other is refused when the code runs. */
  readonly ids?: { readonly pattern: string; readonly maxCharacters: number }
  /** What a spread context (`{ ...context, runId }`) gives: destination to an expression with `{context}` in it. */
  readonly spread?: Readonly<Record<string, string>>
  /** Destinations of `spread` that belong to the user: another user must not take them over. */
  readonly ofUser?: readonly string[]
  /** Reads of legacy fields through a context: legacy name to an expression with `{context}` in it. */
  readonly reads: Readonly<Record<string, string>>
  /** Destinations that must be given. Default: `user`. A site that lacks one is a TODO. */
  readonly required?: readonly string[]
  /** Values for destinations that a site does not give, as expressions: for a target of tests. */
  readonly defaults?: Readonly<Record<string, string>>
  /** Values that stand for "never set" (`placeholder`, `none`): a literal of these is no id. Compared without case. */
  readonly placeholders?: readonly string[]
  /** Guard that answers for an `instanceof` of a former class. */
  readonly guard?: ImportedName
}

/** A name and the module it is imported from. */
export type ImportedName = { readonly module: string; readonly name: string }

/**
 * `to`: `user`, `run.<key>`, `run.<record>.<key>` or `drop` (the target makes its own, as for `requestId` and
 * `createdAt`).
 * `wrap`: function that parses the value (`parseThreadId`). `assertAs`: type to assert when the value does not fit as
 * it stands and
 * the target checks it at run time (`JsonRecord` for a `Record<string, unknown>`).
 */
export type FieldHome = {
  readonly to: string
  readonly wrap?: string
  readonly assertAs?: ImportedName
  /** Property of the value that is meant: `id` where the field is `user: { id }`. */
  readonly member?: string
}

/** Options of one run. */
export type MigrateOptions = {
  /** What is analysed: always everything, whatever `directory` and `only` limit. */
  readonly scan: ScanOptions
  /** Default: this package's, see package-target.ts. */
  readonly target?: MigrateTarget
  /** Target of test files; the target itself when left out. */
  readonly testTarget?: MigrateTarget
  /** Which files are tests: globs. Default: see test-files.ts. */
  readonly testFiles?: readonly string[]
  /**
   * Definitions to merge into the target's type: `file#NAME`, or `all` (classes A, B and D). Collisions and suspects
   * only by name.
   * Default: the canonical definition, and classes A and B. Ignored when `only`, `directory` or `maxFiles` limit the
   * run: merging a
   * definition needs every site of it.
   */
  readonly definitions?: readonly string[]
  readonly write?: boolean
  /** Baseline and configuration, absolute: rewritten in the same write when they are there. */
  readonly companions?: { readonly baselineFile: string; readonly configFile: string | undefined }
  /** Write although the git tree is dirty. */
  readonly force?: boolean
  readonly only?: readonly FindingKind[]
  /** Edit only below this directory, relative to the root. */
  readonly directory?: string
  readonly maxFiles?: number
  /** Edit only files of this CODEOWNERS owner. */
  readonly owner?: string
  /** The code base's own tests, as a command line: what turns them red is not kept. Runs with `write` only. */
  readonly verify?: string
  /** What is rolled back together when it turns the tests red. Default: `file`. */
  readonly batch?: BatchKind
  /** Of a type that carries more than an identity: its makers first, then its readers, then the fields left over. */
  readonly step?: MigrateStep
  /** Sites to leave, as `file:start`, each with the reason to mark it with. */
  readonly leftOut?: ReadonlyMap<string, string>
}

export const migrateSteps = ['makers', 'readers', 'fields'] as const
export type MigrateStep = (typeof migrateSteps)[number]

export const batchKinds = ['file', 'directory', 'owner'] as const
export type BatchKind = (typeof batchKinds)[number]

/** A site that moves: its place in the tree before the run. */
export type MovedSite = {
  readonly file: string
  readonly line: number
  readonly start: number
  readonly kind: FindingKind
  readonly enclosing: string
}

/** A site that the tests took back. `isCulprit`: its move alone turned them red; the others share its batch. */
export type Reverted = MovedSite & { readonly batch: string; readonly isCulprit: boolean }

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

/** A read or a field: one that a later step left, or one that a move gave up. */
export type UnreadSite = {
  readonly file: string
  readonly line: number
  readonly field: string
  readonly reason: string
}

/** Outcome of a run. Nothing is written unless `write` was given. */
export type MigrateResult = {
  /** Why sites may be missing: what could not be read or resolved, one sentence each. */
  readonly doubts: readonly string[]
  readonly moved: number
  readonly movedSites: readonly MovedSite[]
  readonly left: readonly LeftSite[]
  /** The decisions that the left sites wait for, the one that settles most of them first. */
  readonly decisions: readonly OpenDecision[]
  /** Fields that a moved site was given and the target makes its own of, as of `requestId`. */
  readonly dropped: readonly UnreadSite[]
  /** Definitions that became re-exports, and those that stay with the reason. */
  readonly definitionsMoved: readonly string[]
  /** Types that carry more than an identity, and were given a member that holds the sealed context. */
  readonly definitionsSplit: readonly string[]
  /** Types that carry more and were not given it, each with the reason. */
  readonly notSplit: readonly { readonly definition: string; readonly reason: string }[]
  readonly definitionsLeft: readonly { readonly definition: string; readonly reason: string }[]
  readonly readsMoved: number
  /** Of the steps behind the makers: reads that stay, and fields that were taken out as `file#Type.field`. */
  readonly readsLeft: readonly UnreadSite[]
  readonly fieldsRemoved: readonly string[]
  /** Changed files with their diff, sorted by path. */
  readonly files: readonly { readonly file: string; readonly diff: string }[]
  readonly written: boolean
  /** Diagnostics of the tree before and after, from the checker: after is never more than before. */
  readonly diagnosticsBefore: number
  readonly diagnosticsAfter: number
  /** Uses (not constructions) that compile under a marked `@ts-expect-error` only: lines of the tree before the run. */
  readonly suppressed: readonly { readonly file: string; readonly line: number; readonly code: number }[]
  /** Names that would lose their type: lines of the new text. When there is one, nothing is written. */
  readonly silenced: readonly { readonly file: string; readonly line: number; readonly name: string }[]
  /** Compiler errors that nothing settled. When there is one, nothing is written, `write` or not. */
  readonly unsettled: readonly { readonly file: string; readonly code: number }[]
  /** What the code base's own compiler said, when one is installed and files were to be written. */
  readonly ownCompiler?: OwnVerdict
  /** What the code base's own tests said, with `verify`. */
  readonly verification?: {
    readonly command: string
    readonly testRuns: number
    /** Sites that the compiler let move, before the tests were asked. */
    readonly tried: number
    readonly reverted: readonly Reverted[]
    /** False when they are red although no site moves. Nothing is written then. */
    readonly isGreen: boolean
  }
}
