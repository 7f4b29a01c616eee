/**
 * The new expression of one site: the target's template, filled with the site's fields, or the reason why it cannot be.
 */
import type { PrintEdit } from './change-unit.ts'
import { fillTemplate } from './fill-template.ts'
import type { TemplatePlace, Value } from './fill-template.ts'
import { isNeverEmpty, neededCheck } from './field-manners.ts'
import type { FieldManner, FieldManners } from './field-manners.ts'
import { findIssue, memberOf } from './field-issues.ts'
import type { KeptCheck } from './kept-checks.ts'
import type { FieldHome, ImportedName, MigrateTarget } from './migrate-options.ts'
import type { AddedValue, FieldValue } from './site-fields.ts'
import type { Node } from '../engine/syntax.ts'

/** What a site gives: fields, and contexts that were spread before them. */
export type SiteValues = {
  readonly fields: ReadonlyMap<string, FieldValue>
  readonly contexts: readonly Node[]
  readonly added?: readonly AddedValue[]
  readonly manners?: FieldManners
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
      /** Values that are read twice. */
      readonly tested: ReadonlySet<Node>
      readonly checks: readonly KeptCheck[]
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
  const checks: KeptCheck[] = []
  for (const [field, value] of values.fields) {
    const home = target.fields[field]
    const reason = findIssue(target, field, home, value, place)
    if (reason !== undefined) return { reason }
    if (!home || home.to === 'drop') continue
    if (values.contexts.length > 0 && isSpread(target, home.to) && mayBeAbsent(value, place.nullishOf))
      return { reason: `the field ${field} may be absent behind the context that is spread: which one is meant then?` }
    if (own.has(home.to)) return { reason: `two fields go to ${home.to}, one of them is ${field}` }
    own.add(home.to)
    const manner = values.manners?.get(field)
    const printed = toValue(home, value, place, manner)
    if ('reason' in printed) return { reason: `the field ${field} ${printed.reason}` }
    if (printed.isTested) tested.add(value.node)
    if (printed.check) checks.push(printed.check)
    given.set(home.to, printed)
  }
  // The sealed type has what the old one may not have had: the other user would act in the session of the first.
  if (values.contexts.length > 0 && own.has('user') && target.ofUser?.some((to) => given.has(to) && !own.has(to)))
    return {
      reason: 'another user takes the place of the one whose context is spread: which tenant, session and rights?',
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
    checks,
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

type FieldText = Value & { readonly isTested: boolean; readonly check: KeptCheck | undefined }

function toValue(
  home: FieldHome,
  value: FieldValue,
  place: SitePlace,
  manner: FieldManner | undefined,
): FieldText | { reason: string } {
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
  const check = neededCheck(manner, node)
  const isEmptied = home.wrap !== undefined && manner?.isFilledWhenEmpty === true && !isNeverEmpty(node)
  const nullish =
    home.wrap === undefined || (manner?.demandedAt !== undefined && !isEmptied)
      ? 'never'
      : member === undefined
        ? nullishOf(node)
        : value.isOptional
          ? 'undefined'
          : 'never'
  if ((nullish !== 'never' || isEmptied) && constant === undefined && !place.isRepeatable(node))
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
    const checked = check ? `${local(check.name)}(${read})` : read
    const wrapped = home.wrap === undefined ? checked : `${local(home.wrap)}(${checked})`
    const asserted = assertAs
      ? `${constant === undefined && home.wrap === undefined && needsParentheses(node) ? `(${wrapped})` : wrapped} ` +
        `as ${local(assertAs.name)}`
      : wrapped
    const tested = isEmptied
      ? `${plain} ? ${asserted} : undefined`
      : nullish === 'never'
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
    isTested: nullish !== 'never' || isEmptied,
    check,
  }
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
