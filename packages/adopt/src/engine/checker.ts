/**
 * The one adapter to a type checker. Everything that needs types asks here, by position and in batches.
 * Behind it: TypeScript 7 over a pipe (about 0.1 ms a call, so batch), or the TypeScript 6 API. Both give equal
 * answers.
 */

/**
 * A node, named by where it stands: from its first token to its end, as UTF-16 offsets, the byte order mark not
 * counted.
 */
export type NodeSpan = {
  /** Absolute path with forward slashes. */
  readonly file: string
  readonly start: number
  readonly end: number
}

/** What sort of type it is. `error` is a type that did not resolve: it behaves as `any` and hides sites. */
export type TypeSort =
  | 'any'
  | 'error'
  | 'unknown'
  | 'never'
  | 'nullish'
  | 'primitive'
  | 'object'
  | 'union'
  | 'intersection'
  | 'parameter'
  | 'other'

/** A type, valid until the next `update`. Two of them are the same type exactly when project and `id` are the same. */
export type CheckedType = {
  readonly id: number
  readonly sort: TypeSort
  /**
   * True for the type of an object literal, also of a frozen one: its declaration is the literal, however far the value
   * has travelled.
   */
  readonly fromLiteral: boolean
}

/** A symbol with import aliases followed. */
export type CheckedSymbol = {
  readonly id: number
  readonly name: string
  readonly declarations: readonly NodeSpan[]
}

/** One property of a type as the checker sees it, inherited ones included. */
export type CheckedProperty = {
  readonly name: string
  readonly optional: boolean
  readonly readonly: boolean
  /** True for methods and for accessors without a stored value. */
  readonly method: boolean
  /** True for private and protected members: code outside the class cannot read them. */
  readonly hidden: boolean
  readonly type: CheckedType
}

/** One call or construct signature of a type. */
export type CheckedSignature = {
  readonly kind: 'call' | 'construct'
  /** In order; of a rest parameter the type of its list. */
  readonly parameters: readonly CheckedType[]
  readonly hasRest: boolean
  /** How many values a call has to give: those behind have a default, or may be left out. */
  readonly requiredCount: number
  /** The signature's own type parameters, not those of the class around it. */
  readonly typeParameters: readonly CheckedType[]
  readonly returns: CheckedType | undefined
}

/** A compiler diagnostic. `text` holds the whole chain, one line each, related places included. */
export type CheckedDiagnostic = NodeSpan & {
  /** Differs between compilers for one and the same mistake (2345 here, 2741 there): compare places, not codes. */
  readonly code: number
  readonly text: string
}

/**
 * Finds out all that `ask` wants to know of each item, in few messages, so that it is known when it is asked in
 * earnest.
 * `ask` may be stopped in the middle and run again: it must do nothing but ask, and keep nothing that is half known.
 */
export type AskTogether = <Item>(items: Iterable<Item>, ask: (item: Item) => void) => void

