/**
 * What to do with one construction site: a unit of change, or the reason why it is left.
 */
import { refuseAbsentUser } from './absent-user.ts'
import type { Finding } from '../finding.ts'
import type { ChangeUnit, PrintEdit } from './change-unit.ts'
import { constructorForm } from './constructor-form.ts'
import { toAdded } from './added-values.ts'
import { readConstructorWork } from './constructor-work.ts'
import { findDropped } from './dropped-fields.ts'
import { newEvaluation, isLeftOutUnseen } from './evaluation.ts'
import { readLayout, toInlineComment } from './field-comments.ts'
import type { LiteralLayout } from './field-comments.ts'
import { findDemanded } from './field-manners.ts'
import { foldWrites } from './folded-writes.ts'
import { constructionOf, isWrittenOut } from './frozen-literal.ts'
import { findLaterWrite } from './later-writes.ts'
import type { newLoadOrder } from './load-order.ts'
import { findMissingField, findStoredFields } from './missing-field.ts'
import type { MigrateTarget } from './migrate-options.ts'
import { findOrphanedLocals } from './orphaned-locals.ts'
import { isRepeatable, readLiteralFields, readNewFields } from './site-fields.ts'
import type { FieldValue, SiteFields } from './site-fields.ts'
import { planOrder } from './site-order.ts'
import { mayBeAbsent, toSiteText } from './site-text.ts'
import type { TargetMembers } from './target-members.ts'
import { findAsked } from './tested-fields.ts'
import type { FindTested } from './tested-fields.ts'
import { lineOf } from '../engine/syntax.ts'
import type { Node, SyntaxTree } from '../engine/syntax.ts'
import { findNode, unwrapExpression } from '../engine/syntax-search.ts'
import type { Placed } from '../engine/syntax-search.ts'
import { describeSpread, nullishOf } from './value-types.ts'
import type { IsContext } from './value-types.ts'
import type { Workspace } from './workspace.ts'

/** A construction as the planner needs it: a finding, or one inside a former class that lives on in a constant. */
export type Site = Pick<Finding, 'file' | 'start' | 'end' | 'kind'> & { readonly finding?: Finding }

/** A site that is not moved. `isNew`: no earlier run has marked it. */
export type Left = { readonly site: Site; readonly reason: string; readonly isNew: boolean }

export type SitePlan = { readonly unit: ChangeUnit } | { readonly reason: string }

/** What a plan asks about the rest of the tree. */
export type SiteQuestions = {
  readonly isContext: IsContext
  readonly loadsFirst: ReturnType<typeof newLoadOrder>
  /** Optional fields that code tests of what the site makes, each with the place. */
  readonly tested: FindTested
  /** What every value of the target has. */
  readonly members: TargetMembers
}

/** Plans one site. Nothing is checked yet: the unit still has to prove that it adds no diagnostic. */
export const planSite = (
  workspace: Workspace,
  site: Site,
  target: MigrateTarget,
  { isContext, loadsFirst, tested, members }: SiteQuestions,
): SitePlan => {
  const { tree, style } = workspace.edited(site.file)
  const placed = findNode(tree, site.start, site.end)
  if (!placed) return { reason: 'the expression was not found in the syntax tree' }
  const refusal = refusalOf(site, placed)
  if (refusal !== undefined) return { reason: refusal }
  if (loadsFirst(target, site.file, placed))
    return { reason: "the factory's module needs this file first: calling it while the file loads would be circular" }
  const describe = describeSpread(workspace, site.file, isContext)
  const inner = constructionOf(placed.node)
  const given: SiteFields =
    inner.type === 'NewExpression'
      ? readNewFields(inner, constructorForm(workspace, site.file, inner, target), describe)
      : readLiteralFields(inner, describe)
  if ('reason' in given) return given
  const work = readConstructorWork(workspace, site.file, inner, target, members)
  const isNullish = nullishOf(workspace, site.file)
  const isMaybeAbsent = (value: FieldValue): boolean => mayBeAbsent(value, isNullish)
  const added = 'reason' in work ? { added: [] } : toAdded(work, given.fields, target, isMaybeAbsent)
  if ('reason' in added) return added
  const manners = 'reason' in work ? undefined : work.manners
  const evaluate = newEvaluation(workspace, site.file)
  const stored = findStoredFields(workspace, site, inner)
  const made = inner.type === 'NewExpression' ? manners : undefined
  const folded = foldWrites(placed, given.fields, { tree, target, stored, manners: made, evaluate })
  const fields = new Map([...given.fields, ...folded.fields])
  const values = { ...given, ...added, fields, ...(manners && { manners }) }
  const demanded = manners && findDemanded(manners, given, target, isMaybeAbsent)
  if (demanded !== undefined) return { reason: demanded }
  if (findLaterWrite(tree, placed, undefined, folded.statements) !== undefined)
    return { reason: 'the value is written to later, and the new context is frozen' }
  const absent = refuseAbsentUser(tree, placed, values.fields, target)
  if (absent !== undefined) return { reason: absent }
  const asked = findAsked(tested(site), values, target, (node) => isNullish(node) !== 'never')
  if (asked !== undefined) return { reason: asked }
  const origin = `${site.file}:${lineOf(tree.text, site.start)}`
  const isUnseen = (node: Node): boolean => isLeftOutUnseen(workspace, site.file, node)
  const layout = readLayout(tree, literalOf(inner))
  const place = {
    origin,
    style,
    layout,
    nullishOf: isNullish,
    asserts: false,
    isUnseen,
    constants: new Map<Node, string>(),
  }
  // First as if any order and any number of evaluations would do, only to see what the text evaluates.
  const draft = toSiteText(target, values, { ...place, isUnseen: () => true, isRepeatable: () => true })
  if ('reason' in draft) return draft
  const written = inner === unwrapExpression(placed.node) ? placed : findNode(tree, inner.start, inner.end)!
  const order = planOrder(written, values, draft.print, {
    tree,
    style,
    evaluate,
    isUnseen,
    isTested: (node) => draft.tested.has(node),
  })
  if ('reason' in order) return order
  const make = ({ asserts }: { readonly asserts: boolean }): SitePlan => {
    const text = toSiteText(target, values, {
      ...place,
      asserts,
      constants: order.names,
      isUnseen: (node) => isUnseen(node) || order.edits.length > 0,
      isRepeatable: (node) => isRepeatable(node) && evaluate(node) !== 'acts',
    })
    if ('reason' in text) return text
    const imports = target.imports
      .filter((one) => text.names.includes(one.name) && !isOwnModule(one.module, site.file))
      .map((one) => ({ module: workspace.spell(one.module, site.file), name: one.name, isType: false }))
    const types = text.types.map((one) => ({
      module: workspace.spell(one.module, site.file),
      name: one.name,
      isType: true,
    }))
    const called = text.checks
      .filter(({ file }) => file !== site.file)
      .map(({ file, name }) => ({
        module: workspace.spell(`./${file}`, site.file),
        name,
        isType: false,
        isApart: true,
      }))
    const range = withArrowParentheses(tree.text, placed)
    const kept = [...values.fields].flatMap(([field, { node }]) => (target.fields[field]?.to === 'drop' ? [] : [node]))
    const comments = commentsLost(tree, range, kept, layout)
    const withComments: PrintEdit = (slice, local) => `${comments}${text.print(slice, local)}`
    const dropped = [...values.fields].flatMap(([field, { node }]) =>
      target.fields[field]?.to === 'drop' ? [node] : [],
    )
    const locals = order.edits.length > 0 ? [] : findOrphanedLocals(tree, placed, dropped, isUnseen)
    return {
      unit: {
        file: site.file,
        purpose: 'site',
        edits: [{ ...range, print: withComments }, ...locals, ...order.edits, ...folded.edits],
        wants: [...imports, ...types, ...called],
        calls: text.checks,
        drops: findDropped(workspace, site.file, values.fields, target),
        ...(site.finding && { finding: site.finding }),
      },
    }
  }
  const plain = make({ asserts: false })
  const missing = 'unit' in plain ? findMissingField(workspace, site, inner, target, values) : undefined
  if (missing !== undefined) return { reason: missing }
  // Said last: what else keeps the site is nearer to it.
  if ('unit' in plain && 'reason' in work) return work
  const asserted = make({ asserts: true })
  const differs = 'unit' in plain && 'unit' in asserted && asserted.unit.wants.length > plain.unit.wants.length
  return differs ? { unit: { ...plain.unit, fallback: asserted.unit } } : plain
}

