/**
 * Texts that are looked at once more after the scan, so that no file is read twice.
 */
import type { SourceTree } from '../engine/source-tree.ts'

/** What suppressions begin with, and what is counted down: a file without them holds neither. */
export const marks = ['context-allow', 'vouchForUser'] as const

/** @param digests of the files that were analysed, by path relative to the root */
export const markedTexts = (
  { root, files }: SourceTree,
  digests: Readonly<Record<string, string>>,
): ReadonlyMap<string, string> =>
  new Map(
    [...files.values()].flatMap(({ path, text }) => {
      const relativePath = path.slice(root.length + 1)
      const isMarked = marks.some((mark) => text.includes(mark)) && Object.hasOwn(digests, relativePath)
      return isMarked ? [[relativePath, text] as const] : []
    }),
  )