/** One tsconfig as a program. A file may be in several of them. */
export type CheckerProject = {
  /** The user's tsconfig, absolute. For `isOrphans` the one whose options were borrowed. */
  readonly configFile: string
  /** True when this program holds the files that no tsconfig includes: plain tsc does not see them. */
  readonly isOrphans: boolean
  /**
   * The user's own files in it, absolute: neither node_modules nor the standard library. Declaration files included.
   */
  readonly files: readonly string[]
  /** Syntactic and semantic errors of the files given. */
  readonly diagnostics: (files: readonly string[]) => readonly CheckedDiagnostic[]
  /**
   * Type of each node (an expression, a type annotation, a declaration's name). Undefined: no such node, or the
   * compiler failed on it.
   */
  readonly typesAt: (nodes: readonly NodeSpan[]) => readonly (CheckedType | undefined)[]
  /** Type that the place of each expression expects. */
  readonly contextualTypes: (nodes: readonly NodeSpan[]) => readonly (CheckedType | undefined)[]
  /** Symbol that each name stands for, import aliases followed. */
  readonly symbolsAt: (nodes: readonly NodeSpan[]) => readonly (CheckedSymbol | undefined)[]
  /** As `symbolsAt`; of a shorthand property the variable that it reads, not the property. */
  readonly valueSymbolsAt: (nodes: readonly NodeSpan[]) => readonly (CheckedSymbol | undefined)[]
  /**
   * Every use of the symbol declared or used at the node, in the user's own files of this project, definition included.
   */
  readonly referencesTo: (node: NodeSpan) => readonly NodeSpan[]
  /** The declaration that each call or `new` resolves to, overloads decided. */
  readonly calledDeclarations: (calls: readonly NodeSpan[]) => readonly (NodeSpan | undefined)[]
  /** Members of a union or intersection, or the type alone. */
  readonly membersOf: (type: CheckedType) => readonly CheckedType[]
  /** Type arguments of a reference: `T` of `Promise<T>`. */
  readonly typeArgumentsOf: (type: CheckedType) => readonly CheckedType[]
  readonly baseTypesOf: (type: CheckedType) => readonly CheckedType[]
  /** What a type parameter must extend. */
  readonly constraintOf: (type: CheckedType) => CheckedType | undefined
  readonly propertiesOf: (type: CheckedType) => readonly CheckedProperty[]
  /** Types of what the type holds under any key: `T` of `Record<string, T>`. */
  readonly indexTypesOf: (type: CheckedType) => readonly CheckedType[]
  readonly callSignaturesOf: (type: CheckedType) => readonly CheckedSignature[]
  readonly constructSignaturesOf: (type: CheckedType) => readonly CheckedSignature[]
  /** Name and declarations of the class, interface, alias or literal behind the type. */
  readonly symbolOf: (type: CheckedType) => CheckedSymbol | undefined
  readonly isAssignable: (source: CheckedType, target: CheckedType) => boolean
  /** The type as a person writes it. Compilers order the members of a union differently. */
  readonly textOf: (type: CheckedType) => string
  /** For questions about types, of many types at once. */
  readonly askTogether: AskTogether
  /** Every file of the program by absolute path, those of packages too; not the compiler's own. */
  readonly fileNames: () => readonly string[]
  /** Lets go of what is kept of files, so that a program larger than this process can be asked file by file. */
  readonly forgetFiles: () => void
}

/**
 * Replacements of file texts held in memory: absolute path to text without byte order mark; undefined goes back to the
 * disk.
 */
export type Overlay = ReadonlyMap<string, string | undefined>

/** Open programs over the user's tsconfigs. Nothing is ever written to the disk. */
export type Checker = {
  /** `typescript 7.0.2`: goes into reports. */
  readonly compiler: string
  /** Objects here are replaced by `update`; read this property again after it. */
  readonly projects: readonly CheckerProject[]
  /**
   * Applies replacements on top of the earlier ones. Only what depends on them is checked again. Types given out before
   * are void.
   */
  readonly update: (changes: Overlay) => void
  /** Nodes on which the compiler itself failed (and which were left out of a batch), so that a report can say so. */
  readonly failedNodes: readonly NodeSpan[]
  /** Ends the compiler process; resolves when it is gone. */
  readonly close: () => Promise<void>
}

/** One program of a series, before it is opened. */
export type PlannedProgram = {
  readonly configFile: string
  readonly isOrphans: boolean
  /** The user's own files that the tsconfig gives it and no earlier program has. */
  readonly files: readonly string[]
  /** Those of them that are opened, with all that they import. */
  readonly roots: readonly string[]
}

/** The programs of a tree, opened one after another: the memory of each is free before the next. */
export type ProgramSeries = {
  readonly compiler: string
  readonly programs: readonly PlannedProgram[]
  /** Opens one program on the texts as they were read. The one opened before is void. */
  readonly open: (program: PlannedProgram) => Pick<Checker, 'projects' | 'update'>
  readonly failedNodes: readonly NodeSpan[]
  /** Ends the compiler process; resolves when it is gone. */
  readonly close: () => Promise<void>
}

/** Which files of each program are opened. */
export type RootFiles = {
  readonly isRoot: (file: string, program: Pick<PlannedProgram, 'configFile' | 'isOrphans'>) => boolean
  /** Files whose declarations are seen without an import: opened with every root of their tsconfig. */
  readonly globals: ReadonlySet<string>
}

/** What to open. */
export type OpenOptions = {
  /** Absolute directory. */
  readonly root: string
  /** tsconfig files to open, absolute. Left out: every tsconfig under the root, project references followed. */
  readonly configFiles?: readonly string[]
  /** Which compiler answers. Left out: TypeScript 7, and TypeScript 6 where 7 has no binary for the platform. */
  readonly engine?: 'typescript-7' | 'typescript-6'
}
