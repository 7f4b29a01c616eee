/**
 * Where a field is used, and as what: only a plain read can be read from somewhere else.
 */
import type { Node, SyntaxTree } from '../../engine/syntax.ts'
import { keyNameOf, walkNodes } from '../../engine/syntax-search.ts'
import type { Placed } from '../../engine/syntax-search.ts'
import type { Workspace } from '../workspace.ts'
import type { CarriedField } from './carried-field.ts'

/**
 * `read`: a member expression. `pattern`: taken apart (`{ userId }`). `maker`: given in an object literal. `write`:
 * assigned to. `type`: named in a type.
 */
export type FieldUse = {
  readonly file: string
  readonly start: number
  readonly role: 'read' | 'pattern' | 'maker' | 'write' | 'type'
  /** The member expression, or the property with those that hold it. */
  readonly placed: Placed
}

/** Every use of a field outside of its own declaration. The overlay must be empty. */
export const findFieldUses = (
  workspace: Workspace,
  { definition, key, name }: Pick<CarriedField, 'definition' | 'key' | 'name'>,
): FieldUse[] => {
  const at = workspace.spanOf(definition.file, { start: key.start, end: key.start + lengthOf(key, name) })
  const seen = new Map<string, FieldUse>()
  for (const project of workspace.checker.projects) {
    if (!project.files.includes(at.file)) continue
    for (const { file, start, end } of project.referencesTo(at)) {
      const local = workspace.relativeOf(file)
      if (local.startsWith('..') || (file === at.file && start === at.start)) continue
      const use = toUse(workspace.edited(local).tree, start, end)
      if (use) seen.set(`${local}:${start}`, { file: local, start, ...use })
    }
  }
  return [...seen.values()]
}

/** What is asked for the field: the object of a member, or what a pattern takes apart. */
export const askedIn = ({
  file,
  placed: { node, ancestors },
}: FieldUse): readonly { readonly file: string; readonly node: Node }[] => {
  if (node.type === 'MemberExpression') return [{ file, node: node.object }]
  const pattern = ancestors.at(-1)
  const owner = ancestors.at(-2)
  const value = owner?.type === 'VariableDeclarator' && owner.id === pattern ? owner.init : pattern
  return value ? [{ file, node: value }] : []
}

const lengthOf = (key: Node, name: string): number => (key.type === 'Literal' ? key.end - key.start : name.length)

function toUse(tree: SyntaxTree, start: number, end: number): Pick<FieldUse, 'role' | 'placed'> | undefined {
  let found: Pick<FieldUse, 'role' | 'placed'> | undefined
  walkNodes(tree.program, (node, ancestors) => {
    if (node.start > start || node.end < end) return false
    const parent = ancestors.at(-1)
    const isName = node.start <= start && (node.type === 'Identifier' || node.type === 'Literal')
    if (isName && keyNameOf(node) !== undefined && parent) found = roleOf(node, parent, ancestors) ?? found
    return true
  })
  return found
}

function roleOf(node: Node, parent: Node, ancestors: readonly Node[]): Pick<FieldUse, 'role' | 'placed'> | undefined {
  const above = ancestors.slice(0, -1)
  if (parent.type === 'MemberExpression' && parent.property.start === node.start)
    return { role: isWritten(parent, above) ? 'write' : 'read', placed: { node: parent, ancestors: above } }
  if (parent.type === 'Property' && parent.key.start === node.start) {
    const holder = above.at(-1)
    const role = holder?.type === 'ObjectPattern' ? (isAssigned(above) ? 'write' : 'pattern') : 'maker'
    return { role, placed: { node: parent, ancestors: above } }
  }
  return parent.type.startsWith('TS') ? { role: 'type', placed: { node, ancestors } } : undefined
}

/** An assignment, `++`, `delete`, or a place that a pattern writes to. */
function isWritten(node: Node, ancestors: readonly Node[]): boolean {
  const parent = ancestors.at(-1)
  if (parent?.type === 'AssignmentExpression') return parent.left === node
  if (parent?.type === 'UpdateExpression') return true
  if (parent?.type === 'UnaryExpression') return parent.operator === 'delete'
  if (parent?.type === 'AssignmentPattern') return parent.left === node
  if (parent?.type === 'TSNonNullExpression' || parent?.type === 'TSAsExpression')
    return isWritten(parent, ancestors.slice(0, -1))
  return parent?.type === 'ArrayPattern' || (parent?.type === 'Property' && ancestors.at(-2)?.type === 'ObjectPattern')
}

/** `({ userId } = context)`: reads a field into names that are there already. Rare, and left to people. */
function isAssigned(ancestors: readonly Node[]): boolean {
  const outer = ancestors.findLast((one) => one.type === 'AssignmentExpression' || one.type === 'VariableDeclarator')
  const pattern = ancestors.at(-1)!
  return outer?.type === 'AssignmentExpression' && outer.left.start <= pattern.start && pattern.end <= outer.left.end
}
