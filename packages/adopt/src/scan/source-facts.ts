/**
 * Outline of every file of the tree, and on demand of declaration files outside it; all facts of a file when they are
 * asked for. What is asked once is not kept: a tree has more facts than a machine has memory.
 */
import { relative } from 'node:path'
import { AdoptError } from '../adopt-error.ts'
import { readSource, type SkippedFile, type SourceText } from '../engine/source-text.ts'
import type { SourceTree } from '../engine/source-tree.ts'
import { parseSyntax, type SyntaxNode, type SyntaxTree } from '../engine/syntax.ts'
import { collectFacts } from './collect-facts.ts'
import { collectOutline, toOutline } from './collect-outline.ts'
import { parseCandidates } from './fast-candidates.ts'
import { nodesWith } from './nodes-with.ts'
import type { FileFacts, FileOutline } from './file-facts.ts'
import type { FactsOf, OutlineOf } from './name-resolution.ts'
import { toShapeDigest } from './shape-digest.ts'

export type SourceFacts = {
  /** In order of path. */
  readonly files: ReadonlyMap<string, FileOutline>
  readonly outlineOf: OutlineOf
  /** Parses the file, or takes what it still has of it. */
  readonly factsOf: FactsOf
  /** Outlines of texts that were read for more, for a scan of the same tree: `every` file. */
  readonly readOutline: KnownOutline
  /** Files of the tree that do not parse. A file may join them when all its facts are asked for. */
  readonly skipped: readonly SkippedFile[]
  /** Text of a file outside the tree that was read for its outline. */
  readonly textOf: (file: string) => string
}

/** The outline of a text that was parsed before. */
export type KnownOutline = (source: SourceText) => FileOutline | undefined

/** How many files' facts are kept: a question asks about one file again within this many others. */
const keptFacts = 600

/**
 * Reads the outlines. A file that does not parse is left out and named; the rest is not stopped.
 *
 * @param typeNames given for the fast questions: then only files that may matter are parsed, once, and their facts are
 * kept; `every` file where the type is not known yet
 * @param knownOutline the outline of a text that was parsed before
 * @param isLikely whether all facts of a text are going to be asked for: then one parse is enough
 */
export const collectSourceFacts = (
  tree: SourceTree,
  onFile: (done: number, total: number) => void,
  typeNames?: readonly string[] | 'every',
  knownOutline: KnownOutline = () => undefined,
  isLikely: (text: string) => boolean = () => false,
): SourceFacts => {
  const kept = new Map<string, FileFacts | undefined>()
  let done = 0
  const skipped: SkippedFile[] = []
  const parse = ({ path, text }: SourceText): SyntaxTree =>
    parseSyntax(relative(tree.root, path), text, { keepsParentheses: true })
  const read = <Facts>(source: SourceText, collect: (tree: SyntaxTree) => Facts): Facts | undefined => {
    try {
      return collect(parse(source))
    } catch (cause) {
      skipped.push({ path: source.path, reason: reasonOf(cause), text: source.text })
      return undefined
    }
  }
  const counted = <Facts>(collect: (source: SourceText) => Facts) => {
    return (source: SourceText): Facts => {
      onFile(++done, tree.files.size)
      return collect(source)
    }
  }
  const outlines = new Map<string, FileOutline>()
  const readFast = counted((source) =>
    read(source, (parsed) => {
      if (typeNames === 'every') outlines.set(`${source.path}:${source.digest}`, outlineIn(source, parsed))
      return collectFacts(source.path, source.text, programOf(parsed), 'fast', nodesWith(source.text, fastWords))
    }),
  )
  const firstOutline = (source: SourceText, parsed: SyntaxTree): FileOutline => {
    const { path, text } = source
    if (kept.size >= keptFacts || !isLikely(text)) return outlineIn(source, parsed)
    const facts = collectFacts(path, text, programOf(parsed))
    kept.set(path, facts)
    return toOutline(facts, toShapeDigest(path, text, programOf(parsed), parsed.comments))
  }
  const fast = typeNames === 'every' ? eachOf(tree, readFast) : typeNames && parseCandidates(tree, typeNames, readFast)
  const files =
    fast ??
    eachOf(
      tree,
      counted((source) => knownOutline(source) ?? read(source, (parsed) => firstOutline(source, parsed))),
    )
  onFile(tree.files.size, tree.files.size)
  const outside = new Map<string, FileOutline | undefined>()
  const texts = new Map<string, string>()
  const readOutside = (file: string): FileOutline | undefined => {
    try {
      const source = tree.files.get(file) ?? readSource(file)
      texts.set(file, source.text)
      return outlineIn({ ...source, path: file }, parse(source))
    } catch {
      return undefined // a package's declarations are not the user's to repair; the name stays unresolved
    }
  }
  const outlineOf: OutlineOf = (file) => {
    const inside = files.get(file)
    if (inside || !/\.[cm]?tsx?$/.test(file)) return inside
    if (!outside.has(file)) outside.set(file, readOutside(file))
    return outside.get(file)
  }
  const factsOf: FactsOf = (file) => {
    const source = files.has(file) ? tree.files.get(file) : undefined
    if (!source || fast) return fast?.get(file)
    if (!kept.has(file)) {
      if (kept.size >= keptFacts) kept.delete(kept.keys().next().value!)
      kept.set(
        file,
        read(source, (parsed) => collectFacts(file, source.text, programOf(parsed))),
      )
    }
    return kept.get(file)
  }
  const readOutline: KnownOutline = ({ path, digest }) => outlines.get(`${path}:${digest}`)
  return { files, skipped, outlineOf, readOutline, factsOf, textOf: (file) => texts.get(file) ?? '' }
}

const programOf = ({ program }: SyntaxTree): SyntaxNode => program as unknown as SyntaxNode

const outlineIn = ({ path, text }: SourceText, parsed: SyntaxTree): FileOutline =>
  collectOutline(path, text, programOf(parsed), parsed.comments)

/** What the fast questions are about begins with one of these. */
const fastWords = /\b(?:import|export|class|interface|type|module|namespace|new|as)\b|</g

const eachOf = <Facts>(tree: SourceTree, read: (source: SourceText) => Facts | undefined): Map<string, Facts> => {
  const files = new Map<string, Facts>()
  for (const [path, source] of tree.files) {
    const facts = read(source)
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
