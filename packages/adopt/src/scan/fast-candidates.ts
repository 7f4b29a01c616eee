/**
 * Which files the fast questions have to parse: those that define types, and those that name the type and construct
 * something.
 * A look at the text costs a tenth of parsing it.
 */
import type { SourceText } from '../engine/source-text.ts'
import type { SourceTree } from '../engine/source-tree.ts'
import type { FileFacts } from './file-facts.ts'

/** Parses what is wanted and leaves the rest. Names grow as parsed files export the type under others. */
export const parseCandidates = (
  tree: SourceTree,
  typeNames: readonly string[],
  parse: (source: SourceText) => FileFacts | undefined,
): Map<string, FileFacts> => {
  const names = new Set(typeNames)
  const parsed = new Map<string, FileFacts>()
  let waiting = [...tree.files.values()]
  const takeAll = (isWanted: (source: SourceText) => boolean): void => {
    const left: SourceText[] = []
    for (const source of waiting) {
      if (!isWanted(source)) {
        left.push(source)
        continue
      }
      const facts = parse(source)
      if (facts) parsed.set(source.path, facts)
    }
    waiting = left
  }
  takeAll(({ text }) => definition.test(text))
  for (let known = 0; known !== names.size;) {
    known = names.size
    const mentions = new RegExp([...names].map((name) => name.replace(/[^\w]/g, '\\$&')).join('|'))
    takeAll(({ text }) => mentions.test(text) && (construction.test(text) || passingOn.test(text)))
    for (const facts of parsed.values()) addAliases(facts, names)
    // Whoever imports a default gives it any name.
    if (names.has('default')) takeAll(() => true)
  }
  return new Map([...parsed].sort(([a], [b]) => (a < b ? -1 : 1)))
}

const definition = /\b(?:class|interface)\s+[\p{L}_$]|\btype\s+[\p{L}_$][^;={}]*=/u
const construction = /\bnew\b|\bas\b|<\s*[\w$.]+[^<>=]*>\s*[\w$({["'`]/
const passingOn = /\bexport\b[^;]*\bfrom\b|\bexport\s*(?:[={]|default\b)/

const addAliases = ({ exports, definitions }: FileFacts, names: Set<string>): void => {
  for (const { local, exported } of exports) if (names.has(local)) names.add(exported)
  for (const { name, aliasOf } of definitions) if (aliasOf !== undefined && names.has(aliasOf)) names.add(name)
}
