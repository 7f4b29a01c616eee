/**
 * Which field of the legacy context gets which expression at one site. Reads syntax; asks types only for what is
 * spread.
 */
import type { Node } from '../engine/syntax.ts'
import { keyNameOf, unwrapExpression } from '../engine/syntax-search.ts'

/**
 * The value of one field: an expression of the file, or a member of one that is spread (`...ids` gives `ids.userId`).
 */
export type FieldValue = {
  readonly node: Node
  /** Set for a spread value: the property of `node` that is meant. */
  readonly member?: string
  /** Set for `...(test && { field })`: the field is there only when this holds. */
  readonly condition?: Node
  /** Whether a spread value's type says that the member may be missing. */
  readonly isOptional?: boolean
}

/** A value that a site does not write and its class gives: text that means the same in every file. */
export type AddedValue = { readonly to: string; readonly text: string; readonly wrap?: string }

/** Fields of a site, or the reason why they cannot be told apart. */
export type SiteFields =
  | { readonly fields: ReadonlyMap<string, FieldValue>; readonly contexts: readonly Node[] }
  | { readonly reason: string }

/**
 * What is known about a value that is spread: `context` for one of the family, else its property names, or undefined.
 */
export type DescribeSpread = (
  node: Node,
) => { readonly isContext: boolean; readonly names: readonly { name: string; optional: boolean }[] } | undefined

/** Names of the constructor's parameters, or `bag` when it takes one object; undefined when it is not known. */
export type ConstructorForm = { readonly parameters: readonly string[]; readonly rest?: string } | 'bag' | undefined

/** Fields of an object literal: written, shorthand, spread, conditionally spread. */
export const readLiteralFields = (literal: Node, describe: DescribeSpread): SiteFields => {
  const fields = new Map<string, FieldValue>()
  const contexts: Node[] = []
  const reason = collect(literal, describe, fields, contexts)
  return reason === undefined ? { fields, contexts } : { reason }
}

/** Fields of `new T(...)`: by the parameters' names, or those of the one object given. */
export const readNewFields = (call: Node, form: ConstructorForm, describe: DescribeSpread): SiteFields => {
  if (call.type !== 'NewExpression') return { reason: 'the construction is no plain call of a constructor' }
  if (form === undefined) return { reason: 'the constructor of the class was not found: call the factory here' }
  if (call.arguments.some((one) => one.type === 'SpreadElement'))
    return { reason: 'the arguments are spread from a list' }
  const values = call.arguments as Node[]
  if (form === 'bag') return readBag(values, describe)
  const extra = values.slice(form.parameters.length).find((value) => !isUndefined(value))
  if (extra) return { reason: 'an argument is given that the constructor does not know' }
  const given = values.flatMap((node, index) =>
    isUndefined(node) ? [] : [[form.parameters[index]!, { node }] as const],
  )
  return { fields: new Map(given), contexts: [] }
}

/** `undefined`, `void 0`, also under assertions (`undefined as never`). */
export const isUndefined = (node: Node): boolean => {
  const inner = unwrapExpression(node)
  return (
    (inner.type === 'Identifier' && inner.name === 'undefined') ||
    (inner.type === 'UnaryExpression' && inner.operator === 'void')
  )
}

function readBag(values: readonly Node[], describe: DescribeSpread): SiteFields {
  const [bag, ...rest] = values
  if (bag === undefined) return { fields: new Map(), contexts: [] }
  if (rest.some((value) => !isUndefined(value)))
    return { reason: 'an argument is given that the constructor does not know' }
  const inner = unwrapExpression(bag)
  if (inner.type === 'ObjectExpression') return readLiteralFields(inner, describe)
  const fields = new Map<string, FieldValue>()
  const contexts: Node[] = []
  const reason = spread(inner, describe, fields, contexts)
  return reason === undefined ? { fields, contexts } : { reason }
}

type Fields = Map<string, FieldValue>

function collect(
  literal: Node,
  describe: DescribeSpread,
  fields: Fields,
  contexts: Node[],
  condition?: Node,
): string | undefined {
  if (literal.type !== 'ObjectExpression') return 'the value is no object literal'
  for (const property of literal.properties) {
    const reason =
      property.type === 'SpreadElement'
        ? collectSpread(property.argument, describe, fields, contexts, condition)
        : collectProperty(property, fields, contexts, condition)
    if (reason !== undefined) return reason
  }
  return undefined
}

function collectProperty(
  property: Extract<Node, { type: 'Property' }>,
  fields: Fields,
  contexts: readonly Node[],
  condition: Node | undefined,
): string | undefined {
  const name = property.computed ? undefined : keyNameOf(property.key)
  if (name === undefined) return 'a field has a computed name'
  if (property.kind !== 'init' || property.method) return `the field ${name} is a method or an accessor`
  if (condition && fields.has(name)) return `the field ${name} is given twice, once under a condition`
  if (contexts.length > 0 && isUndefined(property.value))
    return `the field ${name} is taken out of the context that is spread before it`
  if (isUndefined(property.value)) fields.delete(name)
  else fields.set(name, { node: property.value, ...(condition && { condition }) })
  return undefined
}

function collectSpread(
  argument: Node,
  describe: DescribeSpread,
  fields: Fields,
  contexts: Node[],
  condition: Node | undefined,
): string | undefined {
  const inner = unwrapExpression(argument)
  if (inner.type === 'ObjectExpression') return collect(inner, describe, fields, contexts, condition)
  if (condition) return 'fields are spread under two conditions'
  if (
    inner.type === 'LogicalExpression' &&
    inner.operator === '&&' &&
    unwrapExpression(inner.right).type === 'ObjectExpression'
  ) {
    return isRepeatable(inner.left)
      ? collect(unwrapExpression(inner.right), describe, fields, contexts, inner.left)
      : 'fields are spread under a computed condition'
  }
  if (
    inner.type === 'ConditionalExpression' &&
    isEmptyLiteral(inner.alternate) &&
    unwrapExpression(inner.consequent).type === 'ObjectExpression'
  ) {
    return collect(unwrapExpression(inner.consequent), describe, fields, contexts, inner.test)
  }
  return spread(inner, describe, fields, contexts)
}

function spread(node: Node, describe: DescribeSpread, fields: Fields, contexts: Node[]): string | undefined {
  const known = describe(node)
  if (known === undefined) return 'fields are spread from a value whose fields are not known'
  if (!isRepeatable(node)) return 'fields are spread from a call: store it in a constant first'
  if (known.isContext) {
    contexts.push(node)
    fields.clear()
    return undefined
  }
  for (const { name, optional } of known.names) {
    if (optional && fields.has(name)) return `the field ${name} may be overwritten by a spread`
    fields.set(name, { node, member: name, isOptional: optional })
  }
  return undefined
}

/** Whether evaluating the expression twice is the same as once: names and member chains. */
export const isRepeatable = (node: Node): boolean => {
  const inner = unwrapExpression(node)
  if (inner.type === 'Identifier' || inner.type === 'ThisExpression' || inner.type === 'Literal') return true
  if (inner.type === 'ChainExpression') return isRepeatable(inner.expression)
  return (
    inner.type === 'MemberExpression' &&
    isRepeatable(inner.object) &&
    (!inner.computed || inner.property.type === 'Literal')
  )
}

function isEmptyLiteral(node: Node): boolean {
  const inner = unwrapExpression(node)
  return inner.type === 'ObjectExpression' && inner.properties.length === 0
}
