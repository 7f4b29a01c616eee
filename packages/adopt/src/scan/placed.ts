/** A place where a value goes, as far as syntax tells. */
import type { Span } from './span.ts'

/** Where a value goes, as far as syntax tells: it names the kind of a literal. */
export type Position =
  | 'annotation'
  | 'return'
  | 'argument'
  | 'property'
  | 'satisfies'
  | 'default'
  | 'untyped'
  | 'cast'
  | 'nowhere'

/** A place where a value goes, with the places where a compiler reports that it does not fit. */
export type Placed = {
  readonly position: Position
  /** The declarator, return, property, assignment, parameter or argument: a diagnostic inside it is about the value. */
  readonly anchor: Span
  /** For arguments the callee: overloaded calls are reported there. */
  readonly callee: Span | undefined
  /** Which argument of the callee it is, from 0. */
  readonly index?: number
}
