/**
 * The last step: a field that nobody reads any more is taken out of the type and of the literals that make it.
 */
import { lineOf } from '../../engine/syntax.ts'
import type { Node, SyntaxTree } from '../../engine/syntax.ts'
import type { ChangeUnit, LazyEdit } from '../change-unit.ts'
import { findNewDiagnostics } from '../diagnostic-difference.ts'
import { isLeftOutUnseen } from '../evaluation.ts'
import type { UnreadSite } from '../migrate-options.ts'
import { findOrphanedLocals } from '../orphaned-locals.ts'
import { clearOverlay, diagnose, renderAll, textsOf } from '../workspace.ts'
import type { Workspace } from '../workspace.ts'
import type { CarriedField } from './carried-field.ts'
import { findFieldUses } from './field-uses.ts'
import type { FieldUse } from './field-uses.ts'
import { findRestPatterns } from './rest-patterns.ts'
import type { LaterPlan, LaterRun } from './later-run.ts'

type Removal = { readonly field: CarriedField; readonly units: readonly ChangeUnit[] }

/** The overlay must be empty. */
export const planRemovals = ({
  workspace,
  fields,
  before,
}: LaterRun): LaterPlan & { readonly fieldsRemoved: readonly CarriedField[] } => {
  const left: UnreadSite[] = []
  const rests = findRestPatterns(workspace, [...new Set(fields.map(({ definition }) => definition))])
  const planned = fields.flatMap((field): Removal[] => {
    const rest = rests.get(field.definition)
    const plan = rest ? toRestLeft(workspace, field, rest) : planRemoval(workspace, field)
    if ('units' in plan) return [{ field, units: plan.units }]
    left.push(plan)
    return []
  })
  const complaintOf = (removals: readonly Removal[]): UnreadSite | undefined => {
    const units = removals.flatMap((one) => one.units)
    const renderings = renderAll(workspace, units)
    const [fresh] = findNewDiagnostics(before, diagnose(workspace, textsOf(renderings)))
    if (!fresh) return undefined
    const [file, own] = fresh
    const { start, code } = own[0]!
    const offset = renderings.get(file)?.toOld(start) ?? start
    const { name } = removals.at(-1)!.field
    return {
      file,
      line: lineOf(workspace.source(file).text, offset),
      field: name,
      reason: `code needs the field where no read of it stands (TS${code})`,
    }
  }
  // All at once is the usual case; otherwise one after another, each beside those that hold.
  let kept: readonly Removal[] = planned.length > 0 && !complaintOf(planned) ? planned : []
  if (kept.length === 0) {
    for (const removal of planned) {
      const complaint = complaintOf([...kept, removal])
      if (complaint) left.push(complaint)
      else kept = [...kept, removal]
    }
  }
  clearOverlay(workspace)
  return {
    texts: textsOf(
      renderAll(
        workspace,
        kept.flatMap((one) => one.units),
      ),
    ),
    readsLeft: left,
    fieldsRemoved: kept.map((one) => one.field),
  }
}

const toRestLeft = (workspace: Workspace, { name }: CarriedField, at: { file: string; start: number }): UnreadSite => ({
  file: at.file,
  line: lineOf(workspace.source(at.file).text, at.start),
  field: name,
  reason: 'a pattern takes the rest of the type, which holds the field: take the rest apart by name',
})

function planRemoval(workspace: Workspace, field: CarriedField): Pick<Removal, 'units'> | UnreadSite {
  const { definition, name, node } = field
  const stays = ({ file, start }: Pick<FieldUse, 'file' | 'start'>, reason: string): UnreadSite => ({
    file,
    line: lineOf(workspace.source(file).text, start),
    field: name,
    reason,
  })
  if (definition.form === 'class')
    return stays(
      { file: definition.file, start: node.start },
      'it belongs to a class: take it out of the constructor by hand',
    )
  const uses = findFieldUses(workspace, field)
  const others = uses.filter(({ role }) => role !== 'maker')
  if (others.length > 0)
    return stays(others[0]!, others.length === 1 ? '1 use is left' : `${others.length} uses are left`)
  const units: ChangeUnit[] = [toUnit(definition.file, [removeMember(workspace.edited(definition.file).tree, node)])]
  for (const use of uses) {
    const { tree } = workspace.edited(use.file)
    const property = use.placed.node as Extract<Node, { type: 'Property' }>
    const isUnseen = (one: Node): boolean => isLeftOutUnseen(workspace, use.file, one)
    if (!isUnseen(property.value as Node))
      return stays(use, 'computing its value has an effect: store it in a constant first')
    const literal = use.placed.ancestors.at(-1)!
    const locals = findOrphanedLocals(
      tree,
      { node: literal, ancestors: use.placed.ancestors.slice(0, -1) },
      [property.value as Node],
      isUnseen,
    )
    units.push(toUnit(use.file, [removeProperty(tree, property, literal), ...locals]))
  }
  return { units }
}

const toUnit = (file: string, edits: readonly LazyEdit[]): ChangeUnit => ({ file, purpose: 'read', edits, wants: [] })

/** A member of the type with its own comment and line. */
function removeMember({ text, comments }: SyntaxTree, { start, end }: Node): LazyEdit {
  const comment = comments.findLast(
    (one) => one.end <= start && text.slice(one.end, start).trim() === '' && startsLine(text, one.start),
  )
  const first = comment?.start ?? start
  const behind = /^[ \t]*[;,]?[ \t]*(?:\/\/[^\r\n]*)?(?:\r?\n)?/.exec(text.slice(end))![0]
  const isOwnLine = startsLine(text, first) && behind.endsWith('\n')
  const indent = isOwnLine ? /[ \t]*$/.exec(text.slice(0, first))![0].length : 0
  return { start: first - indent, end: end + behind.length, print: () => '' }
}

/** A property of a literal with its comma, and its line where it has one of its own. */
function removeProperty({ text, comments }: SyntaxTree, property: Node, literal: Node): LazyEdit {
  const { properties } = literal as Extract<Node, { type: 'ObjectExpression' }>
  const isLast = properties.at(-1)?.end === property.end
  const comment = comments.findLast(
    (one) =>
      one.start > literal.start &&
      one.end <= property.start &&
      text.slice(one.end, property.start).trim() === '' &&
      startsLine(text, one.start),
  )
  const first = comment?.start ?? property.start
  const behind = /^\s*?,?[ \t]*(?:\/\/[^\r\n]*)?(?=\r?\n)/.exec(text.slice(property.end))
  if (startsLine(text, first) && behind) {
    const lineStart = /\r?\n[ \t]*$/.exec(text.slice(0, first))!.index
    return { start: lineStart, end: property.end + behind[0].length, print: () => '' }
  }
  const comma = /^\s*,\s*/.exec(text.slice(property.end))
  if (!isLast && comma) return { start: property.start, end: property.end + comma[0].length, print: () => '' }
  const before = properties[properties.findIndex((one) => one.end === property.end) - 1]
  return { start: before?.end ?? property.start, end: property.end, print: () => '' }
}

const startsLine = (text: string, at: number): boolean => /(?:^|\n)[ \t]*$/.test(text.slice(0, at))
