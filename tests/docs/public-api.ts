// What the packages export, read from their emitted declarations by the compiler: names, signatures and docstrings.
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import ts from 'typescript-5.9'

/** One exported name of an entry point. */
export type ApiEntry = {
  readonly name: string
  /** What a reader may do with it: call it, construct or narrow with it, or name it as a type. */
  readonly kind: 'function' | 'class' | 'value' | 'type'
  /** The declaration without its docstring, as the compiler emitted it. */
  readonly signature: string
  readonly text: string
  readonly parameters: readonly { readonly name: string; readonly text: string }[]
  readonly returns: string
  readonly throws: readonly string[]
  readonly examples: readonly string[]
}

/** One entry point of a package, such as `user-execution-context/restricted`. */
export type EntryPoint = { readonly specifier: string; readonly text: string; readonly entries: readonly ApiEntry[] }

type Target = string | { readonly [condition: string]: Target }
type Manifest = { readonly name: string; readonly exports?: Readonly<Record<string, Target>> }

/** The entry points of the package in a directory, in the order of its export map. Each package is read once. */
export const entryPointsOf = (directory: string): readonly EntryPoint[] => {
  const read = known.get(directory) ?? readEntryPoints(directory)
  known.set(directory, read)
  return read
}

const known = new Map<string, readonly EntryPoint[]>()

const options: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  lib: ['lib.es2023.d.ts', 'lib.esnext.disposable.d.ts'],
  types: ['node'],
  strict: true,
  noEmit: true,
  skipLibCheck: true,
}

/** Each file is parsed once for the programs of all packages: most of them read the same ones. */
const host = ts.createCompilerHost(options)
const { getSourceFile } = host
const parsed = new Map<string, ts.SourceFile | undefined>()
host.getSourceFile = (file, ...more) => {
  if (!parsed.has(file)) parsed.set(file, getSourceFile(file, ...more))
  return parsed.get(file)
}

function readEntryPoints(directory: string): readonly EntryPoint[] {
  const { name, exports = {} } = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')) as Manifest
  const files = Object.entries(exports).flatMap(([subpath, target]) => {
    const types = typesOf(target)
    return types === undefined ? [] : [{ specifier: name + subpath.slice(1), file: resolve(directory, types) }]
  })
  const program = ts.createProgram(
    files.map(({ file }) => file),
    options,
    host,
  )
  const checker = program.getTypeChecker()
  return files.map(({ specifier, file }) => {
    const source = program.getSourceFile(file)!
    const module = checker.getSymbolAtLocation(source)
    if (module === undefined) throw new Error(`${file} declares no module.`)
    const entries = checker
      .getExportsOfModule(module)
      .filter(({ name: exported }) => exported !== 'default')
      .map((symbol) => toEntry(checker, symbol))
    return { specifier, text: moduleText(source), entries }
  })
}

function typesOf(target: Target): string | undefined {
  if (typeof target === 'string') return undefined
  if (typeof target['types'] === 'string') return target['types']
  return Object.values(target)
    .map(typesOf)
    .find((types) => types !== undefined)
}

function toEntry(checker: ts.TypeChecker, exported: ts.Symbol): ApiEntry {
  const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported
  const declaration = symbol.declarations?.[0]
  if (declaration === undefined) throw new Error(`${exported.name} has no declaration.`)
  const tags = symbol.getJsDocTags(checker)
  const textsOf = (tag: string): readonly string[] =>
    tags.filter(({ name }) => name === tag).map(({ text }) => ts.displayPartsToString(text).trim())
  return {
    name: exported.name,
    kind: kindOf(checker, symbol, declaration),
    signature: toSignature(declaration),
    text: toMarkdown(ts.displayPartsToString(symbol.getDocumentationComment(checker))),
    parameters: textsOf('param').map((text) => {
      const [, name = '', description = ''] = /^(\S+)\s*-?\s*([\s\S]*)$/.exec(text) ?? []
      return { name, text: toMarkdown(description) }
    }),
    returns: textsOf('returns').map(toMarkdown).join('\n'),
    throws: textsOf('throws').map(toMarkdown),
    examples: textsOf('example').map((text) => text.replace(/^```ts\n/, '').replace(/\n```$/, '')),
  }
}

function kindOf(checker: ts.TypeChecker, symbol: ts.Symbol, declaration: ts.Declaration): ApiEntry['kind'] {
  if (symbol.flags & ts.SymbolFlags.Class) return 'class'
  if (!(symbol.flags & (ts.SymbolFlags.Variable | ts.SymbolFlags.Function))) return 'type'
  const type = checker.getTypeOfSymbolAtLocation(symbol, declaration)
  return type.getCallSignatures().length > 0 ? 'function' : 'value'
}

function toSignature(declaration: ts.Declaration): string {
  const node = ts.isVariableDeclaration(declaration) ? declaration.parent.parent : declaration
  return toFunctionType(node.getText())
    .replace(/^(export )?(declare )?/, '')
    .replace(/;$/, '')
    .replaceAll(/^( +)/gm, (spaces) => ' '.repeat(spaces.length / 2))
}

/** A const of a type with one call signature, which the build makes for editors, as what it was written as. */
function toFunctionType(text: string): string {
  const [, start, signature] = /^([^{]*: )\{\n\/\*\*[\s\S]*?\*\/\n([\s\S]*);\n\};$/.exec(text) ?? []
  return start === undefined ? text : `${start}${toArrow(signature!)}`
}

function toArrow(signature: string): string {
  const source = ts.createSourceFile(
    'signature.d.ts',
    `type Signature = { ${signature} }`,
    ts.ScriptTarget.ES2022,
    true,
  )
  const { type } = source.statements[0] as ts.TypeAliasDeclaration
  const result = ((type as ts.TypeLiteralNode).members[0] as ts.CallSignatureDeclaration).type!.getText()
  return `${signature.slice(0, signature.length - result.length).replace(/: $/, '')} => ${result}`
}

/** The comment at the top of an entry point, which says what it is for. */
function moduleText(source: ts.SourceFile): string {
  const [, text = ''] = /^\/\*\*([\s\S]*?)\*\//.exec(source.getFullText().trimStart()) ?? []
  return text.replaceAll(/^ *\* ?/gm, '').trim()
}

function toMarkdown(text: string): string {
  return text.replaceAll(/\{@link (\w+)\}/g, '`$1`').trim()
}
