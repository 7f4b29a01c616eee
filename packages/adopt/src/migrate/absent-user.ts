/**
 * Whether the code itself says that an object may be absent. Where `strictNullChecks` is off no type says so, and an id
 * that is read of it would throw where the old code passed it on.
 */
import { walkNodes, unwrapExpression } from '../engine/syntax-search.ts'
import type { Placed } from '../engine/syntax-search.ts'
import type { Node, SyntaxTree } from '../engine/syntax.ts'
import type { MigrateTarget } from './migrate-options.ts'
import type { FieldValue } from './site-fields.ts'

/** @returns why the site is left, where a field of the user is the member of an object that may be absent */
export const refuseAbsentUser = (
  { text }: SyntaxTree,
  { node, ancestors }: Placed,
  fields: ReadonlyMap<string, FieldValue>,
  target: MigrateTarget,
): string | undefined => {
  const around = ancestors.findLast(({ type }) => /Function|^Program$/.test(type)) ?? node
  const textOf = ({ start, end }: Node): string => text.slice(start, end)
  const isTested = (value: Node): boolean => {
    const name = textOf(value)
    let found = false
    walkNodes(around, (one) => {
      found ||= one.type === 'MemberExpression' && one.optional && textOf(unwrapExpression(one.object)) === name
      return !found
    })
    return found
  }
  for (const [field, value] of fields) {
    const home = Object.hasOwn(target.fields, field) ? target.fields[field] : undefined
    const object = unwrapExpression(value.node)
    const isRead = home?.to === 'user' && home.member !== undefined && value.member === undefined
    if (isRead && /^(Identifier|MemberExpression)$/.test(object.type) && isTested(object))
      return 'the user may be absent: beside it, its fields are read by `?.`'
  }
  return undefined
}
