/**
 * The one error of the adoption tool: it could not run.
 * Findings are never errors; a command that throws this one ends with exit code 2.
 */

/** Why the tool could not run. Stable: machines may branch on it. */
export type AdoptErrorCode =
  | 'ENGINE_ABSENT' // an optional engine (oxc-parser, typescript, …) is not installed
  | 'ENGINE_VERSION' // the engine found is not the pinned one
  | 'ENGINE_FAILED' // the compiler process stopped or answered nonsense
  | 'FILE_UNPARSABLE'
  | 'FILE_UNREADABLE'
  | 'FILE_CHANGED' // between reading it and using what was read
  | 'TREE_UNWRITABLE'
  | 'TREE_DIRTY'
  | 'TREE_UNVERSIONED' // no git work tree around it: nothing but --undo would put a write back
  | 'SYMLINK_LOOP'
  | 'TSCONFIG_ABSENT'
  | 'TSCONFIG_UNREADABLE'
  | 'NO_TYPESCRIPT' // the directory holds no TypeScript file
  | 'TYPE_UNKNOWN' // no definition or import of the name that the user gave
  | 'TARGET_ABSENT' // the module that migrate moves code to does not resolve
  | 'TESTS_RED' // the tests that migrate --verify was given fail before any edit
  | 'NOTHING_TO_UNDO' // migrate --undo without a write
  | 'USAGE'

/**
 * The tool could not run. The message is for the person at the terminal: what happened, the file, and what to do.
 * It may name files and types, and never holds source text, values or ids.
 */
export class AdoptError extends Error {
  override readonly name = 'AdoptError'
  readonly code: AdoptErrorCode
  /** Exit code of the process: 2 says "could not run", never "clean" and never "findings". */
  readonly exitCode = 2
  /** The file it is about, absolute or relative to the root as the message shows it. */
  readonly file: string | undefined

  constructor(
    code: AdoptErrorCode,
    message: string,
    options: { readonly file?: string; readonly cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.file = options.file
  }
}
