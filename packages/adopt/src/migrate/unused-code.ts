/**
 * What our edits left without a use: names are compared before and after, so that what was unused before stays.
 */
import type { Node, SyntaxTree } from '../engine/syntax.ts'
import { keyNameOf, statementEnd, walkNodes } from '../engine/syntax-search.ts'
import type { TextEdit } from './text-edit.ts'

/** Names that the old text referred to and the new one does not. */
export const namesThatFellOutOfUse = (before: SyntaxTree, after: SyntaxTree): Set<string> => {
  const used = referencesOf(after)
  return new Set([...referencesIn(before)].filter((name) => !used.has(name)))
}

/** Names that a file refers to: declared names, imports and the names of properties aside. */
export const referencesOf = (tree: SyntaxTree): Set<string> =>
  collectNames(tree, (node, parent) => !isPropertyName(node, parent) && !isDeclaredName(node, parent))

/** Every name in the file outside its imports, declared ones included: what a new name must not collide with. */
export const namesOf = (tree: SyntaxTree): ReadonlySet<string> => namesIn(tree)

/** The tree of a file as it was read is asked again for each set of units that is tried on it. */
const oncePerTree = (
  collect: (tree: SyntaxTree) => ReadonlySet<string>,
): ((tree: SyntaxTree) => ReadonlySet<string>) => {
  const known = new WeakMap<SyntaxTree, ReadonlySet<string>>()
  return (tree) => {
    const names = known.get(tree) ?? collect(tree)
    known.set(tree, names)
    return names
  }
}
const referencesIn = oncePerTree(referencesOf)
const namesIn = oncePerTree((tree) => collectNames(tree, (node, parent) => !isPropertyName(node, parent)))

function collectNames(tree: SyntaxTree, accepts: (node: Node, parent: Node | undefined) => boolean): Set<string> {
  const names = new Set<string>()
  walkNodes(tree.program, (node, ancestors) => {
    if (node.type === 'ImportDeclaration') return false
    if ((node.type === 'Identifier' || node.type === 'JSXIdentifier') && accepts(node, ancestors.at(-1)))
      names.add(node.name)
    return true
  })
  return names
}

function isDeclaredName(node: Node, parent: Node | undefined): boolean {
  const declaring = [
    'FunctionDeclaration',
    'ClassDeclaration',
    'VariableDeclarator',
    'TSTypeAliasDeclaration',
    'TSInterfaceDeclaration',
  ]
  return parent !== undefined && declaring.includes(parent.type) && 'id' in parent && parent.id === node
}

/**
 * Edits that remove private declarations of a module whose name is unused: functions, types, constants without an
 * effect.
 */
export const toUnusedDeclarationEdits = (tree: SyntaxTree, unused: ReadonlySet<string>): TextEdit[] =>
  tree.program.body
    .filter((node) => declaresOnly(node as Node, unused))
    .map((node) => ({ ...withComment(tree, node as Node), text: '' }))

function declaresOnly(node: Node, unused: ReadonlySet<string>): boolean {
  if (node.type === 'VariableDeclaration') {
    return node.declarations.every(
      ({ id, init }) => unused.has(keyNameOf(id) ?? '') && (init === null || isWithoutEffect(init)),
    )
  }
  const isPlain =
    node.type === 'FunctionDeclaration' ||
    node.type === 'TSTypeAliasDeclaration' ||
    node.type === 'TSInterfaceDeclaration'
  return isPlain && unused.has(keyNameOf(node.id) ?? '')
}

/** Literals, lists and objects of them, functions, and collections made of them. */
export const isWithoutEffect = (node: Node): boolean => {
  let isSafe = true
  walkNodes(node, (inner) => {
    if (inner.type === 'ArrowFunctionExpression' || inner.type === 'FunctionExpression') return false
    const isCollection =
      inner.type === 'NewExpression' &&
      ['Set', 'Map', 'WeakSet', 'WeakMap', 'RegExp', 'Date'].includes(keyNameOf(inner.callee) ?? '')
    isSafe &&=
      isCollection ||
      ![
        'NewExpression',
        'CallExpression',
        'AwaitExpression',
        'AssignmentExpression',
        'UpdateExpression',
        'TaggedTemplateExpression',
        'ImportExpression',
      ].includes(inner.type)
    return isSafe
  })
  return isSafe
}

/**
 * Joins removals that only white space divides, and takes the empty lines that they would leave: at the start of the
 * file, at its
 * end, and a second one in between.
 *
 * @param keepsHead - Whether new lines are set at the start of the file: the empty line behind them stays.
 */
export const tidyRemovals = (
  text: string,
  removals: readonly TextEdit[],
  { keepsHead }: { readonly keepsHead: boolean },
): TextEdit[] => {
  const joined: { start: number; end: number; text: string }[] = []
  for (const one of [...removals].sort((a, b) => a.start - b.start)) {
    const last = joined.at(-1)
    const isNext =
      last !== undefined &&
      last.text === '' &&
      one.text === '' &&
      one.start >= last.end &&
      text.slice(last.end, one.start).trim() === ''
    if (isNext) last.end = one.end
    else joined.push({ ...one })
  }
  return joined.map((one) => {
    if (one.text !== '' || !/(?:^|\n)[ \t]*$/.test(text.slice(0, one.start))) return one
    const before = text.slice(0, one.start)
    if (text.slice(one.end).trim() === '')
      return {
        ...one,
        start: before.trimEnd().length,
        end: one.end + /^\s*?(?=(?:\r?\n)?$)/.exec(text.slice(one.end))![0].length,
        text: before.trim() === '' ? '' : endOfLine(text),
      }
    const blank =
      (before.trim() === '' && !keepsHead) || /\r?\n[ \t]*\r?\n$/.test(before)
        ? /^(?:[ \t]*\r?\n)+/.exec(text.slice(one.end))
        : null
    return { ...one, end: one.end + (blank?.[0].length ?? 0) }
  })
}

const endOfLine = (text: string): string => (text.includes('\r\n') ? '\r\n' : '\n')

function withComment({ text, comments }: SyntaxTree, node: Node): { start: number; end: number } {
  const comment = comments.findLast(
    (one) => one.end <= node.start && /^[ \t]*\r?\n[ \t]*$/.test(text.slice(one.end, node.start)),
  )
  const end = statementEnd(text, node)
  const rest = /^[ \t]*\r?\n/.exec(text.slice(end))
  return { start: comment?.start ?? node.start, end: end + (rest?.[0].length ?? 0) }
}

/** Whether an identifier only names a member: `a.name`, `{ name: … }`, a class member, `Namespace.Name` in a type. */
export const isPropertyName = (node: Node, parent: Node | undefined): boolean => {
  if (parent?.type === 'TSQualifiedName') return parent.right === node
  if (parent?.type === 'MemberExpression') return parent.property === node && !parent.computed
  if (parent?.type === 'Property') return parent.key === node && !parent.computed && !parent.shorthand
  if (parent?.type === 'ExportSpecifier')
    return parent.exported === node && parent.local !== node && parent.local.start !== node.start
  const keyed = [
    'PropertyDefinition',
    'MethodDefinition',
    'TSPropertySignature',
    'TSMethodSignature',
    'AccessorProperty',
  ]
  return (
    parent !== undefined &&
    keyed.includes(parent.type) &&
    'key' in parent &&
    parent.key === node &&
    !('computed' in parent && parent.computed)
  )
}
