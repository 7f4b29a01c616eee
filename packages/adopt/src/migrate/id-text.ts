/**
 * Whether a value that the source writes down can be an id: the new context refuses other characters when it runs.
 */
import type { MigrateTarget } from './migrate-options.ts'
import type { Node } from '../engine/syntax.ts'
import { unwrapExpression } from '../engine/syntax-search.ts'

/** True also for a value that only the running program knows. */
export const mayBeId = ({ ids }: MigrateTarget, value: Node): boolean =>
  ids === undefined ||
  writtenParts(value).every((part) => part.length <= ids.maxCharacters && new RegExp(ids.pattern).test(part))

/** Why a site with such a value is left. */
export const refusedId = (field: string): string =>
  `the field ${field} is no id: the new context refuses its characters`

/** Texts that the value as a whole may be, as far as the source writes them down: `''` of `given ?? ''`. */
export const writtenWholes = (node: Node): readonly string[] => {
  const inner = unwrapExpression(node)
  if (inner.type === 'Literal') return typeof inner.value === 'string' ? [inner.value] : []
  if (inner.type === 'TemplateLiteral' && inner.expressions.length === 0) return [inner.quasis[0]!.value.cooked ?? '']
  if (inner.type === 'LogicalExpression')
    return [...(inner.operator === '&&' ? [] : writtenWholes(inner.left)), ...writtenWholes(inner.right)]
  if (inner.type === 'ConditionalExpression') return [inner.consequent, inner.alternate].flatMap(writtenWholes)
  return []
}

/** What of a text the source writes down. */
function writtenParts(node: Node): readonly string[] {
  const inner = unwrapExpression(node)
  if (inner.type === 'Literal') return typeof inner.value === 'string' ? [inner.value] : []
  if (inner.type === 'TemplateLiteral')
    return [...inner.quasis.map(({ value }) => value.cooked ?? ''), ...inner.expressions.flatMap(writtenParts)]
  if (inner.type === 'BinaryExpression' && inner.operator === '+')
    return [...writtenParts(inner.left as Node), ...writtenParts(inner.right)]
  if (inner.type === 'LogicalExpression') return [inner.left, inner.right].flatMap(writtenParts)
  if (inner.type === 'ConditionalExpression') return [inner.consequent, inner.alternate].flatMap(writtenParts)
  return []
}
