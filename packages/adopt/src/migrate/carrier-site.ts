/**
 * One maker of a carrying type: its literal stays, and gets the member that holds the sealed context.
 */
import { lineOf, type Node } from '../engine/syntax.ts'
import { findNode, keyNameOf, unwrapExpression } from '../engine/syntax-search.ts'
import type { Placed } from '../engine/syntax-search.ts'
import { refuseAbsentUser } from './absent-user.ts'
import type { Carrier } from './carrier.ts'
import type { LazyEdit, PrintEdit } from './change-unit.ts'
import { newEvaluation } from './evaluation.ts'
import { constructionOf } from './frozen-literal.ts'
import { findLaterWrite } from './later-writes.ts'
import type { FieldHome, MigrateTarget } from './migrate-options.ts'
import { isRepeatable, readLiteralFields } from './site-fields.ts'
import type { DescribeSpread, SiteFields } from './site-fields.ts'
import { planOrder } from './site-order.ts'
import { refusalOf } from './site-plan.ts'
import { describeSpread, nullishOf } from './value-types.ts'
import type { Site, SitePlan, SiteQuestions } from './site-plan.ts'
import { toSiteText } from './site-text.ts'
import type { Workspace } from './workspace.ts'

type ObjectLiteral = Extract<Node, { type: 'ObjectExpression' }>

/** @returns `isDone` where the literal has the member: from a context that it spreads, or as the operand of a cast. */
export const planCarrierSite = (
  workspace: Workspace,
  site: Site,
  target: MigrateTarget,
  { member, definition }: Pick<Carrier, 'member' | 'definition'>,
  { isContext, loadsFirst }: SiteQuestions,
): SitePlan | { readonly isDone: true } => {
  const { tree } = workspace.edited(site.file)
  const placed = findNode(tree, site.start, site.end)
  if (!placed) return { reason: 'the expression was not found in the syntax tree' }
  const literal = constructionOf(placed.node)
  const refusal = refusalOf(site, placed)
  if (refusal !== undefined) return { reason: refusal }
  if (literal.type !== 'ObjectExpression') return { reason: 'the expression is no literal' }
  if (literal.properties.some((one) => one.type === 'Property' && keyNameOf(one.key) === member))
    return site.kind.startsWith('cast')
      ? { isDone: true }
      : { reason: `its ${member} is given, and is no sealed context` }
  if (loadsFirst(target, site.file, placed))
    return { reason: "the factory's module needs this file first: calling it while the file loads would be circular" }
  const describe = describeSpread(workspace, site.file, isContext)
  if (inheritsMember(literal, target, describe)) return { isDone: true }
  const values = readLiteralFields(literal, describe)
  if ('reason' in values) return values
  const identity = new Map([...values.fields].filter(([field]) => isIdentity(target, field)))
  if (findLaterWrite(tree, placed, (field) => Object.hasOwn(target.fields, field)) !== undefined)
    return { reason: 'a field of its identity is written to later, and the new context is frozen' }
  const absent = refuseAbsentUser(tree, placed, identity, target)
  if (absent !== undefined) return { reason: absent }
  const own = { ...target, spread: flatSpread(target, definition) }
  const maker = { member, placed, literal, values: { ...values, fields: identity }, all: values }
  const plain = toPlan(workspace, site, own, maker, { asserts: false })
  const asserted = toPlan(workspace, site, own, maker, { asserts: true })
  const differs = 'unit' in plain && 'unit' in asserted && asserted.unit.wants.length > plain.unit.wants.length
  return differs ? { unit: { ...plain.unit, fallback: asserted.unit } } : plain
}

/** Whether the literal has the member from a context that it spreads, and nothing behind that says another identity. */
function inheritsMember(literal: ObjectLiteral, target: MigrateTarget, describe: DescribeSpread): boolean {
  const last = literal.properties.findLastIndex(
    (one) => one.type === 'SpreadElement' && describe(unwrapExpression(one.argument))?.isContext === true,
  )
  return (
    last >= 0 &&
    literal.properties.every((one, index) => {
      // What stands before the context is overwritten by it.
      if (index <= last) return true
      if (one.type === 'Property') {
        const name = one.computed ? undefined : keyNameOf(one.key as Node)
        return name !== undefined && !isIdentity(target, name)
      }
      const known = describe(unwrapExpression(one.argument))
      return known !== undefined && known.names.every(({ name }) => !isIdentity(target, name))
    })
  )
}

/** A carrying value that is spread gives its ids by its own fields: it may be one that an earlier run left. */
function flatSpread(target: MigrateTarget, { fields }: Carrier['definition']): Record<string, string> {
  const homes = fields.flatMap(({ name, optional }): (readonly [string, string])[] => {
    const { to, wrap, member }: FieldHome = target.fields[name] ?? { to: 'drop' }
    const read = `{context}.${name}${member === undefined ? '' : `.${member}`}`
    const wrapped = wrap === undefined ? read : `${wrap}(${read})`
    return to === 'drop' ? [] : [[to, optional && wrap ? `${read} === undefined ? undefined : ${wrapped}` : wrapped]]
  })
  return Object.fromEntries(homes)
}

