/**
 * Optional fields that some code tests (`if (context.threadId)`, `context.permissions ?? all`): the sealed context
 * always has them, so that a site which gives none would be taken for one that does.
 */
import type { DefinitionFact } from '../scan/scan-result.ts'
import type { MigrateTarget } from './migrate-options.ts'
import { findDeclaredFields } from './readers/carried-field.ts'
import { findFieldUses } from './readers/field-uses.ts'
import type { FieldUse } from './readers/field-uses.ts'
import type { SiteFields } from './site-fields.ts'
import type { TargetMembers } from './target-members.ts'
import { lineOf } from '../engine/syntax.ts'
import type { Node } from '../engine/syntax.ts'
import { keyNameOf, unwrapExpression, walkNodes } from '../engine/syntax-search.ts'
import type { Workspace } from './workspace.ts'

/**
 * Name of each such field, and the first place that tests it. Of a member that the old type has no home for, any read
 * counts. The overlay must be empty.
 */
export const findTestedFields = (
  workspace: Workspace,
  definitions: readonly DefinitionFact[],
  target: MigrateTarget,
  members: TargetMembers,
): ReadonlyMap<string, string> => {
  const tested = new Map<string, string>()
  const isAlways = (name: string): boolean =>
    Object.hasOwn(target.reads, name) || (members.get(name)?.isAlways ?? isIdField(target, name))
  for (const definition of definitions) {
    const optional = definition.fields.filter(
      ({ name, optional, type }) => isAlways(name) && (optional || /\b(?:undefined|null)\b/.test(type)),
    )
    if (optional.length === 0) continue
    for (const field of findDeclaredFields(workspace, definition)) {
      const { name } = field
      if (tested.has(name) || !optional.some((one) => one.name === name)) continue
      const isHomeless = !Object.hasOwn(target.fields, name)
      const isId = isIdField(target, name)
      const use = findFieldUses(workspace, field).find((one) =>
        isHomeless ? one.role === 'read' || one.role === 'pattern' : isTest(one, { isId }),
      )
      if (use) tested.set(name, `${use.file}:${lineOf(workspace.source(use.file).text, use.start)}`)
    }
  }
  return tested
}

const isIdField = (target: MigrateTarget, name: string): boolean =>
  Object.hasOwn(target.fields, name) && (target.fields[name]!.wrap !== undefined || target.fields[name]!.to === 'drop')

/** Why a site that may give no id is left, where code tests whether there is one. */
export function findAsked(
  tested: ReadonlyMap<string, string>,
  { fields, contexts }: Extract<SiteFields, { fields: unknown }>,
  target: MigrateTarget,
  isNullish: (node: Node) => boolean,
): string | undefined {
  for (const [field, place] of tested) {
    const to = Object.hasOwn(target.fields, field) ? target.fields[field]!.to : undefined
    // What is dropped is made anew, each by itself.
    const isSame = (name: string): boolean =>
      name === field || (to !== undefined && to !== 'drop' && target.fields[name]?.to === to)
    const given = [...fields].find(([name]) => isSame(name))?.[1]
    const isGiven = given
      ? !given.condition && (given.member === undefined ? !isNullish(given.node) : given.isOptional !== true)
      : contexts.length > 0
    if (!isGiven) return `no ${field} may be given here, ${place} tests it, and the sealed context always has one`
  }
  return undefined
}

type Asked = { readonly isId: boolean }

function isTest({ role, placed: { node, ancestors } }: FieldUse, asked: Asked): boolean {
  if (role === 'read')
    return isTested(node, ancestors, asked) || isNameTested(namedBy(node, ancestors), ancestors, asked)
  if (role !== 'pattern' || node.type !== 'Property') return false
  if (node.value.type === 'AssignmentPattern') return asked.isId || !isEmpty(node.value.right)
  return isNameTested(keyNameOf(node.value as Node), ancestors, asked)
}

/** `const threadId = context.threadId`: the name. */
function namedBy(node: Node, ancestors: readonly Node[]): string | undefined {
  const parent = ancestors.at(-1)
  return parent?.type === 'VariableDeclarator' && parent.init === node ? keyNameOf(parent.id as Node) : undefined
}

function isNameTested(name: string | undefined, ancestors: readonly Node[], asked: Asked): boolean {
  const scope = ancestors.findLast(({ type }) => /Function|^Program$/.test(type))
  if (name === undefined || !scope) return false
  let found = false
  walkNodes(scope, (node, above) => {
    found ||= node.type === 'Identifier' && node.name === name && isTested(node, above, asked)
    return !found
  })
  return found
}

function isTested(node: Node, ancestors: readonly Node[], asked: Asked): boolean {
  const parent = ancestors.at(-1)
  if (parent === undefined) return false
  if (parent.type === 'ChainExpression' || parent.type === 'ParenthesizedExpression')
    return isTested(parent, ancestors.slice(0, -1), asked)
  if (parent.type === 'IfStatement' || parent.type === 'ConditionalExpression' || parent.type === 'WhileStatement')
    return parent.test === node
  if (parent.type === 'LogicalExpression') {
    // Of a record or a list an empty one is what the new context has.
    if (parent.left === node && !asked.isId && parent.operator !== '&&' && isEmpty(parent.right)) return false
    return parent.left === node || isTested(parent, ancestors.slice(0, -1), asked)
  }
  if (parent.type === 'UnaryExpression') return parent.operator === '!' || parent.operator === 'typeof'
  if (parent.type === 'MemberExpression')
    return parent.object === node && parent.optional && isAsked(parent, ancestors, asked)
  if (parent.type !== 'BinaryExpression') return false
  const other = parent.left === node ? parent.right : parent.left
  return keyNameOf(other as Node) === 'undefined' || (other.type === 'Literal' && other.value === null)
}

/** `metadata?.locale` gives undefined of an empty record too; `permissions?.includes()` of an empty list does not. */
function isAsked(member: Node, ancestors: readonly Node[], { isId }: Asked): boolean {
  const call = ancestors.at(-2)
  return isId || (call?.type === 'CallExpression' && call.callee.start === member.start)
}

function isEmpty(node: Node): boolean {
  const inner = unwrapExpression(node)
  if (inner.type === 'ArrayExpression') return inner.elements.length === 0
  return inner.type === 'ObjectExpression' && inner.properties.length === 0
}
