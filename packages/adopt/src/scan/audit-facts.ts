/**
 * Calls that decide who a user is and how long: identityProvider(), vouchForUser() with its reason, and whatever takes
 * `outlivesIdentity` with one. Syntax alone answers what is asked here.
 */
import { childAt, childrenAt, childrenOf, nameOf, type SyntaxNode } from '../engine/syntax.ts'
import { spanOf } from './collect-definition.ts'
import type { ImportFact, RawAudit } from './file-facts.ts'

/** @param imports those of the file so far: they stand before every call */
export const auditOf = (
  call: SyntaxNode,
  program: SyntaxNode,
  imports: readonly ImportFact[],
  enclosing: string,
): RawAudit | undefined => {
  const callee = calledName(call, imports)
  const shared = { ...spanOf(call), enclosing }
  if (callee === 'identityProvider') {
    const verify = functionAt(propertyOf(childrenAt(call, 'arguments')[0], 'verify'), program)
    return { ...shared, kind: verify && echoes(verify) ? 'provider-echo' : 'identity-provider' }
  }
  const given = childrenAt(call, 'arguments')
  const exemption = given.map((one) => propertyOf(one, 'outlivesIdentity')).find((one) => one !== undefined)
  const reason = propertyOf(callee === 'vouchForUser' ? given[1] : exemption, 'reason')
  return reason && !isConstant(reason, program) ? { ...shared, kind: 'vouched-reason' } : undefined
}

/** The imported name behind the callee; a member of anything counts by its own name. */
const calledName = (call: SyntaxNode, imports: readonly ImportFact[]): string | undefined => {
  const callee = childAt(call, 'callee')
  const name = nameOf(callee)
  if (callee?.type === 'MemberExpression')
    return imports.some(({ local, imported }) => imported === '*' && local === nameOf(childAt(callee, 'object')))
      ? name
      : undefined
  return imports.find(({ local }) => local === name)?.imported
}

const propertyOf = (object: SyntaxNode | undefined, key: string): SyntaxNode | undefined => {
  const property = childrenAt(unwrapped(object), 'properties').find((one) => nameOf(childAt(one, 'key')) === key)
  return childAt(property, 'value')
}

const unwrapped = (node: SyntaxNode | undefined): SyntaxNode | undefined =>
  node &&
  /^(ParenthesizedExpression|TSAsExpression|TSSatisfiesExpression|TSNonNullExpression|AwaitExpression)$/.test(node.type)
    ? unwrapped(childAt(node, 'expression') ?? childAt(node, 'argument'))
    : node

/** The function itself, or the one of that name at the top of the file. */
const functionAt = (value: SyntaxNode | undefined, program: SyntaxNode): SyntaxNode | undefined => {
  const node = unwrapped(value)
  if (node?.type !== 'Identifier') return node?.type.endsWith('FunctionExpression') ? node : undefined
  return functionAtTop(nameOf(node)!, program)
}

const functionAtTop = (name: string, program: SyntaxNode): SyntaxNode | undefined => {
  const found = valueAtTop(name, program)
  return found && /Function/.test(found.type) ? found : undefined
}

/** What the top of the file binds to the name, when nothing can bind it anew. */
const valueAtTop = (name: string, program: SyntaxNode): SyntaxNode | undefined => {
  for (const statement of childrenAt(program, 'body')) {
    const declaration = childAt(statement, 'declaration') ?? statement
    if (declaration.type === 'FunctionDeclaration' && nameOf(childAt(declaration, 'id')) === name) return declaration
    if (declaration.type !== 'VariableDeclaration' || declaration['kind'] !== 'const') continue
    const bound = childrenAt(declaration, 'declarations').find((one) => nameOf(childAt(one, 'id')) === name)
    if (bound) return unwrapped(childAt(bound, 'init'))
  }
  return undefined
}

