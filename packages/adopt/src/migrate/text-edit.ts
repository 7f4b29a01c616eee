/**
 * Edits of one file by UTF-16 offset, applied together. What lies outside an edit keeps every byte.
 */
import MagicString from 'magic-string'

/**
 * Replaces `start` to `end` (end excluded) by `text`; an insertion when both are equal. Offsets as in
 * `SourceText.text`.
 */
export type TextEdit = { readonly start: number; readonly end: number; readonly text: string }

/**
 * Applies edits that were all made against the same text. Insertions at one offset keep their order.
 *
 * @throws {Error} When two replacements overlap: applying them would mix two rewrites of one expression.
 */
export const applyTextEdits = (text: string, edits: readonly TextEdit[]): string => {
  const sorted = edits
    .map((edit, order) => ({ ...edit, order }))
    .sort((a, b) => a.start - b.start || a.end - b.end || a.order - b.order)
  const result = new MagicString(text)
  let reached = 0
  for (const edit of sorted) {
    if (edit.start < reached) throw new Error(`two edits overlap at offset ${edit.start}`)
    if (edit.start === edit.end) result.appendLeft(edit.start, edit.text)
    else result.update(edit.start, edit.end, edit.text)
    reached = edit.end
  }
  return result.toString()
}
