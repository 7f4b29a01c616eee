/**
 * What a function that is written as a value gives back.
 */
import type { Node } from '../engine/syntax.ts'
import { walkNodes } from '../engine/syntax-search.ts'

/** Empty for any other value. */
export function returnedBy(callback: Node): readonly Node[] {
  if (callback.type !== 'ArrowFunctionExpression' && callback.type !== 'FunctionExpression') return []
  const { body } = callback
  if (!body || body.type !== 'BlockStatement') return body ? [body as Node] : []
  const values: Node[] = []
  walkNodes(body as Node, (node) => {
    if (node.type === 'ReturnStatement' && node.argument) values.push(node.argument)
    return !/Function|^Class/.test(node.type)
  })
  return values
}
