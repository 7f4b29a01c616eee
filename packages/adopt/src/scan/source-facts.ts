/**
 * Facts of every file of the tree, and on demand of declaration files outside it. Each file is parsed once.
 */
import { readSource, type SourceText, type SourceTree } from '../engine/source-tree.ts'
import { type Oxc, parseSource } from '../engine/syntax.ts'
import { collectFacts } from './collect-facts.ts'
import { parseCandidates } from './fast-candidates.ts'
import type { FileFacts } from './file-facts.ts'
import type { FactsOf } from './name-resolution.ts'

export type SourceFacts = {
  /** In order of path. */
  readonly files: ReadonlyMap<string, FileFacts>
  readonly factsOf: FactsOf
  /** Text of a file outside the tree that was read for its facts. */
  readonly textOf: (file: string) => string
}

/**
 * @param typeNames given for the fast questions: then only files that may matter are parsed before somebody asks for them
 * @throws AdoptError `FILE_UNPARSABLE` naming the first file of the tree that does not parse
 */
export const collectSourceFacts = (
  oxc: Oxc,
  tree: SourceTree,
  onFile: (done: number, total: number) => void,
  typeNames?: readonly string[],
): SourceFacts => {
  let done = 0
  const parse = (source: SourceText): FileFacts => {
    const facts = collectFacts(
      oxc,
      source.path,
      source.text,
      parseSource(oxc, source, tree.root),
      typeNames ? 'fast' : 'all',
    )
    onFile(++done, tree.files.size)
    return facts
  }
  const files = typeNames
    ? parseCandidates(tree, typeNames, parse)
    : new Map([...tree.files].map(([path, source]) => [path, parse(source)]))
  onFile(tree.files.size, tree.files.size)
  const outside = new Map<string, FileFacts | undefined>()
  const texts = new Map<string, string>()
  const readOutside = (file: string): FileFacts | undefined => {
    try {
      const source = tree.files.get(file) ?? readSource(file)
      texts.set(file, source.text)
      return collectFacts(oxc, file, source.text, parseSource(oxc, source, tree.root), 'fast')
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
  return { files, factsOf, textOf: (file) => texts.get(file) ?? '' }
}
