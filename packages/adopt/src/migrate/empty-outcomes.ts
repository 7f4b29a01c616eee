/**
 * What an optional list or record gives where it is absent (`permissions?.includes('read')`), beside what an empty one
 * gives: where nothing can tell the two apart, it does not matter that the sealed context always has one.
 */
import type { Node } from '../engine/syntax.ts'
import { keyNameOf, unwrapExpression, walkNodes } from '../engine/syntax-search.ts'

/** What an empty one gives; `same` is what an absent one gives: undefined. */
type Outcome = false | 0 | '' | 'list' | 'same' | 'other'

/** @param member - `permissions?.includes`, of which the object is the field. */
export const isSameOfEmpty = (member: Node, ancestors: readonly Node[]): boolean => {
  let outcome = stepOf('list', member, ancestors.at(-1))
  let [node, above] = [member, ancestors]
  for (;;) {
    const parent = above.at(-1)
    const isCall = parent?.type === 'CallExpression' && parent.callee === node
    const isMember = parent?.type === 'MemberExpression' && parent.object === node
    if (!isCall && !isMember && !wrappers.has(parent?.type ?? '')) break
    if (isMember) outcome = stepOf(outcome, parent, above.at(-2))
    node = parent!
    above = above.slice(0, -1)
  }
  return outcome === 'same' || (isFalsy(outcome) && isFalsyUse(outcome, node, above))
}

/** `permissions && permissions.includes('read')`: the same question of an absent one. */
export const isSameBehind = (logical: Node, ancestors: readonly Node[]): boolean => {
  if (logical.type !== 'LogicalExpression' || logical.operator !== '&&') return false
  let inner = logical.right as Node
  if (inner.type === 'CallExpression') inner = inner.callee as Node
  if (inner.type !== 'MemberExpression' || !isSameMember(inner.object, logical.left)) return false
  const outcome = stepOf('list', inner, inner === logical.right ? undefined : (logical.right as Node))
  return isFalsy(outcome) && isFalsyUse(outcome, logical, ancestors)
}

const wrappers = new Set(['ChainExpression', 'ParenthesizedExpression', 'TSNonNullExpression', 'TSAsExpression'])
const isFalsy = (outcome: Outcome): outcome is false | 0 | '' => typeof outcome !== 'string' || outcome === ''

function stepOf(from: Outcome, member: Node, parent: Node | undefined): Outcome {
  if (member.type !== 'MemberExpression') return 'other'
  // `metadata?.a.b` of an empty record throws.
  if (from === 'same') return member.optional ? 'same' : 'other'
  if (from !== 'list') return 'other'
  const name = member.computed ? undefined : keyNameOf(member.property)
  const isCalled = parent?.type === 'CallExpression' && parent.callee === member
  if (!isCalled) return name === 'length' ? 0 : 'same'
  if (name === undefined) return 'other'
  return results.get(name) ?? 'other'
}

const results: ReadonlyMap<string, Outcome> = new Map<string, Outcome>([
  ...named(['includes', 'some', 'has', 'hasOwnProperty'], false),
  ...named(['find', 'findLast', 'at', 'forEach'], 'same'),
  ...named(['filter', 'map', 'slice', 'flat', 'flatMap', 'toSorted', 'toReversed'], 'list'),
  ['join', ''],
])

function named(names: readonly string[], outcome: Outcome): (readonly [string, Outcome])[] {
  return names.map((name) => [name, outcome])
}

/** Whether only that it is false counts. */
function isFalsyUse(outcome: false | 0 | '', node: Node, ancestors: readonly Node[]): boolean {
  const parent = ancestors.at(-1)
  const above = ancestors.slice(0, -1)
  if (parent === undefined) return false
  if (wrappers.has(parent.type)) return isFalsyUse(outcome, parent, above)
  if ('test' in parent) return parent.test === node && parent.type !== 'SwitchCase'
  if (parent.type === 'UnaryExpression') return parent.operator === '!'
  if (parent.type === 'LogicalExpression') {
    if (parent.right === node || parent.operator === '&&') return isFalsyUse(outcome, parent, above)
    return parent.operator === '||' || isLiteral(parent.right, outcome)
  }
  if (parent.type === 'BinaryExpression') return isSameComparison(outcome, node, parent)
  if (parent.type === 'CallExpression') return keyNameOf(parent.callee) === 'Boolean'
  if (parent.type === 'ArrowFunctionExpression') return parent.body === node && isPredicate(parent, above.at(-1))
  if (parent.type !== 'VariableDeclarator' || parent.init !== node) return false
  const declaration = above.at(-1)
  const isConstant = declaration?.type === 'VariableDeclaration' && declaration.kind === 'const'
  return isConstant && isFalsyName(outcome, keyNameOf(parent.id as Node), parent, above)
}

/** `length > 0`, `includes(…) === true`. */
function isSameComparison(
  outcome: false | 0 | '',
  node: Node,
  { left, right, operator }: Extract<Node, { type: 'BinaryExpression' }>,
): boolean {
  const other = unwrapExpression((left === node ? right : left) as Node)
  if (other.type !== 'Literal' || other.value === null) return false
  if (operator === '===' || operator === '!==') return other.value !== outcome
  const isAbove = left === node ? operator === '>' : operator === '<'
  return isAbove && typeof other.value === 'number' && other.value >= 0
}

const predicates = new Set(['filter', 'some', 'every', 'find', 'findIndex', 'findLast', 'findLastIndex'])

const isPredicate = (arrow: Node, call: Node | undefined): boolean =>
  call?.type === 'CallExpression' &&
  call.arguments[0] === arrow &&
  call.callee.type === 'MemberExpression' &&
  predicates.has(keyNameOf(call.callee.property as Node) ?? '')

function isFalsyName(
  outcome: false | 0 | '',
  name: string | undefined,
  declarator: Node,
  ancestors: readonly Node[],
): boolean {
  const scope = ancestors.findLast(({ type }) => /Function|^Program$/.test(type))
  if (name === undefined || !scope || scope.type === 'Program') return false
  let isSame = true
  walkNodes(scope, (one, above) => {
    if (one.type !== 'Identifier' || one.name !== name || one === (declarator as { id?: Node }).id) return
    const parent = above.at(-1)
    const isKey = parent?.type === 'MemberExpression' && parent.property === one && !parent.computed
    isSame &&= isKey || isFalsyUse(outcome, one, above)
  })
  return isSame
}

function isLiteral(node: Node, value: false | 0 | ''): boolean {
  const inner = unwrapExpression(node)
  return inner.type === 'Literal' && inner.value === value
}

function isSameMember(one: Node, other: Node): boolean {
  const [a, b] = [unwrapExpression(one), unwrapExpression(other)]
  if (a.type === 'MemberExpression' && b.type === 'MemberExpression')
    return (
      !a.computed && !b.computed && keyNameOf(a.property) === keyNameOf(b.property) && isSameMember(a.object, b.object)
    )
  if (a.type === 'ThisExpression') return b.type === 'ThisExpression'
  return a.type === 'Identifier' && b.type === 'Identifier' && a.name === b.name
}
