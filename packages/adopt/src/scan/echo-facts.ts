/**
 * Whether a function gives back its own argument as the user. Syntax alone answers.
 */
import { childAt, childrenAt, childrenOf, nameOf, type SyntaxNode } from '../engine/syntax.ts'
import { isNothing } from './claim-facts.ts'
import { pathOf } from './detour-facts.ts'
import { boundNames, propertyOf, unwrapped } from './written-values.ts'

/** True when the user that `verify` gives is its own argument, and nothing on the way could have refused it. */
export const echoes = (verify: SyntaxNode): boolean => {
  const given = new Set(childrenAt(verify, 'params').flatMap(boundNames))
  const body = childAt(verify, 'body')
  if (given.size === 0 || !body) return false
  const isBlock = body.type === 'BlockStatement'
  if (isBlock) learnNames(body, given)
  if (isBlock && mayRefuse(body, given)) return false
  return (isBlock ? returnsIn(body) : [body]).some((result) => isGivenBack(result, given))
}

/** Constants that hold the argument, or a part of it, are the argument under another name. */
const learnNames = (node: SyntaxNode, given: Set<string>): void => {
  if (node.type === 'VariableDeclarator' && isGivenBack(childAt(node, 'init'), given))
    for (const name of boundNames(childAt(node, 'id'))) given.add(name)
  for (const child of childrenOf(node)) learnNames(child, given)
}

const returnsIn = (node: SyntaxNode): SyntaxNode[] => {
  if (node.type === 'ReturnStatement') return childAt(node, 'argument') ? [childAt(node, 'argument')!] : []
  if (/Function/.test(node.type)) return []
  return childrenOf(node).flatMap((child) => returnsIn(child))
}

/** A condition, a throw or a call that may throw stands between the argument and the result. */
const mayRefuse = (node: SyntaxNode, given: ReadonlySet<string>): boolean => {
  switch (node.type) {
    case 'ThrowStatement':
    case 'SwitchStatement':
    case 'TryStatement':
      return true
    case 'IfStatement':
      // To refuse what is not there proves nothing about what is.
      if (isPresence(childAt(node, 'test'), given) && isEnd(childAt(node, 'consequent'))) return false
      return true
    case 'ConditionalExpression':
      if (!isChoice(node, given)) return true
      break
    case 'LogicalExpression':
      if (node['operator'] === '&&') return true
      break
    case 'CallExpression':
      if (!isHarmlessCall(node)) return true
  }
  return childrenOf(node).some((child) => mayRefuse(child, given))
}

/** Whether a test only asks if the argument, or a part of it, is there. */
const isPresence = (test: SyntaxNode | undefined, given: ReadonlySet<string>): boolean => {
  const node = unwrapped(test)
  if (node?.type === 'UnaryExpression' && /^(?:!|typeof)$/.test(String(node['operator'])))
    return isPresence(childAt(node, 'argument'), given)
  if (node?.type === 'BinaryExpression') {
    const sides = ['left', 'right'].map((side) => childAt(node, side))
    return sides.some((side) => isPresence(side, given)) && sides.some((side) => isNothing(side) || isTypeName(side))
  }
  return isGivenBack(node, given)
}

const isTypeName = (node: SyntaxNode | undefined): boolean =>
  node?.type === 'Literal' && /^(?:string|undefined|object|)$/.test(String(node['value']))

/** `throw`, `return` and blocks of nothing else. */
const isEnd = (node: SyntaxNode | undefined): boolean =>
  node?.type === 'BlockStatement'
    ? childrenAt(node, 'body').every(isEnd)
    : node?.type === 'ThrowStatement' || (node?.type === 'ReturnStatement' && !childAt(node, 'argument'))

/** A conditional that gives a user on both sides, by nothing but whether the argument is there. */
const isChoice = (node: SyntaxNode, given: ReadonlySet<string>): boolean =>
  isPresence(childAt(node, 'test'), given) &&
  ['consequent', 'alternate'].every((side) => !isNothing(unwrapped(childAt(node, side))))

const isHarmlessCall = (call: SyntaxNode): boolean => {
  const callee = childAt(call, 'callee')
  return (
    /^(?:console|log|logger|Object)\./.test(pathOf(callee)) ||
    /^(?:String|trim|toString|toLowerCase|toUpperCase|decodeURIComponent|resolve|log|info|debug|warn|get|header)$/.test(
      nameOf(callee) ?? '',
    )
  )
}

/** The value is the argument, a part of it, or the same text in another form. */
const isGivenBack = (value: SyntaxNode | undefined, given: ReadonlySet<string>): boolean => {
  const node = unwrapped(value)
  const isOneOf = (values: readonly (SyntaxNode | undefined)[]): boolean =>
    values.some((one) => isGivenBack(one, given))
  switch (node?.type) {
    case 'Identifier':
      return given.has(nameOf(node)!)
    case 'MemberExpression':
    case 'ChainExpression':
      return isGivenBack(childAt(node, 'object') ?? childAt(node, 'expression'), given)
    case 'TemplateLiteral':
      return isOneOf(childrenAt(node, 'expressions'))
    case 'LogicalExpression':
      return node['operator'] !== '&&' && isOneOf([childAt(node, 'left'), childAt(node, 'right')])
    case 'ConditionalExpression':
      return isChoice(node, given) && isOneOf([childAt(node, 'consequent'), childAt(node, 'alternate')])
    case 'ObjectExpression': {
      const userId = propertyOf(node, 'userId')
      const spreads = childrenAt(node, 'properties').filter(({ type }) => type === 'SpreadElement')
      return userId ? isGivenBack(userId, given) : isOneOf(spreads.map((one) => childAt(one, 'argument')))
    }
    case 'CallExpression':
      return (
        isHarmlessCall(node) && isOneOf([...childrenAt(node, 'arguments'), childAt(childAt(node, 'callee'), 'object')])
      )
    default:
      return false
  }
}
