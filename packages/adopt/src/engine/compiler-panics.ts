/**
 * Goes on where TypeScript 7.0.2 stops answering. It cannot write down the type of a fresh `[]` where a tuple is
 * expected, and refuses every answer that such a type is a part of.
 */
import type { Checker as Checker7, Symbol as Symbol7, Type } from 'typescript/unstable/sync'

/** True for an answer that the compiler gave up: its process goes on. */
export const isPanic = (cause: unknown): boolean => cause instanceof Error && cause.message.startsWith('panic:')

/** True when the compiler gave up on an empty tuple. Where that is all of the answer, nothing is hidden. */
export const isEmptyTuple = (cause: unknown): boolean =>
  isPanic(cause) && (cause as Error).message.includes('checker.TypeReference, not *checker.TupleType')

/** Types of symbols in order; those that the compiler cannot write down are empty tuples, and left open. */
export const typesOfSymbols = (checker: Checker7, symbols: readonly Symbol7[]): (Type | undefined)[] => {
  if (symbols.length === 0) return []
  try {
    return checker.getTypeOfSymbol(symbols)
  } catch (cause) {
    if (!isEmptyTuple(cause)) throw cause
    if (symbols.length === 1) return [undefined]
    return symbols.flatMap((symbol) => typesOfSymbols(checker, [symbol]))
  }
}

/**
 * Asks about the parts of a type, and again about the type as a variable would have it, in which no tuple is fresh.
 *
 * @param onFailure told when neither is answered: the parts stay unknown
 */
export const partsOf = <Part>(
  checker: Checker7,
  type: Type,
  ask: (type: Type) => readonly Part[],
  onFailure: () => void,
): readonly Part[] => {
  try {
    return ask(type)
  } catch (cause) {
    if (!isPanic(cause)) throw cause
  }
  try {
    return ask(checker.getWidenedType(type) ?? type)
  } catch (cause) {
    if (!isPanic(cause)) throw cause
    onFailure()
    return []
  }
}
