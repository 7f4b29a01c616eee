/**
 * The unit of change: edits that are kept or dropped together, all against the file as it was read, and how a file
 * reads with a
 * set of them applied. Because every edit names original offsets, dropping one moves no other.
 */
import type { Finding } from '../finding.ts'
import { chooseLocalName, toImportEdits, toUnusedImportEdits } from './import-edits.ts'
import type { WantedImport } from './import-edits.ts'
import { namesThatFellOutOfUse, tidyRemovals, toUnusedDeclarationEdits } from './unused-code.ts'
import type { SourceStyle } from './source-style.ts'
import { parseSyntax } from '../engine/syntax.ts'
import type { SyntaxTree } from '../engine/syntax.ts'
import { applyTextEdits } from './text-edit.ts'
import type { TextEdit } from './text-edit.ts'

/**
 * Gives new text from the file's own: `slice` is a range with the other kept edits in it, `local` an import's name in
 * this file.
 */
export type PrintEdit = (slice: (start: number, end: number) => string, local: (name: string) => string) => string

export type LazyEdit = { readonly start: number; readonly end: number; readonly print: PrintEdit }

/** What a unit is for; `mark` only adds comments and cannot fail. */
export type UnitPurpose = 'definition' | 'type-only' | 'site' | 'read' | 'left' | 'mark'

export type ChangeUnit = {
  /** Path relative to the root. */
  readonly file: string
  readonly purpose: UnitPurpose
  readonly edits: readonly LazyEdit[]
  readonly wants: readonly WantedImport[]
  readonly finding?: Finding
  /** Fields that the site gives and the new value has not, because the target makes its own. */
  readonly drops?: readonly string[]
  /** Functions of the tree that the new text calls, each with where its file has to export it. */
  readonly calls?: readonly { readonly file: string; readonly name: string; readonly exportAt: number | undefined }[]
  /** Offset of the name of the field that a read moves. */
  readonly readAt?: number
  /** Names of the file that stay, although nothing in it uses them any more. */
  readonly keeps?: readonly string[]
  /** Tried in order when this unit adds a diagnostic. */
  readonly fallback?: ChangeUnit
}

/** One file of a run. `style` is complete; `tree` is of the text as it was read. */
export type EditedFile = { readonly file: string; readonly tree: SyntaxTree; readonly style: SourceStyle }

/** New text, where each unit's edits ended up in it, and how offsets of the old text map to it. */
export type Rendering = {
  readonly text: string
  readonly places: readonly { readonly unit: ChangeUnit; readonly start: number; readonly end: number }[]
  readonly toNew: (oldOffset: number) => number
  readonly toOld: (newOffset: number) => number
}

/** The file with these units applied, imports added and the imports that fell out of use removed. */
export const renderFile = ({ file, tree, style }: EditedFile, units: readonly ChangeUnit[]): Rendering => {
  const wants = units.flatMap((unit) => unit.wants)
  // A name that the file goes on using is imported under it, and serves the others that want the same.
  const inOrder = [...wants.filter(({ as }) => as === undefined), ...wants.filter(({ as }) => as !== undefined)]
  const locals = new Map(inOrder.map((one) => [one.name, chooseLocalName(tree, one)]))
  const local = (name: string): string => locals.get(name) ?? name
  const wanted = wants.map((one) => ({ ...one, local: one.as ?? local(one.name) }))
  const placed = outermost(units.flatMap((unit) => unit.edits.map((edit) => ({ unit, edit }))))
  const own = placed.map(({ unit, edit }) => ({ unit, ...printEdit(tree.text, edit, units, local) }))
  const cleared: TextEdit[] = []
  let unused = new Set<string>()
  for (let step = 0; step < 8; step++) {
    const draft = tryParse(file, applyTextEdits(tree.text, dropOverlapping([...own, ...cleared])))
    if (!draft) break
    const now = namesThatFellOutOfUse(tree, draft)
    for (const { keeps = [] } of units) for (const name of keeps) now.delete(name)
    if (now.size === unused.size) break
    unused = now
    cleared.splice(0, cleared.length, ...toRemovals(tree, unused, units))
  }
  const imports = toImportEdits(tree, style, wanted, unused)
  return withPlaces(
    tree.text,
    dropOverlapping([
      ...own,
      ...imports,
      ...tidyRemovals(tree.text, cleared, {
        keepsHead: imports.some((one) => tree.text.slice(0, one.start).trim() === ''),
      }),
    ]),
  )
}

