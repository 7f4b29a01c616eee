/**
 * The new expression of one site: the target's template, filled with the site's fields, or the reason why it cannot be.
 */
import type { PrintEdit } from './change-unit.ts'
import { fillTemplate } from './fill-template.ts'
import type { TemplatePlace, Value } from './fill-template.ts'
import { mayBeId, refusedId } from './id-text.ts'
import type { FieldHome, ImportedName, MigrateTarget } from './migrate-options.ts'
import { isRepeatable } from './site-fields.ts'
import type { AddedValue, FieldValue } from './site-fields.ts'
import type { Node } from '../engine/syntax.ts'
import { keyNameOf, unwrapExpression } from '../engine/syntax-search.ts'

/** What a site gives: fields, and contexts that were spread before them. */
export type SiteValues = {
  readonly fields: ReadonlyMap<string, FieldValue>
  readonly contexts: readonly Node[]
  readonly added?: readonly AddedValue[]
}

/** How often a value is nullish, as its type says. */
export type NullishOf = (node: Node) => 'never' | 'undefined' | 'null'

/** What the printer needs to know about the place. */
export type SitePlace = TemplatePlace & {
  readonly nullishOf: NullishOf
  readonly asserts: boolean
  /** Whether an expression can be left out, because computing it has no effect. */
  readonly isUnseen: (node: Node) => boolean
  /** Whether evaluating an expression twice is the same as once. */
  readonly isRepeatable: (node: Node) => boolean
  /** Values that were stored in constants before the statement. */
  readonly constants: ReadonlyMap<Node, string>
}

/** The printer and the names it needs, or the reason for a TODO. */
export type SiteText =
  | {
      readonly print: PrintEdit
      readonly names: readonly string[]
      readonly types: readonly ImportedName[]
      readonly tested: ReadonlySet<Node>
    }
  | { readonly reason: string }

/** Fills the target's template. `place.asserts` uses the `assertAs` of the fields that have one. */
export const toSiteText = (target: MigrateTarget, values: SiteValues, place: SitePlace): SiteText => {
  const given = new Map<string, Value>(
    values.contexts.flatMap((context) =>
      Object.entries(target.spread ?? {}).map(([to, form]) => [to, fromContext(target, form, context)] as const),
    ),
  )
  const isGiven = (to: string): boolean =>
    given.has(to) ||
    target.defaults?.[to] !== undefined ||
    [...values.fields.keys()].some((field) => target.fields[field]?.to === to)
  const lacking = (target.required ?? ['user']).find((to) => !isGiven(to))
  if (lacking !== undefined)
    return { reason: lacking === 'user' ? 'no user is given' : `nothing is given for ${lacking}` }
  const own = new Set<string>()
  const tested = new Set<Node>()
  for (const [field, value] of values.fields) {
    const home = target.fields[field]
    const reason = findIssue(target, field, home, value, place)
    if (reason !== undefined) return { reason }
    if (!home || home.to === 'drop') continue
    if (values.contexts.length > 0 && isSpread(target, home.to) && mayBeAbsent(value, place.nullishOf))
      return { reason: `the field ${field} may be absent behind the context that is spread: which one is meant then?` }
    if (own.has(home.to)) return { reason: `two fields go to ${home.to}, one of them is ${field}` }
    own.add(home.to)
    const printed = toValue(home, value, place)
    if ('reason' in printed) return { reason: `the field ${field} ${printed.reason}` }
    if (home.wrap !== undefined) tested.add(value.node)
    given.set(home.to, printed)
  }
  for (const { to, text, wrap } of values.added ?? [])
    if (!given.has(to))
      given.set(to, {
        print: (_slice, local) => (wrap === undefined ? text : `${local(wrap)}(${text})`),
        names: wrap === undefined ? [] : [wrap],
        types: [],
      })
  for (const [to, form] of Object.entries(target.defaults ?? {}))
    if (!given.has(to)) given.set(to, { print: () => form, names: [], types: [] })
  const all = [...given.values()]
  const names = [
    ...target.imports.map((one) => one.name).filter((name) => new RegExp(`\\b${name}\\b`).test(target.expression)),
    ...all.flatMap((one) => one.names),
  ]
  return {
    print: (slice, local) => fillTemplate(target, { given, place, slice, local }),
    names,
    types: all.flatMap((one) => one.types),
    tested,
  }
}

/** Whether a context that is spread gives the destination, or the record that it is in. */
const isSpread = (target: MigrateTarget, to: string): boolean =>
  Object.keys(target.spread ?? {}).some((one) => to === one || to.startsWith(`${one}.`))

/** Whether a field may be left out, or have no value, when the program runs. */
export function mayBeAbsent(
  { node, member, condition, isOptional }: FieldValue,
  nullishOf: SitePlace['nullishOf'],
): boolean {
  return condition !== undefined || (member === undefined ? nullishOf(node) !== 'never' : isOptional === true)
}

function fromContext(target: MigrateTarget, form: string, context: Node): Value {
  return {
    print: (slice) => form.replaceAll('{context}', () => slice(context.start, context.end)),
    names: target.imports.map(({ name }) => name).filter((name) => new RegExp(`\\b${name}\\(`).test(form)),
    types: [],
  }
}

