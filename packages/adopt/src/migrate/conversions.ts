/**
 * Places where a value is asked for itself: written as text by the language, or asked which class made it. The new
 * context answers both by its own: its log fields, and no class.
 */
import type { Node } from '../engine/syntax.ts'
import { keyNameOf, unwrapExpression } from '../engine/syntax-search.ts'

export type Conversion = {
  readonly values: readonly Node[]
  /** The values are lists, of which what they hold is asked. */
  readonly isOfContent?: boolean
  /** What only a `new` behaves otherwise for: a literal is an object of no class too. */
  readonly isOfClass?: boolean
  /** The class to the right of `instanceof`. */
  readonly asked?: Node
  readonly why: readonly [before: string, behind: string]
}

/** What a file must hold to have such a place. */
export const conversionPattern =
  String.raw`\$\{|\+|\b(?:String|toString|toLocaleString|join|sort|toSorted|isPrototypeOf)\s*\(|` +
  String.raw`\b(?:constructor|__proto__|instanceof|toBeInstanceOf|instanceOf|isInstanceOf)\b`

const whyText = ['it is written as text at ', ', and the new context gives its log fields there'] as const
const whyClass = ['its class is asked for at ', ', and the new context is of no class of the tree'] as const

/** The conversion that a node is, or undefined. */
export const findConversion = (node: Node): Conversion | undefined => {
  if (node.type === 'TemplateLiteral') return { values: node.expressions as Node[], why: whyText }
  if (node.type === 'BinaryExpression') return ofBinary(node)
  if (node.type === 'MemberExpression') return ofMember(node)
  if (node.type === 'VariableDeclarator') {
    const names = node.id.type === 'ObjectPattern' ? node.id.properties.map((one) => 'key' in one && one.key) : []
    const isAsked = names.some((key) => key && keyNameOf(key as Node) === 'constructor')
    return isAsked && node.init ? { values: [node.init], isOfClass: true, why: whyClass } : undefined
  }
  return node.type === 'CallExpression' ? ofCall(node) : undefined
}

function ofBinary({ operator, left, right }: Extract<Node, { type: 'BinaryExpression' }>): Conversion | undefined {
  if (operator === 'instanceof') {
    if (builtIn.test(keyNameOf(right as Node) ?? '')) return undefined
    return { values: [left as Node], isOfClass: true, asked: right as Node, why: whyClass }
  }
  if (operator !== '+' || [left, right].some(isNumber)) return undefined
  return { values: [left, right] as Node[], why: whyText }
}

/** No context is one, whatever made it. */
const builtIn = /^(?:\w*Error|Date|RegExp|Map|Set|WeakMap|Promise|Array|Buffer|URL|\w*Array|Function|\w*Stream)$/

function ofMember({ object, property, computed }: Extract<Node, { type: 'MemberExpression' }>): Conversion | undefined {
  if (object.type === 'ThisExpression' || object.type === 'Super') return undefined
  // An object as a key is its text.
  if (computed && unwrapExpression(property) !== property) return { values: [property as Node], why: whyText }
  const name = keyNameOf(property as Node)
  if (computed && property.type !== 'Literal') return undefined
  return name === 'constructor' || name === '__proto__'
    ? { values: [object as Node], isOfClass: true, why: whyClass }
    : undefined
}

function ofCall({ callee, arguments: given }: Extract<Node, { type: 'CallExpression' }>): Conversion | undefined {
  const [first] = given as Node[]
  if (callee.type !== 'MemberExpression')
    return keyNameOf(callee as Node) === 'String' && first ? { values: [first], why: whyText } : undefined
  const name = keyNameOf(callee.property as Node)
  if (name === 'toString' || name === 'toLocaleString')
    return first || callee.object.type === 'Super' ? undefined : { values: [callee.object as Node], why: whyText }
  if (name === 'join' || ((name === 'sort' || name === 'toSorted') && !first)) {
    const list = unwrapExpression(callee.object)
    if (list.type !== 'ArrayExpression') return { values: [list], isOfContent: true, why: whyText }
    return { values: list.elements.flatMap((one) => (one ? [one as Node] : [])), why: whyText }
  }
  if (instanceMatchers.has(name ?? '') && first) {
    const values = [...expectedIn(callee), ...(given.slice(0, -1) as Node[])]
    return { values, isOfClass: true, asked: given.at(-1) as Node, why: whyClass }
  }
  return name === 'isPrototypeOf' && first ? { values: [first], isOfClass: true, why: whyClass } : undefined
}

/** `expect(value).toBeInstanceOf(Class)`, `assert.instanceOf(value, Class)`. */
const instanceMatchers = new Set(['toBeInstanceOf', 'instanceOf', 'isInstanceOf', 'instanceof'])

/** `expect(value)` before a matcher. */
export function expectedIn(callee: Node): readonly Node[] {
  let inner = callee
  while (inner.type === 'MemberExpression') inner = inner.object
  return inner.type === 'CallExpression' ? (inner.arguments as Node[]) : []
}

const isNumber = (node: unknown): boolean => {
  const inner = unwrapExpression(node as Node)
  return inner.type === 'Literal' && typeof inner.value === 'number'
}
