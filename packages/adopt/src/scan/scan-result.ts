/**
 * What a scan gives back: findings, and the facts about definitions, factories and trust that reports show.
 * Plain data: JSON of it is the report's raw material.
 */
import type { Finding } from '../finding.ts'
import type { KnownOutline } from './source-facts.ts'

/** One field of a definition. */
export type FieldFact = { readonly name: string; readonly type: string; readonly optional: boolean }

/** One definition of the context, or of something that looks like it. */
export type DefinitionFact = {
  readonly name: string
  readonly file: string
  readonly line: number
  readonly start: number
  readonly end: number
  readonly form: 'interface' | 'class' | 'type'
  readonly exported: boolean
  readonly generated: boolean
  readonly fields: readonly FieldFact[]
  /** How many files import this one: evidence for which definition is the single source. */
  readonly importedBy: number
}

/** A definition beside the canonical one: class, score and the difference field by field. */
export type DuplicateFact = {
  readonly definition: DefinitionFact
  readonly kind:
    | 'definition-equal'
    | 'definition-overlap'
    | 'definition-collision'
    | 'definition-shape'
    | 'definition-suspect'
  /** idf-weighted Jaccard of the normalised field names, 0 to 1. */
  readonly score: number
  /** Assignability as the checker proved it; undefined when it was not asked. */
  readonly proof: { readonly toCanonical: boolean; readonly fromCanonical: boolean } | undefined
  readonly difference: readonly FieldDifference[]
}

/** `same` fields are listed too, so that both columns can be shown side by side. */
export type FieldDifference = {
  readonly field: string
  readonly verdict: 'same' | 'only-canonical' | 'only-here' | 'type' | 'optional' | 'renamed'
  readonly canonical: FieldFact | undefined
  readonly here: FieldFact | undefined
}

/** One function that gives a context. `callers` are places as `file:line`, sorted. */
export type FactoryFact = {
  readonly name: string
  readonly file: string
  readonly line: number
  readonly start: number
  readonly end: number
  readonly type: string
  readonly signature: string
  /** True when the return type is inferred, not declared. */
  readonly inferred: boolean
  readonly validates: boolean
  readonly callers: readonly string[]
  readonly callerCount: number
}

/** How far the answer can be trusted: what did not resolve is a silent `any` and may hide sites. */
export type Trust = {
  readonly filesAnalysed: number
  /** Files in no tsconfig: analysed with borrowed options, never held by plain tsc. */
  readonly filesOutsideTsconfig: number
  readonly importsTotal: number
  readonly importsUnresolved: number
  /** The unresolved modules with how often each is imported, most often first, ten at most. */
  readonly unresolvedModules: readonly (readonly [module: string, imports: number])[]
  /** Nodes asked about whose type is the error type. */
  readonly unresolvedTypes: number
  readonly typesAsked: number
  readonly compilerFailures: number
  /** Files that were left out: unreadable, unparsable, or under a tsconfig that is not whole. */
  readonly filesSkipped: number
  /** Files whose import of the type, or of what may lead to it, does not resolve: their sites are not counted. */
  readonly filesUnresolved: number
  /** Vue, Svelte and Astro files that name the type: their scripts are not read. */
  readonly filesNotRead: number
  /** Generated files, left out unless asked for: by their path, or by their first comment. */
  readonly filesGenerated: number
  /** 0 to 1: the share of imports, asked types and files that were understood. 1 means nothing is hidden. */
  readonly figure: number
}

/** A phase of the scan for a progress line. `total` is honest: the number of units of this phase, 0 while unknown. */
export type ScanProgress = {
  readonly phase: 'files' | 'parse' | 'projects' | 'types' | 'seal' | 'callers'
  readonly done: number
  readonly total: number
}

/** A file that could not be read, parsed or configured. The rest was analysed without it. */
export type SkippedFact = {
  readonly file: string
  readonly reason: string
  /** It names the type, or an import of it leads to the type: it may hold sites. */
  readonly concerns: boolean
}

export type ScanOptions = {
  /** Absolute directory. */
  readonly root: string
  /**
   * `NAME` or `path#NAME` (path relative to the root). The first one names the canonical type. Default:
   * `UserExecutionContext`.
   */
  readonly types?: readonly string[]
  /** `NAME`, `path#NAME` or `package#NAME` of sanctioned factories: constructions inside them are no sites. */
  readonly factories?: readonly string[]
  readonly configFiles?: readonly string[]
  /** Globs relative to the root: which files are read. */
  readonly include?: readonly string[]
  /** Globs relative to the root: files that are left out, and never named as skipped. */
  readonly exclude?: readonly string[]
  /**
   * `all`, or only definitions, `new` and casts, by syntax and import graph: no compiler runs, files that cannot hold
   * one are
   * not parsed, and a tree is never called clean.
   */
  readonly questions?: 'all' | 'fast'
  /** Analyse generated code too. */
  readonly includeGenerated?: boolean
  /**
   * Ask what plain tsc finds once the type is sealed. Default true. Without it `heldBy` is the rule of the kind, and
   * literals
   * that only the seal brings to light (behind generics, lists and outer objects) are not found.
   */
  readonly probe?: boolean
  readonly engine?: 'typescript-7' | 'typescript-6'
  /** Globs of test files. Default: the usual names and directories. */
  readonly testFiles?: readonly string[]
  /** Texts that stand for those on disk, by path relative to the root: a scan of the tree as it would be. */
  readonly texts?: ReadonlyMap<string, string>
  /** What was parsed of the tree before: none of it is parsed again for its outline. */
  readonly readOutline?: KnownOutline
  /** Absolute directory where answers are kept by the content that they come from. Left out, nothing is kept. */
  readonly cache?: string
  readonly onProgress?: (progress: ScanProgress) => void
  /** Aborting it ends the scan with the signal's reason. */
  readonly signal?: AbortSignal
}

export type ScanResult = {
  readonly root: string
  readonly compiler: string | undefined
  readonly questions: 'all' | 'fast'
  /** Sorted by file, then position. */
  readonly findings: readonly Finding[]
  readonly canonical: DefinitionFact | undefined
  /** Why this definition was taken for the canonical one: one sentence. */
  readonly canonicalEvidence: string
  readonly definitions: readonly DefinitionFact[]
  readonly duplicates: readonly DuplicateFact[]
  /** Definitions in generated code, left out unless asked for. */
  readonly generated: readonly DefinitionFact[]
  readonly factories: readonly FactoryFact[]
  readonly trust: Trust
  readonly totals: {
    readonly files: number
    readonly byKind: Readonly<Record<string, number>>
    readonly heldByTsc: number
    readonly heldByCheck: number
  }
  /** True when something could not be analysed: the command must not exit 0. */
  readonly partial: boolean
  readonly reasons: readonly string[]
  /** Left out and named. A command whose answer lacks one that concerns the type ends with 2. */
  readonly skipped: readonly SkippedFact[]
  /** Files with a finding that no test imports, directly or through others. */
  readonly untested: readonly string[]
  /** SHA-256 (hex) of each analysed file as it was read, by path relative to the root. */
  readonly digests: Readonly<Record<string, string>>
  /** Texts of the analysed files that name a suppression or a vouching, as they were read, by path as above. */
  readonly marked: ReadonlyMap<string, string>
  /** What is to be known of this run beside its findings. */
  readonly notes?: readonly string[]
}

/** The part of a result that is kept: the texts are read anew. */
export type KeptResult = Omit<ScanResult, 'marked'>

/** The scan itself: `scan` of ./scan.ts. Throws AdoptError when it could not run. */
export type Scan = (options: ScanOptions) => Promise<ScanResult>
