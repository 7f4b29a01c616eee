// Prints what the entry points of a package declare: every exported declaration and every declaration that one of them
// names, without comments. A change of any public type is a change of this text.
import type * as Typescript from 'typescript-5.9'
import { checker, publicEntryPoints, sourceOf, ts } from './exported-entry-points.ts'

/** The text. Sorted, so that moving a declaration to another file changes nothing. */
export const printDeclarations = (entryPoints: readonly string[]): string => {
  const printer = ts.createPrinter({ removeComments: true })
  const found = new Map<Typescript.Declaration, string>()
  const visit = (symbol: Typescript.Symbol): void => {
    for (const declaration of resolve(symbol).declarations ?? []) {
      const node = ts.isVariableDeclaration(declaration) ? declaration.parent.parent : declaration
      if (found.has(declaration) || !isOurs(declaration) || !isPrinted(node)) continue
      const file = declaration.getSourceFile()
      found.set(declaration, printer.printNode(ts.EmitHint.Unspecified, toFunctionType(node), file))
      forEachName(node, (name) => {
        const named = checker.getSymbolAtLocation(name)
        if (named !== undefined) visit(named)
      })
    }
  }
  const exports = entryPoints.map((entryPoint) => {
    const symbols = exportsOf(entryPoint)
    for (const symbol of symbols) visit(symbol)
    return `// ${entryPoint}: ${symbols
      .map(({ name }) => name)
      .sort()
      .join(', ')}`
  })
  // What the file of a class exports is the build's concern: an entry point that exports a type exports no class.
  const texts = [...found.values()].map((text) =>
    text.replace(/^export declare class (\w+)/, (all, name: string) =>
      exportedAsTypes.has(name) ? all.slice(7) : all,
    ),
  )
  return `${[...exports, ...new Set(texts.sort())].join('\n\n')}\n`
}

/** Names that an entry point of any package exports as a type. */
const exportedAsTypes: ReadonlySet<string> = new Set(
  Object.keys(publicEntryPoints)
    .flatMap(exportsOf)
    .filter(isExportedAsType)
    .map(({ name }) => name),
)

function exportsOf(entryPoint: string): readonly Typescript.Symbol[] {
  return checker.getExportsOfModule(checker.getSymbolAtLocation(sourceOf(entryPoint))!)
}

function isExportedAsType(symbol: Typescript.Symbol): boolean {
  return (symbol.declarations ?? []).some(
    (declaration) =>
      ts.isExportSpecifier(declaration) && (declaration.isTypeOnly || declaration.parent.parent.isTypeOnly),
  )
}

/** A const of a type with one call signature, which the build makes for editors, as what it was written as. */
function toFunctionType(node: Typescript.Node): Typescript.Node {
  if (!ts.isVariableStatement(node)) return node
  const [declaration] = node.declarationList.declarations
  const type = declaration?.type
  if (type === undefined || !ts.isTypeLiteralNode(type) || type.members.length !== 1) return node
  const [signature] = type.members
  if (signature === undefined || !ts.isCallSignatureDeclaration(signature)) return node
  const { typeParameters, parameters, type: result } = signature
  const written = ts.factory.createFunctionTypeNode(typeParameters, parameters, result!)
  const { name, exclamationToken, initializer } = declaration!
  const variable = ts.factory.updateVariableDeclaration(declaration!, name, exclamationToken, written, initializer)
  const list = ts.factory.updateVariableDeclarationList(node.declarationList, [variable])
  return ts.factory.updateVariableStatement(node, node.modifiers, list)
}

function resolve(symbol: Typescript.Symbol): Typescript.Symbol {
  return symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol
}

function isOurs(declaration: Typescript.Declaration): boolean {
  return /\/dist\//.test(declaration.getSourceFile().fileName) && !isLibrary(declaration)
}

function isLibrary(declaration: Typescript.Declaration): boolean {
  return /\/node_modules\/(?!(?:@user-execution-context\/|user-execution-context\/))/.test(
    declaration.getSourceFile().fileName,
  )
}

/** Top-level declarations: their members are printed with them. */
function isPrinted(node: Typescript.Node): boolean {
  return (
    ts.isClassDeclaration(node) ||
    ts.isInterfaceDeclaration(node) ||
    ts.isTypeAliasDeclaration(node) ||
    ts.isVariableStatement(node) ||
    ts.isFunctionDeclaration(node)
  )
}

function forEachName(node: Typescript.Node, take: (name: Typescript.Identifier) => void): void {
  if (ts.isIdentifier(node)) take(node)
  ts.forEachChild(node, (child) => forEachName(child, take))
}
