/**
 * Facts of every file of the tree, and on demand of declaration files outside it. Each file is parsed once.
 */
import { relative } from 'node:path'
import { AdoptError } from '../adopt-error.ts'
import { readSource, type SkippedFile, type SourceText } from '../engine/source-text.ts'
import type { SourceTree } from '../engine/source-tree.ts'
import { parseSyntax, type SyntaxNode } from '../engine/syntax.ts'
import { collectFacts } from './collect-facts.ts'
import { parseCandidates } from './fast-candidates.ts'
import type { FileFacts } from './file-facts.ts'
import type { FactsOf } from './name-resolution.ts'

export type SourceFacts = {
  /** In order of path. */
  readonly files: ReadonlyMap<string, FileFacts>
  readonly factsOf: FactsOf
  /** Files of the tree that do not parse. */
  readonly skipped: readonly SkippedFile[]
  /** Text of a file outside the tree that was read for its facts. */
  readonly textOf: (file: string) => string
}

/**
 * @param typeNames given for the fast questions: then only files that may matter are parsed before somebody asks for them
 * A file that does not parse is left out and named; the rest is not stopped.
 */
export const collectSourceFacts = (
  tree: SourceTree,
  onFile: (done: number, total: number) => void,
  typeNames?: readonly string[],
): SourceFacts => {
  let done = 0
  const skipped: SkippedFile[] = []
  const parse = ({ path, text }: SourceText): SyntaxNode =>
    parseSyntax(relative(tree.root, path), text, true).program as unknown as SyntaxNode
  const collect = (source: SourceText): FileFacts | undefined => {
    onFile(++done, tree.files.size)
    try {
      return collectFacts(source.path, source.text, parse(source), typeNames ? 'fast' : 'all')
    } catch (cause) {
      skipped.push({ path: source.path, reason: reasonOf(cause), text: source.text })
      return undefined
    }
  }
  const files = typeNames ? parseCandidates(tree, typeNames, collect) : parseAll(tree, collect)
  onFile(tree.files.size, tree.files.size)
  const outside = new Map<string, FileFacts | undefined>()
  const texts = new Map<string, string>()
  const readOutside = (file: string): FileFacts | undefined => {
    try {
      const source = tree.files.get(file) ?? readSource(file)
      texts.set(file, source.text)
      return collectFacts(file, source.text, parse(source), 'fast')
    } catch {
      return undefined // a package's declarations are not the user's to repair; the name stays unresolved
    }
  }
  const factsOf: FactsOf = (file) => {
    const inside = files.get(file)
    if (inside || !/\.[cm]?tsx?$/.test(file)) return inside
    if (!outside.has(file)) outside.set(file, readOutside(file))
    return outside.get(file)
  }
  return { files, skipped, factsOf, textOf: (file) => texts.get(file) ?? '' }
}

const parseAll = (
  tree: SourceTree,
  parse: (source: SourceText) => FileFacts | undefined,
): ReadonlyMap<string, FileFacts> => {
  const files = new Map<string, FileFacts>()
  for (const [path, source] of tree.files) {
    const facts = parse(source)
    if (facts) files.set(path, facts)
  }
  return files
}

/** A tree that is too deep for the walk ends in a RangeError. */
const reasonOf = (cause: unknown): string => {
  if (cause instanceof RangeError) return 'it is nested too deeply'
  if (cause instanceof AdoptError)
    return cause.message
      .replace(/^\S+?(:\d+)? /, (_, line: string = '') => `${line && `line ${line.slice(1)} `}`)
      .replace(/ Repair it.*$/, '')
  throw cause
}
