/**
 * Unified diff of one file, three lines of context, in the form that `git apply` and `patch -p1` take.
 */
import { FILE_HEADERS_ONLY, formatPatch, structuredPatch } from 'diff'

/** @returns The diff with its `---` and `+++` lines, or an empty string when the texts are equal. */
export const toUnifiedDiff = (file: string, before: string, after: string): string => {
  if (before === after) return ''
  const patch = structuredPatch(`a/${file}`, `b/${file}`, before, after, undefined, undefined, { context: 3 })
  return formatPatch(patch, FILE_HEADERS_ONLY)
}
