/**
 * Places where the language writes a value as text: `${value}`, `text += value`, `String(value)`, `list.map(String)`, a
 * value as a key. A list is written as what it holds.
 */
import type { Node } from '../engine/syntax.ts'
import { keyNameOf, unwrapExpression } from '../engine/syntax-search.ts'

/** `isOfContent`: only what the values hold is written. Otherwise they are, or what they hold where they are lists. */
export type WrittenText = { readonly values: readonly Node[]; readonly isOfContent?: boolean }

const converters = 'String|encodeURIComponent|encodeURI|escape|Symbol|Error|TypeError|RangeError'

/** What a file must hold to have such a place. */
export const textPattern =
  String.raw`\$\{|\+|\b(?:toString|toLocaleString|join|sort|toSorted)\s*\(|\b(?:${converters}|stringify)\b|` +
  String.raw`\bas\b[^\]\n]*\]|[^=!]==(?!=)|!=(?!=)`

/** The values that a node writes as text, or undefined. */
export const writtenAsText = (node: Node): WrittenText | undefined => {
  if (node.type === 'TemplateLiteral') return ofValues(node.expressions as Node[])
  if (node.type === 'BinaryExpression') return ofBinary(node)
  if (node.type === 'AssignmentExpression')
    return node.operator === '+=' && ![node.left, node.right].some(isNumber)
      ? ofValues([node.left, node.right] as Node[])
      : undefined
  // An object as a key is its text; a name of another type is none.
  if (node.type === 'MemberExpression') return node.computed ? ofKey(node.property as Node) : undefined
  if (node.type === 'Property') return node.computed ? ofKey(node.key as Node) : undefined
  if (node.type === 'NewExpression') return ofConverter(node.callee as Node, node.arguments as Node[])
  return node.type === 'CallExpression' ? ofCall(node) : undefined
}

const ofValues = (values: readonly Node[]): WrittenText => ({ values: values.flatMap(written) })

/** Of a list that stands there what it holds. */
function written(node: Node): readonly Node[] {
  const list = unwrapExpression(node)
  if (list.type !== 'ArrayExpression') return [node]
  return list.elements.flatMap((one) => (one ? written(one as Node) : []))
}

function ofBinary({ operator, left, right }: Extract<Node, { type: 'BinaryExpression' }>): WrittenText | undefined {
  const both = [left, right] as Node[]
  if (operator === '+') return both.some(isNumber) ? undefined : ofValues(both)
  // Compared with a text an object is its own; with another object it is not.
  const isText = both.some((one) => ['Literal', 'TemplateLiteral'].includes(unwrapExpression(one).type) && !isNull(one))
  return (operator === '==' || operator === '!=') && isText ? ofValues(both) : undefined
}

const ofKey = (key: Node): WrittenText | undefined =>
  unwrapExpression(key) === key ? undefined : ofValues([unwrapExpression(key)])

function ofConverter(callee: Node, given: readonly Node[]): WrittenText | undefined {
  const [first] = given
  return first && isConverter(callee) ? ofValues([first]) : undefined
}

const converterPattern = new RegExp(`^(?:${converters}|\\w+Error)$`)

function isConverter(node: Node): boolean {
  const inner = unwrapExpression(node)
  return inner.type === 'Identifier' ? converterPattern.test(inner.name) : isJsonWriter(inner)
}

/** `JSON.stringify`, where it is handed on: a call of it is seen elsewhere. */
const isJsonWriter = (node: Node): boolean =>
  node.type === 'MemberExpression' && keyNameOf(node.object) === 'JSON' && keyNameOf(node.property) === 'stringify'

function ofCall({ callee, arguments: given }: Extract<Node, { type: 'CallExpression' }>): WrittenText | undefined {
  const all = given as Node[]
  if (callee.type !== 'MemberExpression') return ofConverter(callee as Node, all)
  const [first] = all
  const name = keyNameOf(callee.property as Node)
  if (name === 'toString' || name === 'toLocaleString')
    return first || callee.object.type === 'Super' ? undefined : ofValues([callee.object as Node])
  if (name === 'join' || ((name === 'sort' || name === 'toSorted') && !first)) return ofList(callee.object as Node)
  // `list.map(String)`, `Array.from(list, String)`, `value.then(String)`.
  if (first && isConverter(first) && name === 'then') return ofValues([callee.object as Node])
  if (first && isConverter(first)) return ofList(callee.object as Node)
  return name === 'from' && first && all[1] && isConverter(all[1]) ? ofList(first) : undefined
}

function ofList(node: Node): WrittenText {
  const list = unwrapExpression(node)
  return list.type === 'ArrayExpression' ? ofValues([list]) : { values: [list], isOfContent: true }
}

const isNull = (node: Node): boolean => {
  const inner = unwrapExpression(node)
  return inner.type === 'Literal' && inner.value === null
}

const isNumber = (node: unknown): boolean => {
  const inner = unwrapExpression(node as Node)
  return inner.type === 'Literal' && typeof inner.value === 'number'
}
