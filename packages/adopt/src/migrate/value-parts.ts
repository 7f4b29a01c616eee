/**
 * Where the values come from that an object or a collection holds: what a literal writes down, what is set and what is
 * put in by a method.
 */
import type { Node } from '../engine/syntax.ts'
import { keyNameOf } from '../engine/syntax-search.ts'
import { eachUse } from './value-uses.ts'
import type { Onward } from './value-uses.ts'
import type { Workspace } from './workspace.ts'

type Member = Extract<Node, { type: 'MemberExpression' }>
type ElementCall = Extract<Node, { type: 'CallExpression' }> & { readonly callee: Member }

/** `list.at(0)`, `map.get(key)`: one of what is held. */
export const isElementCall = (node: Node): node is ElementCall =>
  node.type === 'CallExpression' && node.callee.type === 'MemberExpression' && takers.has(nameOf(node.callee) ?? '')

const takers = new Set(['at', 'get', 'pop', 'shift', 'find', 'findLast', 'reduce', 'reduceRight'])
/** What they give holds what their object holds. */
const passing = new Set([
  'filter',
  'slice',
  'splice',
  'concat',
  'reverse',
  'sort',
  'toSorted',
  'toReversed',
  'flat',
  'values',
  'entries',
  'with',
])
/** Functions whose result holds what their argument holds. */
const collecting = new Set(['values', 'entries', 'from', 'all', 'allSettled', 'of', 'assign', 'freeze', 'fromEntries'])
const fillers = new Set(['push', 'unshift', 'splice', 'set', 'add', 'fill', 'concat'])

/** `holder.c`: what is set to the member wherever it is; `list[0]`: what the list holds. */
export function followMember(workspace: Workspace, file: string, node: Member, onward: Onward): void {
  if (node.computed && keyNameOf(node.property) === undefined) return onward(file, node.object, 'content')
  eachUse(workspace, file, node.property, (at, user, use) => {
    if (user.type === 'Property' && isAt(user.key as Node, use) && !user.method) onward(at, user.value as Node)
    else if (user.type === 'PropertyDefinition' && isAt(user.key as Node, use) && user.value) onward(at, user.value)
    else if (user.type === 'AssignmentExpression' && isSetting(user.left as Node, use)) onward(at, user.right)
    else if (user.type === 'TSParameterProperty' && isAt(nameIn(user), use)) onward(at, nameIn(user))
  })
}

/** Literals, collections that are made, and what is put into the collection of that name or member. */
export function followContent(workspace: Workspace, file: string, node: Node, onward: Onward): void {
  const values = (list: readonly (Node | null)[]): void => {
    for (const one of list)
      if (one?.type === 'SpreadElement') onward(file, one.argument, 'content')
      else if (one) {
        onward(file, one, 'value')
        // Pairs of a map, and what holds what holds it.
        onward(file, one, 'content')
      }
  }
  if (node.type === 'ArrayExpression') values(node.elements as (Node | null)[])
  else if (node.type === 'ObjectExpression')
    values(node.properties.map((one) => (one.type === 'Property' ? (one.value as Node) : (one as Node))))
  else if (node.type === 'NewExpression') node.arguments.forEach((one) => onward(file, one as Node, 'content'))
  else if (node.type === 'CallExpression') followResult(file, node, values, onward)
  else if (node.type === 'Identifier' || node.type === 'MemberExpression') followFilling(workspace, file, node, onward)
}

function followResult(
  file: string,
  { callee, arguments: given }: Extract<Node, { type: 'CallExpression' }>,
  values: (list: readonly Node[]) => void,
  onward: Onward,
): void {
  if (callee.type !== 'MemberExpression') return
  const name = nameOf(callee) ?? ''
  if (takers.has(name) || passing.has(name)) onward(file, callee.object, 'content')
  if (collecting.has(name)) {
    values(given as Node[])
    given.forEach((one) => onward(file, one as Node, 'content'))
  }
  const [mapper] = given as Node[]
  if ((name === 'map' || name === 'flatMap') && mapper?.type === 'ArrowFunctionExpression') {
    if (mapper.body.type !== 'BlockStatement') values([mapper.body as Node])
  }
}

/** `list.push(value)`, `map.set(key, value)`, `list[0] = value`. */
function followFilling(workspace: Workspace, file: string, holder: Node, onward: Onward): void {
  const name = holder.type === 'MemberExpression' ? (holder.property as Node) : holder
  if (name.type !== 'Identifier') return
  eachUse(workspace, file, name, (at, user, use) => {
    if (user.type === 'AssignmentExpression' && user.left.type === 'MemberExpression') {
      if (user.left.object.end === use.end) onward(at, user.right, 'value')
      return
    }
    if (user.type !== 'CallExpression' || user.callee.type !== 'MemberExpression') return
    if (user.callee.object.end !== use.end || !fillers.has(nameOf(user.callee) ?? '')) return
    for (const one of user.arguments)
      if (one.type === 'SpreadElement') onward(at, one.argument, 'content')
      else onward(at, one as Node, 'value')
  })
}

const nameOf = ({ property }: Member): string | undefined => keyNameOf(property as Node)
const isAt = (node: Node, use: { readonly start: number }): boolean => node.start === use.start
const isSetting = (left: Node, use: { readonly end: number }): boolean =>
  left.type === 'MemberExpression' && left.end === use.end

function nameIn({ parameter }: Extract<Node, { type: 'TSParameterProperty' }>): Node {
  const own = parameter as Node
  return own.type === 'AssignmentPattern' ? (own.left as Node) : own
}
