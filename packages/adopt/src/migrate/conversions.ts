/**
 * Places where a value is asked for itself: written as text by the language, or asked which class made it. The new
 * context answers both by its own: its log fields, and no class.
 */
import type { Node } from '../engine/syntax.ts'
import { keyNameOf, unwrapExpression } from '../engine/syntax-search.ts'
import { textPattern, writtenAsText } from './text-conversions.ts'

export type Conversion = {
  readonly values: readonly Node[]
  /** The values are lists, of which what they hold is asked. */
  readonly isOfContent?: boolean
  /** The values are asked, and of lists what they hold. */
  readonly isOfBoth?: boolean
  /** What only a `new` behaves otherwise for: a literal is an object of no class too. */
  readonly isOfClass?: boolean
  /** The class to the right of `instanceof`. */
  readonly asked?: Node
  readonly why: readonly [before: string, behind: string]
}

/** What a file must hold to have such a place. */
export const conversionPattern =
  String.raw`${textPattern}|\bisPrototypeOf\s*\(|` +
  String.raw`\b(?:constructor|__proto__|instanceof|toBeInstanceOf|instanceOf|isInstanceOf)\b`

const whyText = ['it is written as text at ', ', and the new context gives its log fields there'] as const
const whyClass = ['its class is asked for at ', ', and the new context is of no class of the tree'] as const

/** The conversion that a node is, or undefined. */
export const findConversion = (node: Node): Conversion | undefined => {
  const text = writtenAsText(node)
  if (text) return { values: text.values, [text.isOfContent ? 'isOfContent' : 'isOfBoth']: true, why: whyText }
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
  if (operator !== 'instanceof' || builtIn.test(keyNameOf(right as Node) ?? '')) return undefined
  return { values: [left as Node], isOfClass: true, asked: right as Node, why: whyClass }
}

/** No context is one, whatever made it. */
const builtIn = /^(?:\w*Error|Date|RegExp|Map|Set|WeakMap|Promise|Array|Buffer|URL|\w*Array|Function|\w*Stream)$/

function ofMember({ object, property, computed }: Extract<Node, { type: 'MemberExpression' }>): Conversion | undefined {
  if (object.type === 'ThisExpression' || object.type === 'Super') return undefined
  if (computed && unwrapExpression(property).type !== 'Literal') return undefined
  const name = keyNameOf(property as Node)
  return name === 'constructor' || name === '__proto__'
    ? { values: [object as Node], isOfClass: true, why: whyClass }
    : undefined
}

function ofCall({ callee, arguments: given }: Extract<Node, { type: 'CallExpression' }>): Conversion | undefined {
  const [first] = given as Node[]
  if (callee.type !== 'MemberExpression' || !first) return undefined
  const name = keyNameOf(callee.property as Node)
  if (instanceMatchers.has(name ?? '')) {
    const values = [...expectedIn(callee), ...(given.slice(0, -1) as Node[])]
    return { values, isOfClass: true, asked: given.at(-1) as Node, why: whyClass }
  }
  return name === 'isPrototypeOf' ? { values: [first], isOfClass: true, why: whyClass } : undefined
}

/** `expect(value).toBeInstanceOf(Class)`, `assert.instanceOf(value, Class)`. */
export const instanceMatchers: ReadonlySet<string> = new Set([
  'toBeInstanceOf',
  'instanceOf',
  'isInstanceOf',
  'instanceof',
])

/** `expect(value)` before a matcher. */
export function expectedIn(callee: Node): readonly Node[] {
  let inner = callee
  while (inner.type === 'MemberExpression') inner = inner.object
  return inner.type === 'CallExpression' ? (inner.arguments as Node[]) : []
}
