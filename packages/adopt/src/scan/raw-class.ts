/** What syntax says about a class: what it extends, and the methods that may narrow it. */
import type { Span } from './span.ts'

export type RawClass = Span & {
  readonly name: string
  /** The class that it extends with type arguments, beside its own name and those of its members. */
  readonly base: { readonly own: Span; readonly callee: Span; readonly members: readonly string[] } | undefined
}

/** A typed parameter of a method whose class extends or implements something; the site is the parameter. */
export type RawMethod = Span & {
  readonly name: string
  readonly annotation: Span
  readonly className: Span
  /** What the class implements, type arguments included. */
  readonly implemented: readonly Span[]
  readonly enclosing: string
}
