/**
 * Which local names of a file mean the context type: imports resolved, aliases followed, other packages left alone.
 */
import { nodeAt, nodesAt, wordOf, type LintNode } from './rule.ts'

/** Options that rules about the type share. */
export type ContextOptions = {
  /** Exported names of the context type. */
  readonly types: readonly string[]
  /** Modules that export it. A path import (`./x`, `#x`, `@/x`, `~/x`) always counts: it may re-export the type. */
  readonly modules: readonly string[]
}

/** JSON schema of these options, for the hosts. */
export const contextOptionsSchema = {
  types: { type: 'array', items: { type: 'string', minLength: 1 }, minItems: 1 },
  modules: { type: 'array', items: { type: 'string', minLength: 1 }, minItems: 1 },
} as const

/** Reads the options of a rule; left out, they mean this package's own type. */
export const readContextOptions = (given: unknown): ContextOptions => {
  const { types, modules } = (given ?? {}) as Partial<ContextOptions>
  return { types: types ?? ['UserExecutionContext'], modules: modules ?? ['user-execution-context'] }
}

/** True when an import source may give the type: a path, or one of the modules or its subpaths. */
export const isContextModule = (source: string, modules: readonly string[]): boolean =>
  /^(?:[./#]|@\/|~)/.test(source) || modules.some((module) => source === module || source.startsWith(`${module}/`))

/** The names of one file. */
export type ContextNames = {
  /** True when a value of this type is, or holds, a context. Parameters of function types do not count. */
  readonly holds: (type: LintNode | undefined) => boolean
  /** True when a value of this type is a context, or is absent. */
  readonly is: (type: LintNode | undefined) => boolean
}

/** Reads imports, definitions and type aliases of a whole file. */
export const readContextNames = (program: LintNode, { types, modules }: ContextOptions): ContextNames => {
  const locals = new Set<string>()
  const namespaces = new Set<string>()
  const aliases = new Map<string, LintNode>()
  for (const statement of nodesAt(program, 'body')) {
    if (statement.type === 'ImportDeclaration') readImport(statement, { types, modules }, locals, namespaces)
    const declaration = nodeAt(statement, 'declaration') ?? statement
    const name = wordOf(nodeAt(declaration, 'id'))
    if (name === undefined) continue
    if (declaration.type === 'TSTypeAliasDeclaration') aliases.set(name, declaration)
    // A definition of that name in this very file is the type, or a copy of it.
    if (isDefinition(declaration) && types.includes(name)) locals.add(name)
  }
  const names = { locals, namespaces, aliases, types, modules }
  return {
    holds: (type) => holdsContext(type, { ...names, containers: holders }, new Set()),
    is: (type) => holdsContext(type, { ...names, containers: sameTypes }, new Set()),
  }
}

type Names = ContextOptions & {
  readonly locals: ReadonlySet<string>
  readonly namespaces: ReadonlySet<string>
  readonly aliases: ReadonlyMap<string, LintNode>
  readonly containers: ReadonlySet<string>
}

const isDefinition = ({ type }: LintNode): boolean =>
  type === 'ClassDeclaration' || type === 'TSInterfaceDeclaration' || type === 'TSTypeAliasDeclaration'

const readImport = (
  statement: LintNode,
  { types, modules }: ContextOptions,
  locals: Set<string>,
  namespaces: Set<string>,
): void => {
  if (!isContextModule(wordOf(nodeAt(statement, 'source')) ?? '', modules)) return
  for (const specifier of nodesAt(statement, 'specifiers')) {
    const local = wordOf(nodeAt(specifier, 'local')) ?? ''
    if (specifier.type === 'ImportNamespaceSpecifier') namespaces.add(local)
    else if (types.includes(wordOf(nodeAt(specifier, 'imported')) ?? local)) locals.add(local)
  }
}

/** Their argument under another name. */
const sameTypes: ReadonlySet<string> = new Set(['Awaited', 'Required', 'Readonly', 'NonNullable'])

// Containers that hold their arguments. Other generics (a Router<Context>) take contexts without holding one; a part of
// it (Omit, Pick, Partial) is another type.
const holders: ReadonlySet<string> = new Set([
  ...sameTypes,
  'Array',
  'ReadonlyArray',
  'Map',
  'ReadonlyMap',
  'Set',
  'ReadonlySet',
  'Record',
  'Promise',
  'PromiseLike',
])

/** Forms of a type that are not the type itself, but have it inside. */
const hasInside: ReadonlySet<string> = new Set([
  'TSArrayType',
  'TSNamedTupleMember',
  'TSTupleType',
  'TSOptionalType',
  'TSRestType',
  'TSTypeLiteral',
])

const holdsContext = (type: LintNode | undefined, names: Names, seen: ReadonlySet<string>): boolean => {
  if (names.containers === sameTypes && hasInside.has(type?.type ?? '')) return false
  const holds = (one: LintNode | undefined): boolean => holdsContext(one, names, seen)
  switch (type?.type) {
    case 'TSTypeOperator':
      // The names of its fields are no context.
      return type['operator'] !== 'keyof' && holds(nodeAt(type, 'typeAnnotation'))
    case 'TSTypeAnnotation':
    case 'TSParenthesizedType':
    case 'TSOptionalType':
    case 'TSRestType':
    case 'TSPropertySignature':
      return holds(nodeAt(type, 'typeAnnotation'))
    case 'TSArrayType':
    case 'TSNamedTupleMember':
      return holds(nodeAt(type, 'elementType'))
    case 'TSUnionType':
    case 'TSIntersectionType':
      return nodesAt(type, 'types').some(holds)
    case 'TSTupleType':
      return nodesAt(type, 'elementTypes').some(holds)
    case 'TSTypeLiteral':
      return nodesAt(type, 'members').some(holds)
    case 'TSImportType':
      return isImported(type, names)
    case 'TSTypeReference':
      return holdsReference(type, names, seen)
    default:
      return false
  }
}

const holdsReference = (type: LintNode, names: Names, seen: ReadonlySet<string>): boolean => {
  const typeName = nodeAt(type, 'typeName')
  if (typeName?.type === 'TSQualifiedName') {
    return (
      names.namespaces.has(wordOf(nodeAt(typeName, 'left')) ?? '') &&
      names.types.includes(wordOf(nodeAt(typeName, 'right')) ?? '')
    )
  }
  const name = wordOf(typeName) ?? ''
  if (names.locals.has(name)) return true
  const alias = names.aliases.get(name)
  if (alias !== undefined && !seen.has(name))
    return holdsContext(nodeAt(alias, 'typeAnnotation'), names, new Set([...seen, name]))
  const parameters = nodeAt(type, 'typeArguments') ?? nodeAt(type, 'typeParameters')
  return names.containers.has(name) && nodesAt(parameters, 'params').some((one) => holdsContext(one, names, seen))
}

// import('user-execution-context').UserExecutionContext. Hosts differ in where they keep the module's name.
const isImported = (type: LintNode, { types, modules }: Names): boolean => {
  const argument = nodeAt(type, 'source') ?? nodeAt(type, 'argument')
  const source = wordOf(argument?.type === 'TSLiteralType' ? nodeAt(argument, 'literal') : argument)
  return (
    source !== undefined && isContextModule(source, modules) && types.includes(wordOf(nodeAt(type, 'qualifier')) ?? '')
  )
}
