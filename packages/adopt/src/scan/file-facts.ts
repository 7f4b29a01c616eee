/** What syntax alone says about one file: the candidates that the checker is then asked about. */
import type { Placed } from './placed.ts'
import type { RawClass, RawMethod } from './raw-class.ts'
import type { Span } from './span.ts'

export type { Span } from './span.ts'

/** `import { imported as local } from module`; imported is `default` or `*` too. */
export type ImportFact = Span & {
  readonly local: string
  readonly imported: string
  readonly module: string
  readonly localSpan: Span
}

/** `export { local as exported }`, with a module for re-exports; `*` for `export *`. */
export type ExportFact = { readonly exported: string; readonly local: string; readonly module: string | undefined }

export type RawField = {
  readonly name: string
  readonly type: string
  readonly optional: boolean
  readonly method: boolean
}

/** A class, interface or type alias. `body` is where a member can be inserted; for an alias the type's span. */
export type RawDefinition = Span & {
  readonly name: string
  readonly nameSpan: Span
  readonly form: 'interface' | 'class' | 'type'
  readonly exported: boolean
  readonly enclosing: string
  readonly fields: readonly RawField[]
  /** Names of what it extends or intersects. */
  readonly heritage: readonly string[]
  /** Type names that a class's constructor takes: its input is no copy of it. */
  readonly inputs: readonly string[]
  /** For an alias of another name: that name. */
  readonly aliasOf: string | undefined
  readonly body: Span
  /** A class that only its own body can make, and that no copy of its fields fits. */
  readonly isSealed?: true
}

/** A function with a body and a name. */
export type RawFunction = Span & {
  readonly name: string
  readonly nameSpan: Span
  readonly enclosing: string
  /** Parameters and return type as written. */
  readonly signature: string
  /** The type names under the return annotation, `Promise` and unions opened; undefined when it is inferred. */
  readonly returnTypes: readonly TypeLeaf[] | undefined
  readonly returns: readonly Span[]
  readonly validates: boolean
  readonly isCallback: boolean
}

/** A type name as written; `qualifier` is the namespace before its dot. */
export type TypeLeaf = Span & { readonly name: string | undefined; readonly qualifier: string | undefined }

export type RawNew = Span & {
  /** The class: of `Reflect.construct(T, …)` what is passed as one. */
  readonly callee: Span
  readonly isReflective: boolean
  readonly calleeName: string | undefined
  readonly qualifier: string | undefined
  readonly enclosing: string
  readonly placed: Placed
}

export type RawCast = Span & {
  readonly leaves: readonly TypeLeaf[]
  /** The type that is asserted. */
  readonly annotation: Span
  /** `object` is a type that is written in braces. */
  readonly form: 'any' | 'function' | 'object' | 'other'
  /** What is done with the asserted value: `opened` reads a member, and not one that calls it. */
  readonly use: 'called' | 'opened' | 'other'
  readonly operand: Span
  /** What the inner of two assertions is about; the operand, where there is one. */
  readonly origin: Span
  readonly isDouble: boolean
  readonly enclosing: string
}

/** An object literal. `keys` are its written names; undefined when a computed name makes them unknown. */
export type RawLiteral = Span & {
  readonly keys: readonly string[] | undefined
  /** The literal itself; `start` and `end` are those of the site: with its `satisfies`, or the call that freezes it. */
  readonly node: Span
  readonly hasSpread: boolean
  readonly placed: Placed
  readonly enclosing: string
}

/** Another expression that goes somewhere. */
export type RawFlow = Span & {
  readonly placed: Placed
  readonly enclosing: string
  readonly form: 'name' | 'member' | 'call' | 'assertion' | 'literal' | 'function' | 'other'
  /** Written keys of a literal. */
  readonly written?: readonly string[]
}

/** A call or an assignment past a type: what it reaches, and the values that it gives. */
export type RawDetour = {
  /** The function itself, or what has the member. */
  readonly object: Span
  readonly member: string | undefined
  /** `indirect` (`call`, `bind`) is compared by the compiler, `assign` gives all fields of a value at once. */
  readonly form: 'cast-call' | 'set' | 'assign' | 'indirect'
  readonly values: readonly Span[]
  readonly enclosing: string
}

