/**
 * Answers each question about a type once.
 */
import { putOffAgain, questionsPutOff, roundOfQuestions } from '../engine/ask-together.ts'
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
  const waiting = toWaitingList<Answer>()
  return (type, depth = 0) => {
    const key = type.id * levels + depth
    const known = answers.get(key)
    if (known !== undefined || answers.has(key)) return known as Answer
    const early = waiting.find(key)
    if (early) {
      putOffAgain()
      return early()
    }
    answers.set(key, meanwhile)
    const before = questionsPutOff()
    let isKnown = false
    let outcome: () => Answer = () => meanwhile
    try {
      const answer = ask(type, depth)
      outcome = () => answer
      answers.set(key, answer)
      isKnown = questionsPutOff() === before
      return answer
    } catch (cause) {
      outcome = () => {
        throw cause
      }
      throw cause
    } finally {
      if (!isKnown) answers.delete(key)
      if (questionsPutOff() !== before) waiting.add(key, outcome)
    }
  }
}

/**
 * What is not known before the next round of questions, and how it ended in this one. Without it a type that is reached
 * on many ways is looked into once for each way: of the types of an ORM, whose properties lead to all others, that is
 * without end.
 */
const toWaitingList = <Answer>() => {
  const ended = new Map<number, () => Answer>()
  let round = 0
  const renew = (): void => {
    if (round === roundOfQuestions()) return
    ended.clear()
    round = roundOfQuestions()
  }
  return {
    find: (key: number): (() => Answer) | undefined => {
      renew()
      return ended.get(key)
    },
    add: (key: number, outcome: () => Answer): void => {
      renew()
      ended.set(key, outcome)
    },
  }
}
