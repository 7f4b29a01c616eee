/**
 * What a definition's name is used for, across the tree: only a name that is used as a type can become a type
 * re-export.
 */
import type { NodeSpan } from '../engine/checker.ts'
import { isInDecoratedSignature } from './decorator-metadata.ts'
import type { Node, SyntaxTree } from '../engine/syntax.ts'
import { findNode, keyNameOf, walkNodes } from '../engine/syntax-search.ts'
import type { Placed } from '../engine/syntax-search.ts'
import type { Workspace } from './workspace.ts'

/**
 * `static`: a member of the class itself is read. `class`: extended, decorated, passed on: the class as a value.
 * `merge`: declared again elsewhere, as `declare module` does. `metadata`: the type of a decorated class's signature.
 */
export type UseRole = 'type' | 'import' | 'export' | 'new' | 'static' | 'instanceof' | 'class' | 'merge' | 'metadata'

export type DefinitionUse = {
  readonly file: string
  readonly start: number
  readonly role: UseRole
  readonly member?: string
}

/** Every use of the name declared at `name` (a node of `file`), those inside its own declaration left out. */
export const findDefinitionUses = (
  workspace: Workspace,
  file: string,
  name: Node,
  declaration: Node,
): DefinitionUse[] => {
  const seen = new Map<string, DefinitionUse>()
  for (const project of workspace.checker.projects) {
    if (!project.files.includes(workspace.spanOf(file, name).file)) continue
    for (const reference of project.referencesTo(workspace.spanOf(file, { start: name.start, end: nameEnd(name) }))) {
      const use = toUse(workspace, reference)
      const isOwn = use.file === file && use.start >= declaration.start && use.start < declaration.end
      if (!isOwn && !use.file.startsWith('..')) seen.set(`${use.file}:${use.start}`, use)
    }
  }
  return [...seen.values()].flatMap((use) => (use.role === 'type' && isNamespaceAccess(workspace, use) ? [] : [use]))
}

/** Name node of a class, interface or type alias. */
export const declaredName = (declaration: Node | undefined): Node | undefined =>
  declaration && 'id' in declaration && declaration.id && typeof declaration.id === 'object'
    ? (declaration.id as Node)
    : undefined

const nameEnd = (name: Node): number => name.start + (keyNameOf(name)?.length ?? name.end - name.start)

function toUse(workspace: Workspace, { file, start, end }: NodeSpan): DefinitionUse {
  const local = workspace.relativeOf(file)
  if (local.startsWith('..')) return { file: local, start, role: 'type' }
  const placed = findIdentifier(workspace.edited(local).tree, start, end)
  return { file: local, start, ...roleOf(placed) }
}

function findIdentifier(tree: SyntaxTree, start: number, end: number): Placed | undefined {
  let found: Placed | undefined
  walkNodes(tree.program, (node, ancestors) => {
    if (
      node.start <= start &&
      node.end >= end &&
      (node.type === 'Identifier' || node.type === 'JSXIdentifier') &&
      node.start === start
    )
      found = { node, ancestors: [...ancestors] }
    return node.start <= start && node.end >= end
  })
  return found ?? findNode(tree, start, end)
}

function roleOf(placed: Placed | undefined): { role: UseRole; member?: string } {
  // A name in a doc comment is no code.
  if (!placed) return { role: 'type' }
  const { node } = placed
  let ancestors = placed.ancestors
  let inner = node
  // `models.Context`: the use is what happens to the whole chain.
  for (
    let up = ancestors.at(-1);
    up?.type === 'MemberExpression' && up.property === inner && !up.computed;
    up = ancestors.at(-1)
  ) {
    inner = up
    ancestors = ancestors.slice(0, -1)
  }
  const parent = ancestors.at(-1)
  if (!parent) return { role: 'class' }
  if (/^Import(Default|Namespace)?Specifier$/.test(parent.type)) return { role: 'import' }
  if (parent.type === 'ExportSpecifier') return { role: 'export' }
  if (parent.type === 'NewExpression' && parent.callee === inner) return { role: 'new' }
  if (parent.type === 'BinaryExpression' && parent.operator === 'instanceof' && parent.right === inner)
    return { role: 'instanceof' }
  if (parent.type === 'MemberExpression' && parent.object === inner)
    return { role: 'static', ...(keyNameOf(parent.property) !== undefined && { member: keyNameOf(parent.property)! }) }
  if ((parent.type === 'TSInterfaceDeclaration' || parent.type === 'TSModuleDeclaration') && parent.id === inner)
    return { role: 'merge' }
  if (parent.type === 'TSTypeReference' && isInDecoratedSignature(ancestors)) return { role: 'metadata' }
  return { role: isTypePlace(parent, inner) ? 'type' : 'class' }
}

function isTypePlace(parent: Node, inner: Node): boolean {
  if (
    ['TSTypeReference', 'TSQualifiedName', 'TSImportType', 'TSClassImplements', 'TSInterfaceHeritage'].includes(
      parent.type,
    )
  )
    return true
  // `declare` forms and the declaration's own name.
  return 'id' in parent && parent.id === inner
}

function isNamespaceAccess(workspace: Workspace, { file, start }: DefinitionUse): boolean {
  return workspace.edited(file).tree.text.slice(start, start + 2) === '* '
}
