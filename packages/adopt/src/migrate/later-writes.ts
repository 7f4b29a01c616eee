/**
 * Whether a value is changed after it was made: a sealed context is frozen, so such a site would throw when it runs.
 */
import type { Node, SyntaxTree } from '../engine/syntax.ts'
import { keyNameOf, walkNodes } from '../engine/syntax-search.ts'
import type { Placed } from '../engine/syntax-search.ts'
import { writtenPlaces } from './written-places.ts'

/**
 * Looks for writes through the name that holds the value: assignments to its fields at any depth, `delete`, `++`,
 * `Object.assign`,
 * methods that change a nested list or map. Writes elsewhere (a callee, a caller) are the checker's to find: every
 * field is read-only.
 *
 * @param matters - Whether a write to this field counts.
 * @param except - Statements that go.
 * @returns Offset of the first write, or undefined.
 */
export const findLaterWrite = (
  tree: SyntaxTree,
  site: Placed,
  matters: (field: string) => boolean = () => true,
  except: readonly Node[] = [],
): number | undefined => {
  const { parent, inner, above } = outermostOf(site)
  // The value itself is what is written into: `Object.assign({ userId }, rest)`.
  if (parent?.type === 'CallExpression' && writtenThrough(parent).includes(inner)) return parent.start
  const holder = parent && toHolder(parent, inner, above)
  if (!holder) return undefined
  const text = compact(tree.text.slice(holder.name.start, holder.name.end))
  let found: number | undefined
  walkNodes(holder.scope, (node) => {
    if (except.includes(node)) return false
    for (const target of found === undefined ? writtenThrough(node) : []) {
      const field = writtenField(tree, target, text)
      if (field !== undefined && (field === '' || matters(field))) found ??= node.start
    }
    return found === undefined
  })
  return found
}

type Holder = { readonly name: Node; readonly scope: Node }

/** What the value is when it is looked at through `??`, `||`, `? :`, assertions and `await`, and what holds that. */
function outermostOf({ node, ancestors }: Placed): {
  readonly parent: Node | undefined
  readonly inner: Node
  readonly above: readonly Node[]
} {
  let inner = node
  let index = ancestors.length - 1
  for (; index >= 0 && passesOn.has(ancestors[index]!.type); index--) inner = ancestors[index]!
  return { parent: ancestors[index], inner, above: ancestors.slice(0, Math.max(0, index)) }
}

const passesOn = new Set([
  'LogicalExpression',
  'ConditionalExpression',
  'TSAsExpression',
  'TSSatisfiesExpression',
  'TSTypeAssertion',
  'TSNonNullExpression',
  'AwaitExpression',
])
const functions = new Set([
  'FunctionDeclaration',
  'FunctionExpression',
  'ArrowFunctionExpression',
  'Program',
  'StaticBlock',
])

/** Variable, parameter, field or member that takes the value. */
function toHolder(parent: Node, inner: Node, ancestors: readonly Node[]): Holder | undefined {
  const scope = ancestors.findLast((one) => functions.has(one.type))
  const owner = ancestors.findLast((one) => one.type === 'ClassBody')
  if (parent.type === 'VariableDeclarator' && parent.id.type === 'Identifier')
    return scope && { name: plainName(parent.id), scope }
  if (parent.type === 'AssignmentPattern' && parent.left.type === 'Identifier')
    return scope && { name: plainName(parent.left), scope }
  if (parent.type === 'PropertyDefinition' && !parent.computed) return owner && { name: parent.key, scope: owner }
  if (parent.type !== 'AssignmentExpression' || parent.right !== inner) return undefined
  const isOwnField = parent.left.type === 'MemberExpression' && parent.left.object.type === 'ThisExpression'
  return isOwnField ? owner && { name: parent.left, scope: owner } : scope && { name: parent.left, scope }
}

/** An identifier's node spans its type annotation too: `context: Context`. */
function plainName(node: Extract<Node, { type: 'Identifier' }>): Node {
  return { ...node, end: node.start + node.name.length }
}

/** The expressions that a node writes into. */
function writtenThrough(node: Node): readonly Node[] {
  const places = writtenPlaces(node).filter(
    ({ type }) => type === 'MemberExpression' || node.type === 'UnaryExpression',
  )
  if (places.length > 0) return places
  if (
    node.type !== 'CallExpression' ||
    node.callee.type !== 'MemberExpression' ||
    node.callee.property.type !== 'Identifier'
  )
    return []
  const { object, property } = node.callee
  const isObject = object.type === 'Identifier' && (object.name === 'Object' || object.name === 'Reflect')
  if (
    isObject &&
    ['assign', 'defineProperty', 'defineProperties', 'set', 'deleteProperty', 'setPrototypeOf'].includes(property.name)
  )
    return node.arguments.slice(0, 1) as Node[]
  return changers.has(property.name) && object.type === 'MemberExpression' ? [object] : []
}

const changers = new Set([
  'push',
  'pop',
  'shift',
  'unshift',
  'splice',
  'sort',
  'reverse',
  'fill',
  'copyWithin',
  'set',
  'add',
  'delete',
  'clear',
])

/**
 * The field of the holder that is written to: empty for the holder as a whole (an argument of Object.assign) and for a
 * computed name, undefined for something else.
 */
function writtenField(tree: SyntaxTree, target: Node, name: string): string | undefined {
  const names = [name, `this.${name}`]
  let field = ''
  for (
    let node: Node = target;
    ;
    node = node.type === 'MemberExpression' ? node.object : (node as unknown as { expression: Node }).expression
  ) {
    const isWhole = node !== target || target.type === 'Identifier'
    if (isWhole && names.includes(compact(tree.text.slice(node.start, node.end)))) return field
    if (node.type === 'MemberExpression') field = node.computed ? '' : (keyNameOf(node.property) ?? '')
    else if (node.type !== 'TSNonNullExpression' && node.type !== 'TSAsExpression') return undefined
  }
}

const compact = (text: string): string => text.replace(/\s+|[!?](?=\.|$)/g, '')
