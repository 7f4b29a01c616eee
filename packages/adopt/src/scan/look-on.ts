/**
 * Looks through the parts of a type. One whose answer is still to come does not hold up those behind it, so that what
 * is asked ahead is asked of all parts at once. In earnest every answer is there.
 */
import { isUnanswered } from '../engine/ask-together.ts'

/** The first answer that is not undefined. */
export const firstOf = <In, Out>(
  values: readonly In[],
  find: (value: In, at: number) => Out | undefined,
): Out | undefined => {
  for (let at = 0; at < values.length; at++) {
    try {
      const found = find(values[at]!, at)
      if (found !== undefined) return found
    } catch (cause) {
      if (!isUnanswered(cause)) throw cause
    }
  }
  return undefined
}

/** Whether the test holds for one of them. */
export const someOf = <In>(values: readonly In[], test: (value: In) => boolean): boolean =>
  firstOf(values, (value) => test(value) || undefined) === true
