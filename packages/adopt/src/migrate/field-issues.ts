/**
 * Why a value cannot go where its field goes: a placeholder, no id, the id of another field.
 */
import { mayBeId, refusedId, writtenWholes } from './id-text.ts'
import type { FieldHome, MigrateTarget } from './migrate-options.ts'
import { isRepeatable } from './site-fields.ts'
import type { FieldValue } from './site-fields.ts'
import type { Node } from '../engine/syntax.ts'
import { keyNameOf, unwrapExpression } from '../engine/syntax-search.ts'

/** The reason, or undefined. */
export function findIssue(
  target: MigrateTarget,
  field: string,
  home: FieldHome | undefined,
  { node, member }: FieldValue,
  { isUnseen }: { readonly isUnseen: (node: Node) => boolean },
): string | undefined {
  if (!home) return `the field ${field} has no home in the new context`
  const source = member ?? lastName(unwrapExpression(node))
  const sourceHome = source !== undefined && Object.hasOwn(target.fields, source) ? target.fields[source] : undefined
  const swapped = `the field ${field} gets a value called ${source}: the ids look swapped`
  if (home.to === 'drop') {
    // A user's id under a name that is dropped is the other half of a swap.
    if (sourceHome?.to === 'user') return swapped
    return isUnseen(node) ? undefined : `the field ${field} is dropped, but computing its value has an effect`
  }
  const isId = home.to === 'user' || home.wrap !== undefined
  const inner = unwrapExpression(home.member === undefined ? node : memberOf(node, home.member))
  const isNull = inner.type === 'Literal' && inner.value === null
  if (isId && (isNull || writtenWholes(inner).some((text) => isPlaceholder(target, text)))) {
    return home.to === 'user' ? 'no user is given: the value is a placeholder' : `the field ${field} is a placeholder`
  }
  if (isId && !mayBeId(target, inner)) return refusedId(field)
  if (target.ofUser?.includes(home.to) && writtenWholes(inner).some((text) => text.trim() === ''))
    return `the field ${field} is an empty text, which the new context refuses`
  const isSwapped =
    isId &&
    sourceHome &&
    sourceHome.to !== home.to &&
    sourceHome.to !== 'drop' &&
    (sourceHome.to === 'user' || sourceHome.wrap)
  return isSwapped ? swapped : undefined
}

const isPlaceholder = (target: MigrateTarget, value: string): boolean =>
  (target.placeholders ?? []).includes(value.trim().toLowerCase())

/** Name of a variable or member: `userId`, `request.userId`, and `user.id` read as `userId`. */
function lastName(node: Node): string | undefined {
  if (node.type === 'ChainExpression') return lastName(node.expression)
  if (node.type !== 'MemberExpression') return node.type === 'Identifier' ? node.name : undefined
  const name = node.computed ? undefined : keyNameOf(node.property)
  const owner = name === 'id' ? lastName(node.object) : undefined
  return owner === undefined ? name : `${owner}Id`
}

/** The value of a property of an object literal without spreads, or the node itself. */
export function memberOf(node: Node, name: string): Node {
  const inner = unwrapExpression(node)
  if (inner.type !== 'ObjectExpression' || inner.properties.some((one) => one.type === 'SpreadElement')) return node
  const found = inner.properties.find((one) => one.type === 'Property' && keyNameOf(one.key as Node) === name)
  const value = found?.type === 'Property' && found.kind === 'init' && !found.method ? (found.value as Node) : undefined
  // A value that may act is stored with its object: it must not be evaluated again.
  return value && isRepeatable(value) ? value : node
}
