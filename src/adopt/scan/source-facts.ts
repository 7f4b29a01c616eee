/**
 * Facts of every file of the tree, and on demand of declaration files outside it. Each file is parsed once.
 * Beside the floors.
 */
import { readSource, type SourceTree } from '../engine/source-tree.ts'
import { type Oxc, parseSource } from '../engine/syntax.ts'
import { collectFacts, type Depth } from './collect-facts.ts'
import type { FileFacts } from './file-facts.ts'
import type { FactsOf } from './name-resolution.ts'

export type SourceFacts = {
  /** In order of path. */
  readonly files: ReadonlyMap<string, FileFacts>
  readonly factsOf: FactsOf
  /** Text of a file outside the tree that was read for its facts. */
  readonly textOf: (file: string) => string
}

/** @throws AdoptError `FILE_UNPARSABLE` naming the first file of the tree that does not parse */
export const collectSourceFacts = (oxc: Oxc, tree: SourceTree, onFile: (done: number, total: number) => void, depth: Depth = 'all'): SourceFacts => {
  const files = new Map<string, FileFacts>()
  for (const source of tree.files.values()) {
    files.set(source.path, collectFacts(oxc, source.path, source.text, parseSource(oxc, source, tree.root), depth))
    onFile(files.size, tree.files.size)
  }
  const outside = new Map<string, FileFacts | undefined>()
  const texts = new Map<string, string>()
  const readOutside = (file: string): FileFacts | undefined => {
    try {
      const source = readSource(file)
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
