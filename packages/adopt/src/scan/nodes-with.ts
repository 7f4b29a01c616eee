/**
 * Which nodes of a file are worth walking into: those in whose text one of the words looked for stands.
 */
import { hasLongChain } from '../engine/nesting-depth.ts'
import type { SyntaxNode } from '../engine/syntax.ts'

/** @param words global; found once in the whole text */
export const nodesWith = (text: string, words: RegExp): ((node: SyntaxNode) => boolean) => {
  // A tree that is too deep shows when it is walked.
  if (hasLongChain(text)) return () => true
  const places = [...text.matchAll(words)].map(({ index }) => index)
  return ({ start, end }) => {
    let low = 0
    let high = places.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (places[middle]! < start) low = middle + 1
      else high = middle
    }
    return low < places.length && places[low]! < end
  }
}
