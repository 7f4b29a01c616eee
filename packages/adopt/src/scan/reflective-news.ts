/**
 * `Reflect.construct(T, arguments)` makes what `new T` makes, and the compiler sees neither the class nor its
 * constructor. The third argument is the class that the value becomes one of, whatever constructor ran.
 */
import { childAt, childrenAt, nameOf, type SyntaxNode } from '../engine/syntax.ts'
import { spanOf } from './collect-definition.ts'
import { withoutParentheses } from './detour-facts.ts'
import type { RawNew } from './file-facts.ts'
import type { Placed } from './placed.ts'

/** @param node a `new` expression */
export const newOf = (node: SyntaxNode, placed: Placed, enclosing: string): RawNew => {
  const callee = childAt(node, 'callee')!
  return { ...spanOf(node), ...classOf(callee), isReflective: false, enclosing, placed }
}

const classOf = (callee: SyntaxNode): Pick<RawNew, 'callee' | 'calleeName' | 'qualifier'> => ({
  callee: spanOf(callee),
  calleeName: nameOf(callee),
  qualifier: nameOf(childAt(callee, 'object')),
})

/** @param call a call expression */
export const reflectiveNewsOf = (call: SyntaxNode, placed: () => Placed, enclosing: string): readonly RawNew[] => {
  const callee = withoutParentheses(childAt(call, 'callee'))
  const isConstruct =
    callee?.type === 'MemberExpression' &&
    nameOf(childAt(callee, 'object')) === 'Reflect' &&
    nameOf(childAt(callee, 'property')) === 'construct'
  if (!isConstruct) return []
  const [constructed, , made] = childrenAt(call, 'arguments')
  return [constructed, made].flatMap((one): RawNew[] =>
    one === undefined || one.type === 'SpreadElement'
      ? []
      : [{ ...spanOf(call), ...classOf(one), isReflective: true, enclosing, placed: placed() }],
  )
}
