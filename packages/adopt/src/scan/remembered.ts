/**
 * Answers each question about a type once.
 */
import { questionsPutOff } from '../engine/ask-together.ts'
import type { CheckedType } from '../engine/checker.ts'

/** More than the levels that any question looks into a type. */
const levels = 8

/**
 * @param meanwhile what a question is answered that leads back to itself: a type may contain itself
 * @param ask an answer that had to wait for another, or failed, is not kept
 */
export const remembered = <Answer>(
  meanwhile: NoInfer<Answer>,
  ask: (type: CheckedType, depth: number) => Answer,
): ((type: CheckedType, depth?: number) => Answer) => {
  const answers = new Map<number, Answer>()
  return (type, depth = 0) => {
    const key = type.id * levels + depth
    const known = answers.get(key)
    if (known !== undefined || answers.has(key)) return known as Answer
    answers.set(key, meanwhile)
    const before = questionsPutOff()
    let isKnown = false
    try {
      const answer = ask(type, depth)
      answers.set(key, answer)
      isKnown = questionsPutOff() === before
      return answer
    } finally {
      if (!isKnown) answers.delete(key)
    }
  }
}