/** Kinds and forms that no field by field move can prove. */
export function refusalOf(site: Site, { node }: Placed): string | undefined {
  const isWritten = isWrittenOut(site, node)
  if (site.kind === 'any-flow') return 'an `any` value flows into the context: nothing proves who the user is'
  if (site.kind === 'cast-downcast' && !isWritten)
    return 'a base type is asserted to be the context: nothing proves that it is one'
  if (site.finding?.details?.['subclass'] === true)
    return 'a class that extends the context is made: the factory would give none of what the class adds'
  if (site.kind === 'new' && !isWritten)
    return 'the class is called through Reflect.construct: nothing proves what its arguments are'
  if (site.kind === 'look-alike' && !isWritten)
    return 'a value of another type is used as the context: nothing proves who the user is'
  if (site.kind.startsWith('cast') && !isWritten)
    return 'a value is asserted to be the context: nothing proves who the user is'
  return isWritten ? undefined : 'the expression is no literal and no constructor call'
}

/** The factory's own module needs no import of it. */
const isOwnModule = (module: string, file: string): boolean =>
  module.startsWith('./') && stem(module.slice(2)) === stem(file)
const stem = (path: string): string => path.replace(/\.[cm]?[jt]sx?$/, '')

/** The literal that is written: the value itself, or the one object that a constructor is given. */
function literalOf(inner: Node): Node {
  const [bag] = inner.type === 'NewExpression' && inner.arguments.length === 1 ? inner.arguments : []
  return bag && bag.type !== 'SpreadElement' ? unwrapExpression(bag) : inner
}

/** Comments that belong to no field that stays: they go before the new expression, on its line. */
function commentsLost(
  { text, comments }: SyntaxTree,
  { start, end }: { start: number; end: number },
  kept: readonly Node[],
  layout: LiteralLayout,
): string {
  const placed = kept.flatMap((node) => {
    const { lead, trail } = layout.comments.get(node) ?? { lead: [], trail: [] }
    return [...lead, ...trail]
  })
  return comments
    .filter(
      (one) =>
        one.start >= start &&
        one.end <= end &&
        !placed.includes(text.slice(one.start, one.end)) &&
        !kept.some((node) => node.start <= one.start && one.end <= node.end),
    )
    .map((one) => toInlineComment(text.slice(one.start, one.end)))
    .join('')
}

/** `=> ({ … })` needs its parentheses for the literal only. */
function withArrowParentheses(text: string, { node, ancestors }: Placed): { start: number; end: number } {
  const parent = ancestors.at(-1)
  const isBody = parent?.type === 'ArrowFunctionExpression' && parent.body === node
  const before = isBody ? /\(\s*$/.exec(text.slice(0, node.start)) : null
  const after = isBody ? /^\s*\)/.exec(text.slice(node.end)) : null
  return before && after
    ? { start: node.start - before[0].length, end: node.end + after[0].length }
    : { start: node.start, end: node.end }
}
