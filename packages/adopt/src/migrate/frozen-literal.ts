/**
 * A value that only fits where a context is expected is no construction, but for one form: a literal that is frozen at
 * once, which is how careful makers were written before there was a factory.
 */
import { keyNameOf, unwrapExpression } from '../engine/syntax-search.ts'
import type { Node } from '../engine/syntax.ts'
import type { Finding } from '../finding.ts'

type Site = Pick<Finding, 'kind'>

/** The construction of a site, without assertions around it; of a frozen literal the literal. */
export const constructionOf = (node: Node): Node => {
  const inner = unwrapExpression(node)
  return frozenLiteral(inner) ?? inner
}

/** Whether the construction is written at the site, so that its fields can be read. */
export const isWrittenOut = (site: Site, node: Node): boolean => {
  const inner = constructionOf(node)
  // Another class has methods and checks of its own.
  return inner.type === 'ObjectExpression' || (inner.type === 'NewExpression' && site.kind !== 'look-alike')
}

function frozenLiteral(node: Node): Node | undefined {
  if (node.type !== 'CallExpression' || node.callee.type !== 'MemberExpression' || node.callee.computed)
    return undefined
  const { object, property } = node.callee
  const isFreeze = keyNameOf(object) === 'Object' && ['freeze', 'seal'].includes(keyNameOf(property) ?? '')
  const [only, ...more] = node.arguments
  const literal = isFreeze && only && more.length === 0 ? unwrapExpression(only as Node) : undefined
  return literal?.type === 'ObjectExpression' ? literal : undefined
}
