/**
 * Optional ids that some code tests (`if (context.threadId)`): the sealed context always has one, so that a site
 * which gives none would be taken for one that gives it.
 */
import type { DefinitionFact } from '../scan/scan-result.ts'
import type { MigrateTarget } from './migrate-options.ts'
import { findCarriedFields } from './readers/carried-field.ts'
import { findFieldUses } from './readers/field-uses.ts'
import type { FieldUse } from './readers/field-uses.ts'
import type { SiteFields } from './site-fields.ts'
import { lineOf } from '../engine/syntax.ts'
import type { Node } from '../engine/syntax.ts'
import { keyNameOf, walkNodes } from '../engine/syntax-search.ts'
import type { Workspace } from './workspace.ts'

/** Name of each such field, and the first place that tests it. The overlay must be empty. */
export const findTestedFields = (
  workspace: Workspace,
  definitions: readonly DefinitionFact[],
  target: MigrateTarget,
): ReadonlyMap<string, string> => {
  const tested = new Map<string, string>()
  for (const definition of definitions) {
    const optional = definition.fields.filter(
      ({ name, optional, type }) =>
        Object.hasOwn(target.fields, name) &&
        target.fields[name]!.wrap !== undefined &&
        (optional || /\b(?:undefined|null)\b/.test(type)),
    )
    if (optional.length === 0) continue
    for (const field of findCarriedFields(workspace, { definition, member: '' }, target)) {
      if (tested.has(field.name) || !optional.some(({ name }) => name === field.name)) continue
      const use = findFieldUses(workspace, field).find(isTest)
      if (use) tested.set(field.name, `${use.file}:${lineOf(workspace.source(use.file).text, use.start)}`)
    }
  }
  return tested
}

/** Why a site that may give no id is left, where code tests whether there is one. */
export function findAsked(
  tested: ReadonlyMap<string, string>,
  { fields, contexts }: Extract<SiteFields, { fields: unknown }>,
  target: MigrateTarget,
  isNullish: (node: Node) => boolean,
): string | undefined {
  for (const [field, place] of tested) {
    const to = target.fields[field]!.to
    const given = [...fields].find(([name]) => target.fields[name]?.to === to)?.[1]
    const isGiven = given
      ? !given.condition && (given.member === undefined ? !isNullish(given.node) : given.isOptional !== true)
      : contexts.length > 0
    if (!isGiven) return `no ${field} may be given here, ${place} tests it, and the sealed context always has one`
  }
  return undefined
}

function isTest({ role, placed: { node, ancestors } }: FieldUse): boolean {
  if (role === 'read') return isTested(node, ancestors) || isNameTested(namedBy(node, ancestors), ancestors)
  if (role !== 'pattern' || node.type !== 'Property') return false
  if (node.value.type === 'AssignmentPattern') return true
  return isNameTested(keyNameOf(node.value as Node), ancestors)
}

/** `const threadId = context.threadId`: the name. */
function namedBy(node: Node, ancestors: readonly Node[]): string | undefined {
  const parent = ancestors.at(-1)
  return parent?.type === 'VariableDeclarator' && parent.init === node ? keyNameOf(parent.id as Node) : undefined
}

function isNameTested(name: string | undefined, ancestors: readonly Node[]): boolean {
  const scope = ancestors.findLast(({ type }) => /Function|^Program$/.test(type))
  if (name === undefined || !scope) return false
  let found = false
  walkNodes(scope, (node, above) => {
    found ||= node.type === 'Identifier' && node.name === name && isTested(node, above)
    return !found
  })
  return found
}

function isTested(node: Node, ancestors: readonly Node[]): boolean {
  const parent = ancestors.at(-1)
  if (parent === undefined) return false
  if (parent.type === 'ChainExpression' || parent.type === 'ParenthesizedExpression')
    return isTested(parent, ancestors.slice(0, -1))
  if (parent.type === 'IfStatement' || parent.type === 'ConditionalExpression' || parent.type === 'WhileStatement')
    return parent.test === node
  if (parent.type === 'LogicalExpression') return parent.left === node || isTested(parent, ancestors.slice(0, -1))
  if (parent.type === 'UnaryExpression') return parent.operator === '!' || parent.operator === 'typeof'
  if (parent.type === 'MemberExpression') return parent.object === node && parent.optional
  if (parent.type !== 'BinaryExpression') return false
  const other = parent.left === node ? parent.right : parent.left
  return keyNameOf(other as Node) === 'undefined' || (other.type === 'Literal' && other.value === null)
}