/** A unit may have broken the syntax: the compiler says so in the proof, and the unit is dropped there. */
function tryParse(file: string, text: string): SyntaxTree | undefined {
  try {
    return parseSyntax(file, text)
  } catch {
    return undefined
  }
}

/** Imports without a use left; beside a removed definition also the private code that served it alone. */
function toRemovals(tree: SyntaxTree, unused: ReadonlySet<string>, units: readonly ChangeUnit[]): TextEdit[] {
  if (unused.size === 0) return []
  const dead = units.some((unit) => unit.purpose === 'definition') ? toUnusedDeclarationEdits(tree, unused) : []
  return [...toUnusedImportEdits(tree, unused), ...dead]
}

type PlacedEdit = TextEdit & { readonly unit?: ChangeUnit }

/** Text of an edit, with the kept edits that lie inside the ranges it copies. */
function printEdit(
  text: string,
  edit: LazyEdit,
  units: readonly ChangeUnit[],
  local: (name: string) => string,
): TextEdit {
  const slice = (start: number, end: number): string => {
    const inside = units
      .flatMap((unit) => unit.edits.map((one) => ({ unit, edit: one })))
      .filter(
        (one) =>
          one.edit !== edit &&
          one.edit.start >= start &&
          one.edit.end <= end &&
          // What is inserted behind the range is no part of it.
          !(one.edit.start === one.edit.end && one.edit.start === end) &&
          !(one.edit.start <= edit.start && one.edit.end >= edit.end),
      )
    const printed = outermost(inside).map((one) => printEdit(text, one.edit, units, local))
    return applyTextEdits(
      text.slice(start, end),
      printed.map((one) => ({ ...one, start: one.start - start, end: one.end - start })),
    )
  }
  return { start: edit.start, end: edit.end, text: edit.print(slice, local) }
}

/** Edits that lie in no other: those inside are printed by the one around them, when it copies their range. */
function outermost<Entry extends { readonly edit: LazyEdit }>(entries: readonly Entry[]): Entry[] {
  const sorted = [...entries].sort((a, b) => a.edit.start - b.edit.start || b.edit.end - a.edit.end)
  const kept: Entry[] = []
  let reached = -1
  for (const entry of sorted) {
    const isInsertion = entry.edit.start === entry.edit.end
    if (isInsertion ? entry.edit.start < reached : entry.edit.end <= reached || entry.edit.start < reached) continue
    kept.push(entry)
    reached = Math.max(reached, entry.edit.end)
  }
  return kept
}

/** The first edit given wins over a later one that overlaps it. */
function dropOverlapping<Edit extends TextEdit>(edits: readonly Edit[]): Edit[] {
  const kept: Edit[] = []
  for (const edit of edits) if (!kept.some((one) => one.start < edit.end && edit.start < one.end)) kept.push(edit)
  return kept
}

function withPlaces(text: string, edits: readonly PlacedEdit[]): Rendering {
  const sorted = edits
    .map((edit, order) => ({ edit, order }))
    .sort((a, b) => a.edit.start - b.edit.start || a.edit.end - b.edit.end || a.order - b.order)
  const places: { unit: ChangeUnit; start: number; end: number }[] = []
  const moved: { oldStart: number; oldEnd: number; newStart: number; newEnd: number }[] = []
  let shift = 0
  for (const { edit } of sorted) {
    const newStart = edit.start + shift
    const newEnd = newStart + edit.text.length
    if (edit.unit) places.push({ unit: edit.unit, start: newStart, end: newEnd })
    moved.push({ oldStart: edit.start, oldEnd: edit.end, newStart, newEnd })
    shift += edit.text.length - (edit.end - edit.start)
  }
  const toNew = (offset: number): number => {
    const last = moved.findLast((one) => one.oldStart <= offset)
    if (!last) return offset
    return offset < last.oldEnd ? last.newStart : offset - last.oldEnd + last.newEnd
  }
  const toOld = (offset: number): number => {
    const last = moved.findLast((one) => one.newStart <= offset)
    if (!last) return offset
    return offset < last.newEnd ? last.oldStart : offset - last.newEnd + last.oldEnd
  }
  return {
    text: applyTextEdits(
      text,
      sorted.map((one) => one.edit),
    ),
    places,
    toNew,
    toOld,
  }
}
