/**
 * What the adoption tool reports: the vocabulary that scan, migrate, check and every report share.
 * Beside the floors: imports none of them.
 */

/** How a value of the context type comes into being at a site, or what kind of definition stands there. */
export type FindingKind =
  // Definitions
  | 'definition-equal' // same name, mutually assignable, with name or field evidence (class A)
  | 'definition-overlap' // same name, some fields shared (class B)
  | 'definition-collision' // same name, disjoint: another thing, never merged (class C)
  | 'definition-shape' // another name, same shape (class D, score 0.8 and above)
  | 'definition-suspect' // another name, similar shape (class D, score 0.5 to 0.8): never fails CI
  // Functions that give a context
  | 'factory'
  // Direct constructions
  | 'new' // new T(...)
  | 'literal-annotation' // const context: T = {...}, also assignment to a variable of type T
  | 'literal-return' // return {...} from a function whose declared return type is T
  | 'literal-inferred-return' // a factory whose inferred return type is T-shaped and flows into T
  | 'literal-argument' // run({...}), also spreads inside the literal and `a ?? {...}`, `a || {...}`
  | 'literal-property' // { context: {...} } where the property has type T, class fields too
  | 'literal-satisfies' // {...} satisfies T
  | 'literal-default' // function run(context: T = {...})
  | 'literal-untyped' // const context = {...}; run(context): reported at the literal
  | 'cast' // value as T, <T>value
  | 'cast-double' // value as unknown as T
  | 'cast-downcast' // value as T where the source is a member of T's own family (its base or sibling)
  | 'any-flow' // an `any` value used where T is expected

/** What holds the site once the type is sealed: tsc alone, or only `check`. */
export type HeldBy = 'tsc' | 'check'

/** One definition, factory or construction site. Paths are relative to the root, with forward slashes. */
export type Finding = {
  readonly kind: FindingKind
  readonly file: string
  /** 1-based, in UTF-16 code units, the byte order mark not counted: what editors show. */
  readonly line: number
  readonly column: number
  /** UTF-16 offsets into the file's text without its byte order mark. */
  readonly start: number
  readonly end: number
  /** Name of the type this site makes or defines. */
  readonly type: string
  /** Enclosing symbol as a dotted path (`ChatService.handle`), empty at module level. */
  readonly enclosing: string
  /** The site's source text with white space folded and comments removed: input of the fingerprint. */
  readonly text: string
  /** Tiered content fingerprint, see fingerprint.ts. No line numbers go into it. */
  readonly fingerprint: string
  readonly heldBy: HeldBy
  /** Origin of an `any` (`JSON.parse`, `request body`, `parameter input`), callers of a factory, the pair of a definition. */
  readonly details?: Readonly<Record<string, unknown>>
}
