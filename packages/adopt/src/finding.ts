/**
 * What the adoption tool reports: the vocabulary that scan, migrate, check and every report share.
 */

/**
 * How a value of the context type comes into being at a site, or what kind of definition stands there.
 *
 * The family are the types whose constructions are sites: the canonical definition, and every definition found as
 * `definition-equal`, `definition-overlap` or `definition-shape`. Constructions of collisions and suspects are no
 * sites. Every definition is a finding but the canonical one, collisions and suspects included.
 *
 * One site has one kind: the outermost of `satisfies` and casts wins over the literal inside it. A literal is looked at
 * through parentheses, `??`, `||`, `&&`, `? :`, `as const`, `await`, `Promise.resolve(…)`, arrays and spreads; what
 * holds the outermost of these names the kind. Every such literal is a site of its own (`a ? {…} : {…}` are two); a
 * literal that is only spread into another one (`{ ...{ userId } }`) is part of that one. The site is the literal, the
 * assertion, the `new` or the `any` expression: `start` to `end` of that node without the parentheses around it.
 *
 * No sites: anything inside the canonical definition's own body or inside a sanctioned factory
 * (`ScanOptions.factories`); a cast of a value that already is the type, the type or null, or a class or interface
 * derived from it; a value inside a type-only position.
 */
export type FindingKind =
  // Definitions. The canonical one itself is no finding. The site is the whole declaration, `export` not included.
  | 'definition-equal' // same name, mutually assignable, with name or field evidence (class A)
  | 'definition-overlap' // same name, some fields shared (class B)
  | 'definition-collision' // same name, disjoint: another thing, never merged (class C)
  | 'definition-shape' // another name, same shape (class D, score 0.8 and above)
  | 'definition-suspect' // another name, similar shape (class D, score 0.5 to 0.8): never fails CI
  // Functions that give a context: a named function, method, getter, or function bound to a variable or property, with
  // a body, whose declared or inferred return type is T, T or null or undefined, or a Promise of these. Not: overload
  // signatures, interface and abstract members, nameless callbacks, constructors. The site is the function (for a
  // variable: the function expression). A literal or `new` inside a factory is a site as well.
  | 'factory'
  // Direct constructions
  | 'new' // new T(...), of a class that extends T too, and Reflect.construct(T, …)
  | 'literal-annotation' // const context: T = {...}, also assignment to a variable of type T
  | 'literal-return' // return {...}, yield or an arrow's body in a function whose declared or contextual type gives T
  | 'literal-inferred-return' // return {...} in a function without return type, whose result flows into T
  | 'literal-argument' // run({...}), run([{...}]), also `a ?? {...}`, `a || {...}`; the argument of `new` and of `push`
  | 'literal-property' // { context: {...} } where the property has type T; class fields; JSX attributes
  | 'literal-satisfies' // {...} satisfies T
  | 'literal-default' // function run(context: T = {...}), also a default in destructuring
  | 'literal-untyped' // const context = {...}; run(context): once, at the literal; also in an untyped list or object
  | 'cast' // value as T, <T>value, also `as T | undefined`, `as Readonly<T>`, `as Promise<T>`, `as T[]`
  | 'cast-double' // value as unknown as T, value as any as T: the operand asserts unknown, any or never
  | 'cast-downcast' // value as T where the source's class or interface is a base of T or shares a base with T
  | 'any-flow' // an `any` value where T or a type that holds T is expected, also `as never` and `undefined!`
  | 'loose-method' // a method for T used, or overriding one, in a type whose method takes anything
  | 'suppressed-error' // @ts-ignore or @ts-expect-error above run(body): what tsc would refuse
  | 'context-write' // Object.assign(c, …), (c as any).userId = …, delete (c as any).runId: past `readonly`
  | 'generic-result' // mock<T>(), container.get<T>('x'): the type argument or the place invents the result
  | 'type-guard' // value is T, asserts value is T, of a value that is not typed as one
  | 'declared-value' // declare const c: T, let c!: T, declare function f(): T: nothing makes the value
  | 'identity-provider' // identityProvider({…}): a place to audit, for it turns credentials into a user
  | 'provider-echo' // … whose verify gives back its own argument
  | 'vouched-reason' // vouchForUser(user, { reason }) or outlivesIdentity with a reason that is no written text
  | 'look-alike' // a value of another type that fits: Object.assign(), schema.parse(), another class

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
  /** Name of the type this site makes or defines: the definition's own name, not an import alias. */
  readonly type: string
  /**
   * Enclosing symbol as a dotted path (`ChatService.handle`), empty at module level: namespaces, classes, functions,
   * methods and variables that hold a function or class. A definition's or factory's own name is not in it. Nameless
   * callbacks add nothing.
   */
  readonly enclosing: string
  /** The site's source text with white space folded and comments removed: input of the fingerprint. */
  readonly text: string
  /** Tiered content fingerprint, see fingerprint.ts. No line numbers go into it. */
  readonly fingerprint: string
  readonly heldBy: HeldBy
  /**
   * Origin of an `any` (`JSON.parse`, `request body`, `parameter input`), callers of a factory, the pair of a
   * definition.
   */
  readonly details?: Readonly<Record<string, unknown>>
}