/** A call or an assignment that writes fields of `target` past its type. */
export type RawWrite = Span & { readonly target: Span; readonly isThis: boolean; readonly enclosing: string }

/** What stands on a line whose errors are hidden: a value, a write of a member (by `delete`: `isGone`), a call. */
export type RawHidden = Span & { readonly enclosing: string } & (
    | { readonly form: 'value' }
    | { readonly form: 'write'; readonly object: Span; readonly name: string | undefined; readonly isGone: boolean }
    | { readonly form: 'call'; readonly callee: Span; readonly given: number }
  )

export type RawCall = Span & {
  /** Empty where the callee has none. */
  readonly name: string
  readonly isCalled: boolean
  readonly nameSpan: Span
  readonly callee: Span
  readonly enclosing: string
}

/** `...value` in a list, in arguments (the first of them at `index`), or in JSX attributes. */
export type RawSpread = Span & {
  readonly form: 'list' | 'arguments' | 'attributes'
  /** The list, the callee, or the name of the JSX element. */
  readonly holder: Span
  readonly index: number
  readonly enclosing: string
}

/** `({ c } = value)`: what is assigned, and the keys that lead to it. */
export type RawUnpacking = Span & {
  readonly target: Span & { readonly name: string | undefined; readonly object: Span | undefined }
  readonly path: readonly string[]
  readonly enclosing: string
}

/** `value is T`, `asserts value is T`; the site is the predicate. */
export type RawGuard = Span & {
  readonly claimed: Span
  /** Name of the parameter that is judged; undefined for `this`. */
  readonly judged: Span | undefined
  readonly enclosing: string
}

/** `declare const c: T`, `let c!: T`, `declare function f(): T`: a value that only the declaration promises. */
export type RawPromise = Span & {
  readonly name: string | undefined
  readonly promised: Span
  readonly enclosing: string
}

/** A call that decides who a user is. */
export type RawAudit = Span & {
  readonly kind: 'identity-provider' | 'provider-echo' | 'vouched-reason'
  readonly enclosing: string
}

/** A parameter with a type, of a function that is passed on as a value. */
export type RawAnnotation = Span & {
  readonly annotation: Span
  /** The function, or the object that has it as a method of the name `member`. */
  readonly holder: Span
  readonly member?: string | undefined
  readonly index: number
  readonly enclosing: string
}

/** A name bound in a scope: parameters and variables, for the origin of an `any`. */
export type RawBinding = {
  readonly name: string
  readonly scope: Span
  readonly form: 'parameter' | 'variable' | 'catch'
  readonly nameSpan: Span
  readonly value: Span | undefined
  readonly annotated: boolean
}

/** What the whole tree is asked about one file: enough for names, definitions and the import graph. */
export type FileOutline = {
  readonly file: string
  readonly isGenerated: boolean
  /** True when its types are seen without an import. */
  readonly isGlobal: boolean
  /** Whether such a type may be one that the file imports or declares. Only where `isGlobal`. */
  readonly carriesGlobals: boolean
  /** Every module that it names, types and dynamic imports included. */
  readonly modules: readonly string[]
  readonly imports: readonly ImportFact[]
  readonly exports: readonly ExportFact[]
  readonly definitions: readonly RawDefinition[]
  readonly audits: readonly RawAudit[]
  /** Digest of what other files can see of it; empty where nobody asked. */
  readonly shape: string
}

/** What a file is asked about that a context may reach. */
export type FileFacts = FileOutline & {
  readonly functions: readonly RawFunction[]
  readonly classes: readonly RawClass[]
  readonly news: readonly RawNew[]
  readonly casts: readonly RawCast[]
  readonly literals: readonly RawLiteral[]
  readonly flows: readonly RawFlow[]
  readonly calls: readonly RawCall[]
  readonly detours: readonly RawDetour[]
  readonly writes: readonly RawWrite[]
  readonly hidden: readonly RawHidden[]
  readonly methods: readonly RawMethod[]
  readonly spreads: readonly RawSpread[]
  readonly unpackings: readonly RawUnpacking[]
  readonly guards: readonly RawGuard[]
  readonly promises: readonly RawPromise[]
  readonly annotations: readonly RawAnnotation[]
  readonly bindings: readonly RawBinding[]
}
