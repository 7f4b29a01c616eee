/**
 * What a file imports and exports, one fact for each name.
 */
import { childAt, childrenAt, nameOf, type SyntaxNode } from '../engine/syntax.ts'
import { spanOf } from './collect-definition.ts'
import type { ExportFact, ImportFact } from './file-facts.ts'

export const importsOf = (node: SyntaxNode): ImportFact[] => {
  const module = String(childAt(node, 'source')?.['value'])
  return childrenAt(node, 'specifiers').map((specifier) => {
    const local = childAt(specifier, 'local')!
    const imported =
      specifier.type === 'ImportSpecifier'
        ? (nameOf(childAt(specifier, 'imported')) ?? '')
        : specifier.type === 'ImportDefaultSpecifier'
          ? 'default'
          : '*'
    return { ...spanOf(node), local: nameOf(local)!, imported, module, localSpan: spanOf(local) }
  })
}

export const exportsOf = (node: SyntaxNode): ExportFact[] => {
  const module = childAt(node, 'source') ? String(childAt(node, 'source')!['value']) : undefined
  if (node.type === 'ExportAllDeclaration')
    return [{ exported: nameOf(childAt(node, 'exported')) ?? '*', local: '*', module }]
  const declaration = childAt(node, node.type === 'TSExportAssignment' ? 'expression' : 'declaration')
  if (node.type !== 'ExportNamedDeclaration') {
    const local = nameOf(declaration) ?? nameOf(childAt(declaration, 'id'))
    return local === undefined ? [] : [{ exported: 'default', local, module }]
  }
  const declared = nameOf(childAt(declaration, 'id'))
  const listed = childrenAt(node, 'specifiers').map((specifier) => ({
    exported: nameOf(childAt(specifier, 'exported'))!,
    local: nameOf(childAt(specifier, 'local'))!,
    module,
  }))
  return declared === undefined ? listed : [{ exported: declared, local: declared, module }, ...listed]
}

/** A file without an import or export is a script: its declarations are global. */
export const isModule = (program: SyntaxNode): boolean =>
  childrenAt(program, 'body').some(
    ({ type }) => type === 'ImportDeclaration' || type.startsWith('Export') || /^TS(Export|Import)/.test(type),
  )