/** A text that stands in the code, or a member of a table of such texts. */
const isConstant = (value: SyntaxNode, program: SyntaxNode): boolean => {
  const node = unwrapped(value)
  switch (node?.type) {
    case 'Literal':
      return true
    case 'TemplateLiteral':
      return childrenAt(node, 'expressions').every((one) => isConstant(one, program))
    case 'BinaryExpression':
      return ['left', 'right'].every((side) => isConstant(childAt(node, side)!, program))
    case 'ConditionalExpression':
      return ['consequent', 'alternate'].every((side) => isConstant(childAt(node, side)!, program))
    case 'Identifier': {
      const bound = valueAtTop(nameOf(node)!, program)
      return bound !== undefined && isConstant(bound, program)
    }
    case 'MemberExpression':
      return /^[A-Z]/.test(nameOf(childAt(node, 'object')) ?? '') && node['computed'] !== true
    default:
      return false
  }
}

/** True when the user that `verify` gives is its own argument, and nothing on the way could have refused it. */
const echoes = (verify: SyntaxNode): boolean => {
  const given = new Set(childrenAt(verify, 'params').flatMap(boundNames))
  const body = childAt(verify, 'body')
  if (given.size === 0 || !body) return false
  const results = body.type === 'BlockStatement' ? returnsIn(body) : [body]
  if (body.type === 'BlockStatement' && mayRefuse(body)) return false
  return results.some((result) => isGivenBack(result, given))
}

const boundNames = (pattern: SyntaxNode | undefined): string[] => {
  if (pattern?.type === 'Identifier') return [nameOf(pattern)!]
  if (pattern?.type === 'AssignmentPattern') return boundNames(childAt(pattern, 'left'))
  if (pattern?.type === 'ObjectPattern')
    return childrenAt(pattern, 'properties').flatMap((one) =>
      boundNames(childAt(one, 'value') ?? childAt(one, 'argument')),
    )
  return pattern?.type === 'ArrayPattern' ? childrenAt(pattern, 'elements').flatMap(boundNames) : []
}

const returnsIn = (node: SyntaxNode): SyntaxNode[] => {
  if (node.type === 'ReturnStatement') return childAt(node, 'argument') ? [childAt(node, 'argument')!] : []
  if (/Function/.test(node.type)) return []
  return childrenOf(node).flatMap((child) => returnsIn(child))
}

/** A condition, a throw or a call that may throw stands between the argument and the result. */
const mayRefuse = (node: SyntaxNode): boolean => {
  if (
    /^(IfStatement|ThrowStatement|SwitchStatement|TryStatement|ConditionalExpression|LogicalExpression)$/.test(
      node.type,
    )
  )
    return true
  if (node.type === 'CallExpression' && !isHarmlessCall(node)) return true
  return childrenOf(node).some((child) => mayRefuse(child))
}

const isHarmlessCall = (call: SyntaxNode): boolean =>
  /^(String|trim|toString|toLowerCase|toUpperCase|decodeURIComponent|resolve|log|info|debug|get|header)$/.test(
    nameOf(childAt(call, 'callee')) ?? '',
  )

/** The value is the argument, a part of it, or the same text in another form. */
const isGivenBack = (value: SyntaxNode | undefined, given: ReadonlySet<string>): boolean => {
  const node = unwrapped(value)
  switch (node?.type) {
    case 'Identifier':
      return given.has(nameOf(node)!)
    case 'MemberExpression':
    case 'ChainExpression':
      return isGivenBack(childAt(node, 'object') ?? childAt(node, 'expression'), given)
    case 'TemplateLiteral':
      return childrenAt(node, 'expressions').some((one) => isGivenBack(one, given))
    case 'ObjectExpression': {
      const userId = propertyOf(node, 'userId')
      const isSpread = childrenAt(node, 'properties').some(
        (one) => one.type === 'SpreadElement' && isGivenBack(childAt(one, 'argument'), given),
      )
      return userId ? isGivenBack(userId, given) : isSpread
    }
    case 'CallExpression':
      return (
        isHarmlessCall(node) &&
        [...childrenAt(node, 'arguments'), childAt(childAt(node, 'callee'), 'object')].some((one) =>
          isGivenBack(one, given),
        )
      )
    default:
      return false
  }
}
