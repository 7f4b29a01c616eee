// Reads from the emitted declarations which exports take a context, so that the table of entry points cannot forget
// one.
import { createRequire } from 'node:module'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type * as Typescript from 'typescript-5.9'

/** The compiler that reads the declarations. */
export const ts: typeof Typescript = createRequire(import.meta.url)('typescript-5.9')

const programKey: unique symbol = Symbol.for('tests: program of the declarations')

/** The packages whose entry points make or take contexts, by directory. */
const packages = [
  '.',
  'packages/transfer',
  'packages/golden-path',
  'packages/postgres',
  'packages/http',
  'packages/mcp',
  'packages/testing',
]
type Typed = { readonly types: string }
type Target = Typed | { readonly import: Typed }
type Manifest = {
  readonly name: string
  readonly exports: Readonly<Record<string, string | Target>>
}

const entryPointsIn = (directories: readonly string[]): Readonly<Record<string, string>> =>
  Object.fromEntries(
    directories.flatMap((directory) => {
      const { name, exports } = JSON.parse(readFileSync(`${directory}/package.json`, 'utf8')) as Manifest
      return Object.entries(exports).flatMap(([entryPoint, target]) =>
        typeof target === 'string'
          ? []
          : [[name + entryPoint.slice(1), join(directory, ('import' in target ? target.import : target).types)]],
      )
    }),
  )

/** All, also those for linters: their declarations are pinned too. */
export const declaredEntryPoints = entryPointsIn([...packages, 'packages/lint'])
/**
 * The public entry points that make or take contexts, by what an import names, with their declarations. Those of a
 * runner load within its tests only, and hand on what the entry point for all runners has.
 */
export const publicEntryPoints = Object.fromEntries(
  Object.entries(entryPointsIn(packages)).filter(([name]) => !/\/testing\/(?:vitest|jest)$/.test(name)),
)

/**
 * The functions of an entry point that take a value of a sealed type, alone or as a property of a record: exports by
 * name, and functions of what an export returns by `export.function`, two levels deep. Found by the types of their
 * parameters.
 */
export const findFunctionsThatTake = (sealed: string, entryPoint: string): readonly string[] => {
  const source = program.getSourceFile(publicEntryPoints[entryPoint]!)!
  const typeOf = (symbol: Typescript.Symbol): Typescript.Type => checker.getTypeOfSymbolAtLocation(symbol, source)
  const isSealed = (type: Typescript.Type): boolean => type.symbol?.name === sealed
  const takes = (type: Typescript.Type): boolean =>
    type.isUnionOrIntersection()
      ? type.types.some(takes)
      : isSealed(type) ||
        (!type.isClass() && type.getProperties().some((symbol) => isOurs(symbol) && isSealed(typeOf(symbol))))
  return findFunctions(entryPoint, (parameter) => takes(typeOf(parameter)), isSealed)
}

/** The same for functions with a parameter of one of these names, whatever its type. */
export const findFunctionsWithParameters = (names: readonly string[], entryPoint: string): readonly string[] =>
  findFunctions(entryPoint, ({ name }) => names.includes(name))

function findFunctions(
  entryPoint: string,
  isFound: (parameter: Typescript.Symbol) => boolean,
  isOpaque: (result: Typescript.Type) => boolean = () => false,
): readonly string[] {
  const source = program.getSourceFile(publicEntryPoints[entryPoint]!)!
  const found: string[] = []
  const typeOf = (symbol: Typescript.Symbol): Typescript.Type => checker.getTypeOfSymbolAtLocation(symbol, source)
  const visit = (type: Typescript.Type, path: string, levels: number): void => {
    for (const signature of type.getCallSignatures()) {
      if (signature.parameters.some(isFound)) found.push(path)
      const result = signature.getReturnType()
      if (levels === 0 || isOpaque(result)) continue
      const part = checker.getAwaitedType(result) ?? result
      visit(part, path, levels - 1)
      for (const member of part.getProperties())
        if (isOurs(member)) visit(typeOf(member), `${path}.${member.name}`, levels - 1)
    }
  }
  for (const exported of checker.getExportsOfModule(checker.getSymbolAtLocation(source)!))
    visit(typeOf(exported), exported.name, 2)
  return [...new Set(found)].sort()
}

/** The names that an entry point exports, sorted: those that are values, and those that are types only. */
export const exportedNames = (
  entryPoint: string,
): { readonly values: readonly string[]; readonly types: readonly string[] } => {
  const source = program.getSourceFile(publicEntryPoints[entryPoint]!)!
  const names = (isValue: boolean): readonly string[] =>
    checker
      .getExportsOfModule(checker.getSymbolAtLocation(source)!)
      .filter((exported) => isValue === !isTypeOnly(exported))
      .map(({ name }) => name)
      .sort()
  return { values: names(true), types: names(false) }
}

/** Made once for all test files of a process, which have modules of their own: it takes seconds. */
const shared = globalThis as { [programKey]?: Typescript.Program }
const program = (shared[programKey] ??= ts.createProgram(Object.values(declaredEntryPoints), {
  strict: true,
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  target: ts.ScriptTarget.ES2022,
  types: ['node'],
  skipLibCheck: true,
  noEmit: true,
}))
export const checker: Typescript.TypeChecker = program.getTypeChecker()

/** The declarations of an entry point. */
export const sourceOf = (entryPoint: string): Typescript.SourceFile =>
  program.getSourceFile(declaredEntryPoints[entryPoint]!)!

function isOurs(symbol: Typescript.Symbol): boolean {
  return (symbol.declarations ?? []).some((declaration) => declaration.getSourceFile().fileName.includes('/dist/'))
}

// `export type { Class }` names a class, which is a value, as a type only.
function isTypeOnly(exported: Typescript.Symbol): boolean {
  const declaration = exported.declarations?.[0]
  if (
    declaration &&
    ts.isExportSpecifier(declaration) &&
    (declaration.isTypeOnly || declaration.parent.parent.isTypeOnly)
  )
    return true
  const target = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported
  return (target.flags & ts.SymbolFlags.Value) === 0
}

/** The exported functions of an entry point, with the names of their arguments. */
export const functionsOf = (
  entryPoint: string,
): readonly { readonly name: string; readonly parameters: readonly string[] }[] =>
  checker.getExportsOfModule(checker.getSymbolAtLocation(sourceOf(entryPoint))!).flatMap((exported) => {
    const [signature] = checker.getTypeOfSymbolAtLocation(exported, sourceOf(entryPoint)).getCallSignatures()
    return signature === undefined
      ? []
      : [{ name: exported.name, parameters: signature.parameters.map(({ name }) => name) }]
  })
