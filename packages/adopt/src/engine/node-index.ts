/**
 * Finds compiler nodes by position in the flat node table that TypeScript 7 sends for a file.
 * Only the nodes asked for are ever built; walking the tree would cost more than checking it.
 */
import type { Node, SourceFile } from 'typescript/unstable/ast'

// Layout of the table in the pinned 7.0.2 (28 bytes a node: kind, pos, end, …). node-index.test.ts holds it against the
// real tree.
const nodeBytes = 28
const posOffset = 4
const endOffset = 8
const parentOffset = 16
const listKind = 0xffffffff
const typeReferenceKind = 184
const heritageKind = 234 // What follows `extends` and `implements`.

/** The parts of the remote source file that hold the table. */
type Table = SourceFile & {
  readonly view: DataView
  readonly _offsetNodes: number
  readonly getOrCreateNodeAtIndex: (index: number) => Node
}

/** Looks nodes up by the span of their tokens. */
export type NodeIndex = {
  readonly text: string
  /** The innermost node from `start` to `end`; undefined when no node ends there. */
  readonly find: (start: number, end: number) => Node | undefined
}

/** Builds the index of one file: one pass over the table, no node is built. */
export const indexNodes = (sourceFile: SourceFile): NodeIndex => {
  const table = sourceFile as Table
  const { view, _offsetNodes: offset } = table
  const count = (view.byteLength - offset) / nodeBytes
  // Nodes of one end are a chain, the latest in the table first.
  const latest = new Int32Array(sourceFile.text.length + 1)
  const earlier = new Int32Array(count)
  for (let index = 2; index < count; index++) {
    const at = offset + index * nodeBytes
    if (view.getUint32(at, true) === listKind) continue
    const end = view.getInt32(at + endOffset, true)
    earlier[index] = latest[end]!
    latest[end] = index
  }
  const posOf = (index: number): number => view.getInt32(offset + index * nodeBytes + posOffset, true)
  const find = (start: number, end: number): Node | undefined => {
    let best = 0
    for (let index = latest[end] ?? 0; index !== 0; index = earlier[index]!) {
      const pos = posOf(index)
      // Nodes with one end are nested, so the latest start that is not past ours is the innermost that can begin here.
      // Of two with one start the table has the outer first.
      if (pos <= start && (best === 0 || pos > posOf(best))) best = index
    }
    if (best === 0) return undefined
    // A type's name alone has no type of its own; the reference around it, which spans the same, has.
    const parent = view.getUint32(offset + best * nodeBytes + parentOffset, true)
    return table.getOrCreateNodeAtIndex(isReferenceAround(parent, best) ? parent : best)
  }
  const kindOf = (index: number): number => view.getUint32(offset + index * nodeBytes, true)
  const endOf = (index: number): number => view.getInt32(offset + index * nodeBytes + endOffset, true)
  const isReferenceAround = (outer: number, inner: number): boolean =>
    (kindOf(outer) === typeReferenceKind || kindOf(outer) === heritageKind) &&
    endOf(outer) === endOf(inner) &&
    posOf(outer) === posOf(inner)
  return { text: sourceFile.text, find }
}

/** Offset of the first token at or after `pos`: blanks and comments skipped. */
export const skipTrivia = (text: string, pos: number): number => {
  const trivia = /(?:\s+|\/\/[^\n\r]*|\/\*[\s\S]*?\*\/|#![^\n\r]*)*/y
  trivia.lastIndex = pos
  return pos + (trivia.exec(text)?.[0].length ?? 0)
}
