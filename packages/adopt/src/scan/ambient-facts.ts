/**
 * Whether what a file declares for others to see without an import can be of a type that the file imports or declares.
 */
import { childAt, childrenAt, nameOf, type SyntaxNode } from '../engine/syntax.ts'
import { isModule } from './module-facts.ts'
import { isGlobalText } from './module-specifiers.ts'

/** Whether a file is a module, and `carriesGlobals`. */
export const shownBy = (
  program: SyntaxNode,
  text: string,
): { readonly isModule: boolean; readonly carriesGlobals: boolean } => {
  const isOne = isModule(program)
  return { isModule: isOne, carriesGlobals: !isOne || (isGlobalText(text, isOne) && carriesGlobals(program, text)) }
}

/**
 * False only for a module whose blocks (`declare global`, `declare module 'x'`) name nothing of it: `interface Window {
 * dataLayer: unknown[] }`. What they name of another block is that block's to carry.
 */
const carriesGlobals = (program: SyntaxNode, text: string): boolean => {
  const statements = childrenAt(program, 'body').map((node) => childAt(node, 'declaration') ?? node)
  const blocks = statements.filter(({ type }) => type === 'TSModuleDeclaration')
  const names = new Set(childrenAt(program, 'body').flatMap(namesIn))
  const carries = ({ start, end }: SyntaxNode): boolean => {
    const words = new Set(text.slice(start, end).match(/[\p{ID_Start}_$][\p{ID_Continue}$]*/gu))
    return ['import', 'typeof', ...names].some((name) => words.has(name))
  }
  return blocks.length === 0 || blocks.some(carries)
}

/** What a statement gives a name to in its file. */
const namesIn = (node: SyntaxNode): string[] => {
  if (node.type === 'ImportDeclaration')
    return childrenAt(node, 'specifiers').flatMap((one) => nameOf(childAt(one, 'local')) ?? [])
  const declared = childAt(node, 'declaration') ?? node
  return childAt(declared, 'id')?.type === 'Identifier' && childAt(declared, 'id')?.['name'] !== 'global'
    ? [nameOf(childAt(declared, 'id'))!]
    : []
}
