/**
 * Checks of a constructor that the factory makes too: that an id is there and was initialised, that nothing unknown is
 * given. Every other check (a role, a tenant, a prefix) may be an authorization, and is not taken away.
 */
import type { Node } from '../engine/syntax.ts'
import { keyNameOf, unwrapExpression, walkNodes } from '../engine/syntax-search.ts'
import { calledFunction } from './called-function.ts'
import { listOfTexts } from './constant-texts.ts'
import type { Workspace } from './workspace.ts'

/** The names by which a check reads what is given. */
export type CheckScope = {
  readonly file: string
  /** Names that hold an id each. */
  readonly values: ReadonlySet<string>
  /** Name of the object that holds the fields, and of the list that holds what is one too many. */
  readonly bag?: string | undefined
  readonly rest?: string | undefined
  /** Fields that are ids, which the factory checks. Whether another (`isAdmin`) is given may be what grants a right. */
  readonly isId: (field: string) => boolean
  /** Fields whose value the new context does not take. */
  readonly isDropped: (field: string) => boolean
  readonly placeholders: readonly string[]
}

/** `if (…) throw …`, and nothing more. */
export const isFactoryCheck = (workspace: Workspace, statement: Node, scope: CheckScope): boolean =>
  isThrowing(statement) && isBenign(workspace, statement.test, scope)

/** A loop over the names of the fields that refuses those that it does not know. */
export const isNameCheck = (statement: Node, { bag }: CheckScope): boolean => {
  if ((statement.type !== 'ForInStatement' && statement.type !== 'ForOfStatement') || bag === undefined) return false
  const isOverNames =
    statement.type === 'ForInStatement' ? keyNameOf(statement.right) === bag : isKeysOf(statement.right, bag)
  const body = statement.body.type === 'BlockStatement' ? (statement.body.body as Node[]) : [statement.body as Node]
  return isOverNames && body.every((one) => isThrowing(one) && !mentions(one, (name) => name === bag))
}

/** A function of the tree that throws where such a check fails, and gives back what it was given. */
export const isCheckFunction = (workspace: Workspace, file: string, call: Node, scope: CheckScope): boolean => {
  if (call.type !== 'CallExpression' || call.callee.type !== 'Identifier') return false
  const called = calledFunction(workspace, file, call)
  const own = called?.node
  if (own?.type !== 'FunctionDeclaration' && own?.type !== 'ArrowFunctionExpression') return false
  const [parameter] = own.params as Node[]
  const name = parameter && keyNameOf(parameter)
  const { body } = own
  if (name === undefined || body?.type !== 'BlockStatement' || own.async || own.generator) return false
  const values = new Set([name])
  const inner: CheckScope = { ...scope, file: called!.file, values, bag: undefined, rest: undefined }
  return (body.body as Node[]).every((statement, index, all) => {
    if (statement.type === 'VariableDeclaration' && statement.kind === 'const')
      return statement.declarations.every((one) => {
        const alias = one.init && isValue(one.init, inner) ? keyNameOf(one.id as Node) : undefined
        if (alias !== undefined) values.add(alias)
        return alias !== undefined
      })
    if (index < all.length - 1) return isFactoryCheck(workspace, statement, inner)
    return (
      statement.type === 'ReturnStatement' &&
      !!statement.argument &&
      keyNameOf(unwrapExpression(statement.argument)) === name
    )
  })
}

type Throwing = Extract<Node, { type: 'IfStatement' }>

function isThrowing(node: Node): node is Throwing {
  if (node.type !== 'IfStatement' || node.alternate) return false
  const { consequent } = node
  const only = consequent.type === 'BlockStatement' && consequent.body.length === 1 ? consequent.body[0]! : consequent
  return only.type === 'ThrowStatement'
}

function isBenign(workspace: Workspace, test: Node, scope: CheckScope): boolean {
  const node = unwrapExpression(test)
  const again = (one: Node): boolean => isBenign(workspace, one, scope)
  // Where both have to hold, one that is benign is enough.
  if (node.type === 'LogicalExpression')
    return node.operator === '&&'
      ? again(node.left) || again(node.right)
      : node.operator === '||' && again(node.left) && again(node.right)
  if (isAboutDropped(node, scope) || isAboutNames(node, scope) || isConstantTest(workspace, node, scope)) return true
  if (node.type === 'UnaryExpression') return node.operator === '!' && isValue(node.argument, scope)
  if (node.type === 'BinaryExpression') return isAbsence(workspace, node, scope)
  return isWordTest(workspace, node, scope)
}

