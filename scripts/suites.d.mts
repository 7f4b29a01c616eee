export type Suite = {
  readonly name: string
  readonly directory: string
  readonly command: readonly string[]
  readonly needsChromium?: boolean
  readonly ci?: boolean
  readonly longestMs?: number
  readonly soak?: boolean
}
export declare const suites: readonly Suite[]
/** The suites that a word names: the one of this name, and all suites of a package by the name of its directory. */
export declare function suitesNamed(word: string): readonly Suite[]
