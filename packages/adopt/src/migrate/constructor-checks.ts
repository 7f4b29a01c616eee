/**
 * Checks of a constructor that the factory makes too: that an id is there and was initialised, that nothing unknown is
 * given. Every other check (a role, a tenant, a prefix) may be an authorization, and is not taken away.
 */
import { lineOf } from '../engine/syntax.ts'
import type { Node } from '../engine/syntax.ts'
import { keyNameOf, unwrapExpression, walkNodes } from '../engine/syntax-search.ts'
import { listOfTexts } from './constant-texts.ts'
import type { Workspace } from './workspace.ts'

/** The names by which a check reads what is given. */
export type CheckScope = {
  readonly file: string
  /** Names that hold an id each, with its field. */
  readonly values: ReadonlyMap<string, string>
  /** Name of the object that holds the fields, and of the list that holds what is one too many. */
  readonly bag?: string | undefined
  readonly rest?: string | undefined
  /** Fields that are ids, which the factory checks. Whether another (`isAdmin`) is given may be what grants a right. */
  readonly isId: (field: string) => boolean
  /** Fields whose value the new context does not take. */
  readonly isDropped: (field: string) => boolean
  /** Words that the factory refuses as well, in lower case. */
  readonly placeholders: readonly string[]
  /** Whether words count that look like placeholders, and that the factory takes: the check must then be kept. */
  readonly isLoose?: boolean
  /** Is told of each field that must be given, with the place, and of each word that is refused. */
  readonly onDemand: (field: string, place: string) => void
  readonly onWord: (word: string) => void
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
  if (node.type === 'UnaryExpression') return node.operator === '!' && isDemanded(workspace, node.argument, scope)
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
    return (
      node.operator.startsWith('!=') && keyNameOf(right) === 'string' && isDemanded(workspace, left.argument, scope)
    )
  if (node.operator !== '===' && node.operator !== '==') return false
  if (isLengthOf(left, (of) => isValue(of, scope))) return right.type === 'Literal' && right.value === 0
  if (!isValue(left, scope)) return false
  if (right.type === 'Literal' && right.value === null) return isDemanded(workspace, left, scope)
  if (right.type === 'Identifier' && right.name === 'undefined') return isDemanded(workspace, left, scope)
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
  // The factory refuses whole words only.
  if (!scope.isLoose || name !== 'some' || argument.type !== 'ArrowFunctionExpression') return false
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
function isPlaceholderWord(text: string, { placeholders, isLoose, onWord }: CheckScope): boolean {
  onWord(text)
  const word = text.toLowerCase()
  if (text.trim() === '' || placeholders.includes(word)) return true
  const stem = word.replace(/[_-](?:user|thread|run|request|session)?(?:[_-]?id)?$/, '')
  return isLoose === true && (placeholders.includes(stem) || /^(.)\1{0,2}$/.test(stem))
}

function isAboutDropped(node: Node, { bag, values, isDropped }: CheckScope): boolean {
  if (node.type !== 'BinaryExpression' || node.right.type !== 'Literal') return false
  const left = unwrapExpression(node.left as Node)
  const isField =
    left.type === 'MemberExpression' &&
    (left.object.type === 'ThisExpression' || (bag !== undefined && keyNameOf(left.object) === bag))
  const name = keyNameOf(isField ? left.property : left)
  const field = isField ? name : values.get(name ?? '')
  return field !== undefined && isDropped(field)
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
export const isValue = (node: Node, scope: CheckScope): boolean => fieldOf(node, scope) !== undefined

function isDemanded(workspace: Workspace, node: Node, scope: CheckScope): boolean {
  const field = fieldOf(node, scope)
  const place = `${scope.file}:${lineOf(workspace.source(scope.file).text, node.start)}`
  if (field !== undefined) scope.onDemand(field, place)
  return field !== undefined
}

function fieldOf(node: Node, scope: CheckScope): string | undefined {
  const inner = unwrapExpression(node)
  if (inner.type === 'ChainExpression') return fieldOf(inner.expression, scope)
  if (inner.type === 'Identifier') return scope.values.get(inner.name)
  if (inner.type === 'CallExpression' && inner.callee.type === 'MemberExpression')
    return ['trim', 'toLowerCase'].includes(keyNameOf(inner.callee.property) ?? '')
      ? fieldOf(inner.callee.object, scope)
      : undefined
  const name = inner.type === 'MemberExpression' && !inner.computed ? keyNameOf(inner.property) : undefined
  if (inner.type !== 'MemberExpression' || name === undefined || !scope.isId(name)) return undefined
  const isGiven =
    inner.object.type === 'ThisExpression' || (scope.bag !== undefined && keyNameOf(inner.object) === scope.bag)
  return isGiven ? name : undefined
}

function mentions(node: Node, isOne: (name: string) => boolean): boolean {
  let found = false
  walkNodes(node, (one) => {
    found ||= one.type === 'Identifier' && isOne(one.name)
    return !found
  })
  return found
}