/** `value === undefined`, `value.trim() === ''`, `typeof value !== 'string'`, `unexpected.length > 0`. */
function isAbsence(
  workspace: Workspace,
  node: Extract<Node, { type: 'BinaryExpression' }>,
  scope: CheckScope,
): boolean {
  const left = unwrapExpression(node.left as Node)
  const right = unwrapExpression(node.right)
  if (isLengthOf(left, (of) => scope.rest !== undefined && keyNameOf(of) === scope.rest)) return node.operator === '>'
  if (left.type === 'UnaryExpression' && left.operator === 'typeof')
    return node.operator.startsWith('!=') && isValue(left.argument, scope) && keyNameOf(right) === 'string'
  if (node.operator !== '===' && node.operator !== '==') return false
  if (isLengthOf(left, (of) => isValue(of, scope))) return right.type === 'Literal' && right.value === 0
  if (!isValue(left, scope)) return false
  if (right.type === 'Literal' && right.value === null) return true
  if (right.type === 'Identifier' && right.name === 'undefined') return true
  const words = listOfTexts(workspace, scope.file, right)
  return words !== undefined && words.every((one) => isPlaceholderWord(one, scope))
}

/** `placeholders.includes(value)`, `placeholders.has(value.toLowerCase())`, `prefixes.some((one) => …)`. */
function isWordTest(workspace: Workspace, node: Node, scope: CheckScope): boolean {
  if (node.type !== 'CallExpression' || node.callee.type !== 'MemberExpression') return false
  const { object, property } = node.callee
  const words = listOfTexts(workspace, scope.file, object)
  const [argument] = node.arguments as Node[]
  if (!words?.every((one) => isPlaceholderWord(one, scope)) || !argument) return false
  const name = keyNameOf(property)
  if (name === 'includes' || name === 'has') return isValue(argument, scope)
  if (name !== 'some' || argument.type !== 'ArrowFunctionExpression') return false
  const body = unwrapExpression(argument.body as Node)
  if (body.type !== 'CallExpression' || body.callee.type !== 'MemberExpression') return false
  return keyNameOf(body.callee.property) === 'startsWith' && isValue(body.callee.object, scope)
}

/** A test of lists and texts alone has one outcome, whatever is given. */
function isConstantTest(workspace: Workspace, node: Node, scope: CheckScope): boolean {
  const inner = node.type === 'UnaryExpression' && node.operator === '!' ? unwrapExpression(node.argument) : node
  if (inner.type !== 'CallExpression' || inner.callee.type !== 'MemberExpression') return false
  const isText = inner.arguments.every((one) => one.type === 'Literal')
  return isText && listOfTexts(workspace, scope.file, inner.callee.object) !== undefined
}

/** A word that stands for an id that nobody gave: it says nothing about a user. */
function isPlaceholderWord(text: string, { placeholders }: CheckScope): boolean {
  const word = text.toLowerCase().replace(/[_-](?:user|thread|run|request|session)?(?:[_-]?id)?$/, '')
  return placeholders.includes(word) || /^(.)\1{0,2}$/.test(word)
}

function isAboutDropped(node: Node, { bag, values, isDropped }: CheckScope): boolean {
  if (node.type !== 'BinaryExpression' || node.right.type !== 'Literal') return false
  const left = unwrapExpression(node.left as Node)
  const isField =
    left.type === 'MemberExpression' &&
    (left.object.type === 'ThisExpression' || (bag !== undefined && keyNameOf(left.object) === bag))
  const name = keyNameOf(isField ? left.property : left)
  return name !== undefined && (isField || values.has(name)) && isDropped(name)
}

/** A test of which names are given: `Object.keys(fields).some((name) => !known.includes(name))`. */
function isAboutNames(node: Node, { bag, values }: CheckScope): boolean {
  if (node.type !== 'CallExpression' || node.callee.type !== 'MemberExpression' || bag === undefined) return false
  if (!isKeysOf(node.callee.object, bag)) return false
  return node.arguments.every((one) => !mentions(one as Node, (name) => name === bag || values.has(name)))
}

function isKeysOf(node: Node, bag: string): boolean {
  const inner = unwrapExpression(node)
  return (
    inner.type === 'CallExpression' &&
    inner.callee.type === 'MemberExpression' &&
    keyNameOf(inner.callee.object) === 'Object' &&
    keyNameOf(inner.callee.property) === 'keys' &&
    keyNameOf(inner.arguments[0] as Node) === bag
  )
}

function isLengthOf(node: Node, isWhole: (of: Node) => boolean): boolean {
  return node.type === 'MemberExpression' && keyNameOf(node.property) === 'length' && isWhole(node.object)
}

/** One of the values given, as it is or trimmed or in lower case. */
function isValue(node: Node, scope: CheckScope): boolean {
  const inner = unwrapExpression(node)
  if (inner.type === 'ChainExpression') return isValue(inner.expression, scope)
  if (inner.type === 'Identifier') return scope.values.has(inner.name)
  if (inner.type === 'CallExpression' && inner.callee.type === 'MemberExpression')
    return (
      ['trim', 'toLowerCase'].includes(keyNameOf(inner.callee.property) ?? '') && isValue(inner.callee.object, scope)
    )
  if (inner.type !== 'MemberExpression' || inner.computed || !scope.isId(keyNameOf(inner.property) ?? '')) return false
  return inner.object.type === 'ThisExpression' || (scope.bag !== undefined && keyNameOf(inner.object) === scope.bag)
}

function mentions(node: Node, isOne: (name: string) => boolean): boolean {
  let found = false
  walkNodes(node, (one) => {
    found ||= one.type === 'Identifier' && isOne(one.name)
    return !found
  })
  return found
}
