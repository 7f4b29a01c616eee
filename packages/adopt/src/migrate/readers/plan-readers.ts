/**
 * The readers' step: each read of an identity's field goes through the sealed context, where the compiler accepts it.
 */
import { lineOf } from '../../engine/syntax.ts'
import type { Node } from '../../engine/syntax.ts'
import type { ChangeUnit } from '../change-unit.ts'
import type { UnreadSite } from '../migrate-options.ts'
import { proveUnits } from '../prove-units.ts'
import { renderAll, textsOf } from '../workspace.ts'
import type { Workspace } from '../workspace.ts'
import { findFieldUses } from './field-uses.ts'
import type { FieldUse } from './field-uses.ts'
import type { LaterPlan, LaterRun } from './later-run.ts'
import { toPatternUnit, toReadUnit } from './read-edits.ts'
import type { MovedRead } from './read-edits.ts'

/** The overlay must be empty. */
export const planReaders = ({ workspace, fields, before }: LaterRun): LaterPlan & { readonly readsMoved: number } => {
  const left: UnreadSite[] = []
  const leave = ({ file, start }: FieldUse, field: string, reason: string): void =>
    void left.push({ file, line: lineOf(workspace.source(file).text, start), field, reason })
  const chosen: (MovedRead & { readonly field: string })[] = []
  for (const field of fields) {
    const uses = findFieldUses(workspace, field)
    const reads = uses.filter(({ role }) => role === 'read' || role === 'pattern')
    const written = uses.find(({ role }) => role === 'write')
    const { read } = field
    for (const use of reads) {
      if ('reason' in read) leave(use, field.name, read.reason)
      else if (written)
        leave(
          use,
          field.name,
          `it is written to in ${written.file}:${lineAt(workspace, written)}: the context is frozen`,
        )
      else chosen.push({ use, member: field.member, path: read.path, field: field.name })
    }
  }
  const units = new Map<ChangeUnit, typeof chosen>()
  for (const reads of groupByPlace(chosen)) {
    const [first] = reads
    const { file, role } = first!.use
    const unit = role === 'pattern' ? toPatternUnit(reads) : toReadUnit(workspace.edited(file).tree, first!)
    if ('reason' in unit) for (const { use, field } of reads) leave(use, field, unit.reason)
    else units.set(unit, reads)
  }
  const proof = proveUnits(workspace, { fixed: [] }, [...units.keys()], before)
  for (const [unit, code] of proof.dropped)
    for (const { use, field } of units.get(unit)!)
      leave(use, field, `the code around it does not take the new type (TS${code})`)
  const sorted = left.toSorted((a, b) => (a.file === b.file ? a.line - b.line : a.file < b.file ? -1 : 1))
  return {
    texts: textsOf(renderAll(workspace, proof.kept)),
    readsMoved: proof.kept.reduce((sum, unit) => sum + units.get(unit)!.length, 0),
    readsLeft: sorted,
  }
}

const lineAt = (workspace: Workspace, { file, start }: FieldUse): number => lineOf(workspace.source(file).text, start)

/** Each member expression alone; the fields of one pattern together. */
function groupByPlace<Read extends MovedRead>(reads: readonly Read[]): Read[][] {
  const groups = new Map<Node, Read[]>()
  for (const read of reads) {
    const { role, placed } = read.use
    const place = role === 'pattern' ? placed.ancestors.at(-1)! : placed.node
    groups.set(place, [...(groups.get(place) ?? []), read])
  }
  return [...groups.values()]
}