function findIssue(
  target: MigrateTarget,
  field: string,
  home: FieldHome | undefined,
  { node, member }: FieldValue,
  { isUnseen }: SitePlace,
): string | undefined {
  if (!home) return `the field ${field} has no home in the new context`
  const source = member ?? lastName(unwrapExpression(node))
  const sourceHome = source !== undefined && Object.hasOwn(target.fields, source) ? target.fields[source] : undefined
  const swapped = `the field ${field} gets a value called ${source}: the ids look swapped`
  if (home.to === 'drop') {
    // A user's id under a name that is dropped is the other half of a swap.
    if (sourceHome?.to === 'user') return swapped
    return isUnseen(node) ? undefined : `the field ${field} is dropped, but computing its value has an effect`
  }
  const isId = home.to === 'user' || home.wrap !== undefined
  const inner = unwrapExpression(home.member === undefined ? node : memberOf(node, home.member))
  if (
    isId &&
    inner.type === 'Literal' &&
    (inner.value === null || (typeof inner.value === 'string' && isPlaceholder(target, inner.value)))
  ) {
    return home.to === 'user' ? 'no user is given: the value is a placeholder' : `the field ${field} is a placeholder`
  }
  if (isId && !mayBeId(target, inner)) return refusedId(field)
  const isSwapped =
    isId &&
    sourceHome &&
    sourceHome.to !== home.to &&
    sourceHome.to !== 'drop' &&
    (sourceHome.to === 'user' || sourceHome.wrap)
  return isSwapped ? swapped : undefined
}

const isPlaceholder = (target: MigrateTarget, value: string): boolean =>
  (target.placeholders ?? []).includes(value.trim().toLowerCase())

/** Name of a variable or member: `userId`, `request.userId`, and `user.id` read as `userId`. */
function lastName(node: Node): string | undefined {
  if (node.type === 'ChainExpression') return lastName(node.expression)
  if (node.type !== 'MemberExpression') return node.type === 'Identifier' ? node.name : undefined
  const name = node.computed ? undefined : keyNameOf(node.property)
  const owner = name === 'id' ? lastName(node.object) : undefined
  return owner === undefined ? name : `${owner}Id`
}

function toValue(home: FieldHome, value: FieldValue, place: SitePlace): Value | { reason: string } {
  const { nullishOf, asserts, constants } = place
  const { member, condition } = value
  const constant = constants.get(value.node)
  // Of an object that is written out, only the one value is taken.
  const node = constant === undefined && home.member !== undefined ? memberOf(value.node, home.member) : value.node
  const below = home.member !== undefined && node === value.node ? `.${home.member}` : ''
  const mayLackUser =
    home.to === 'user' &&
    // Without strict null checks only `?.` says that there may be none.
    (node.type === 'ChainExpression' ||
      (member === undefined ? nullishOf(node) !== 'never' : value.isOptional === true))
  if (mayLackUser || (home.to === 'user' && condition))
    return { reason: 'may be absent, and there is no context without a user' }
  const nullish =
    home.wrap === undefined
      ? 'never'
      : member === undefined
        ? nullishOf(node)
        : value.isOptional
          ? 'undefined'
          : 'never'
  if (nullish !== 'never' && constant === undefined && !place.isRepeatable(node))
    return { reason: 'may be absent and is computed: store it in a constant first' }
  const assertAs = asserts ? home.assertAs : undefined
  const print: PrintEdit = (slice, local) => {
    const source = constant ?? slice(node.start, node.end)
    const plain =
      member === undefined
        ? node.type === 'SequenceExpression' && constant === undefined
          ? `(${source})`
          : source
        : `${source}.${member}`
    const whole = below !== '' && needsParentheses(node) && constant === undefined ? `(${plain})` : plain
    const read = `${whole}${below}`
    const wrapped = home.wrap === undefined ? read : `${local(home.wrap)}(${read})`
    const asserted = assertAs
      ? `${constant === undefined && home.wrap === undefined && needsParentheses(node) ? `(${wrapped})` : wrapped} ` +
        `as ${local(assertAs.name)}`
      : wrapped
    const tested =
      nullish === 'never'
        ? asserted
        : `${plain} ${nullish === 'null' ? '== null' : '=== undefined'} ? undefined : ${asserted}`
    if (!condition) return tested
    const test = slice(condition.start, condition.end)
    return `${needsParentheses(condition) ? `(${test})` : test} ? ${tested} : undefined`
  }
  return {
    print,
    names: home.wrap === undefined ? [] : [home.wrap],
    types: assertAs ? [assertAs] : [],
    comments: place.layout.comments.get(node),
  }
}

/** The value of a property of an object literal without spreads, or the node itself. */
function memberOf(node: Node, name: string): Node {
  const inner = unwrapExpression(node)
  if (inner.type !== 'ObjectExpression' || inner.properties.some((one) => one.type === 'SpreadElement')) return node
  const found = inner.properties.find((one) => one.type === 'Property' && keyNameOf(one.key as Node) === name)
  const value = found?.type === 'Property' && found.kind === 'init' && !found.method ? (found.value as Node) : undefined
  // A value that may act is stored with its object: it must not be evaluated again.
  return value && isRepeatable(value) ? value : node
}

function needsParentheses(node: Node): boolean {
  return [
    'LogicalExpression',
    'ConditionalExpression',
    'AwaitExpression',
    'ArrowFunctionExpression',
    'AssignmentExpression',
    'SequenceExpression',
  ].includes(node.type)
}