type Fields = Extract<SiteFields, { fields: unknown }>
type Maker = {
  readonly member: string
  readonly placed: Placed
  readonly literal: ObjectLiteral
  readonly values: Fields
  readonly all: Fields
}

function toPlan(
  workspace: Workspace,
  site: Site,
  target: MigrateTarget,
  { member, placed, literal, values, all }: Maker,
  { asserts }: { readonly asserts: boolean },
): SitePlan {
  const { tree, style } = workspace.edited(site.file)
  const evaluate = newEvaluation(workspace, site.file)
  const isNullish = nullishOf(workspace, site.file)
  const place = {
    origin: `${site.file}:${lineOf(tree.text, site.start)}`,
    style,
    layout: { isMultiLine: false, inner: '', base: '', hasTrailingComma: false, comments: new Map() },
    nullishOf: isNullish,
    asserts,
    isUnseen: () => true,
    isRepeatable: () => true,
    constants: new Map<Node, string>(),
  }
  const draft = toSiteText(target, values, place)
  if ('reason' in draft) return draft
  const last = literal.properties.findLastIndex(
    (one) => one.type === 'SpreadElement' || isIdentity(target, keyNameOf(one.key as Node) ?? ''),
  )
  const slices = (from: number, to: number, slice: Parameters<PrintEdit>[0]): string =>
    literal.properties
      .slice(from, to)
      .map((one) => valueOf(one as Node))
      .map((node) => slice(node.start, node.end))
      .join()
  // Fields keep their places; the ids among them are evaluated once more behind the last of them.
  const inOrder: PrintEdit = (slice, local) =>
    `${slices(0, last + 1, slice)},${draft.print(slice, local)},${slices(last + 1, literal.properties.length, slice)}`
  const order = planOrder(placed, all, inOrder, {
    tree,
    style,
    evaluate,
    isUnseen: () => false,
    isTested: (node) => draft.tested.has(node),
  })
  if ('reason' in order) return order
  const text = toSiteText(target, values, {
    ...place,
    constants: order.names,
    isRepeatable: (node) => isRepeatable(node) && evaluate(node) !== 'acts',
  })
  if ('reason' in text) return text
  const spell = ({ module, name }: { readonly module: string; readonly name: string }) => ({
    module: workspace.spell(module, site.file),
    name,
  })
  return {
    unit: {
      file: site.file,
      purpose: 'site',
      edits: [
        toInsertion(tree.text, literal, last, (slice, local) => `${member}: ${text.print(slice, local)}`),
        ...toReplacements(literal, order.names),
        ...order.edits,
      ],
      wants: [
        ...target.imports
          .filter((one) => text.names.includes(one.name))
          .map((one) => ({ ...spell(one), isType: false })),
        ...text.types.map((one) => ({ ...spell(one), isType: true })),
      ],
      ...(site.finding && { finding: site.finding }),
    },
  }
}

const isIdentity = (target: MigrateTarget, field: string): boolean =>
  Object.hasOwn(target.fields, field) && target.fields[field]!.to !== 'drop'

const valueOf = (property: Node): Node =>
  property.type === 'SpreadElement' ? property.argument : (property as Extract<Node, { type: 'Property' }>).value

/** Behind the property, on a line of its own where the literal has such lines. */
function toInsertion(text: string, literal: ObjectLiteral, last: number, print: PrintEdit): LazyEdit {
  const before = literal.properties[last]!
  const next = literal.properties[last + 1]
  const indent = /\n([ \t]*)$/.exec(text.slice(0, before.start))?.[1]
  if (indent === undefined) return at(before.end, (slice, local) => `, ${print(slice, local)}`)
  const lineEnd = text.slice(0, before.start).endsWith(`\r\n${indent}`) ? '\r\n' : '\n'
  // A comment behind the comma belongs to the property before it.
  const comma = /^\s*,[ \t]*(?:\/\/[^\r\n]*|\/\*.*?\*\/[ \t]*)?(?=\r?\n)/.exec(
    text.slice(before.end, next?.start ?? literal.end),
  )
  if (!comma) return at(before.end, (slice, local) => `,${lineEnd}${indent}${print(slice, local)}`)
  return at(before.end + comma[0].length, (slice, local) => `${lineEnd}${indent}${print(slice, local)},`)
}

const at = (offset: number, print: PrintEdit): LazyEdit => ({ start: offset, end: offset, print })

/**
 * Fields whose value became a constant before the statement; the whole property, so that the constant keeps its text.
 */
function toReplacements(literal: ObjectLiteral, names: ReadonlyMap<Node, string>): LazyEdit[] {
  return literal.properties.flatMap((property) => {
    const name = names.get(valueOf(property as Node))
    if (name === undefined || property.type !== 'Property') return []
    const { start, end, key } = property
    const isSame = keyNameOf(key as Node) === name
    return [{ start, end, print: (slice) => (isSame ? name : `${slice(key.start, key.end)}: ${name}`) }]
  })
}
