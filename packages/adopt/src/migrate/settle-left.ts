/**
 * Makes the tree compile around what is left: type-only imports, double assertions, and a marked `@ts-expect-error`
 * where code
 * uses what the new context does not have.
 */
import type { ChangeUnit, Rendering } from './change-unit.ts'
import { countDiagnostics, findNewDiagnostics } from './diagnostic-difference.ts'
import type { DiagnosticsByFile } from './diagnostic-difference.ts'
import { toDoubleAssertion, toTypeOnlyUnit, typeOnlyCodes } from './left-units.ts'
import { parseSyntax } from '../engine/syntax.ts'
import { findNode } from '../engine/syntax-search.ts'
import { applyTextEdits } from './text-edit.ts'
import { toMarkEdits } from './todo-marks.ts'
import type { Mark } from './todo-marks.ts'
import { newDiagnoser } from './newer-diagnostics.ts'
import { diagnose, renderAll, textsOf } from './workspace.ts'
import type { Workspace } from './workspace.ts'

/** A mark by its offset in the file as it was read. */
export type PlacedMark = Mark & { readonly file: string }

/** What the units stand beside. */
export type Rest = {
  /**
   * Double assertions for left literals: one is taken where the compiler complains, and given back where it complains
   * more.
   */
  readonly offers: readonly ChangeUnit[]
  readonly marks: readonly PlacedMark[]
  readonly before: DiagnosticsByFile
}

export type Settled = {
  /** Changed files: path to new text. */
  readonly texts: ReadonlyMap<string, string>
  /** Lines that compile under a directive only, as `file:line` of the old text with the compiler's code. */
  readonly suppressed: readonly { readonly file: string; readonly offset: number; readonly code: number }[]
  readonly diagnosticsAfter: number
  /** Diagnostics that nothing settled: when there is one, nothing may be written. */
  readonly unsettled: readonly { readonly file: string; readonly code: number }[]
}

/**
 * Applies the units, settles what is left, sets the marks, and checks the outcome against the diagnostics before the
 * run.
 */
export const settleLeft = (
  workspace: Workspace,
  units: readonly ChangeUnit[],
  { offers, marks, before }: Rest,
): Settled => {
  let all = [...units]
  let waiting = [...offers]
  const whole = textsOf(renderAll(workspace, all))
  const ask = newDiagnoser(workspace, whole, diagnose(workspace, whole))
  const render = (tried: readonly ChangeUnit[]): State => renderWith(workspace, tried, before, ask)
  let state = render(all)
  for (let round = 0; round < 8 && state.fresh.size > 0; round++) {
    const fixes = toFixes(workspace, state).filter((unit) => !all.some((one) => isSame(one, unit)))
    const touched = waiting.filter((offer) => isTouched(workspace, state, offer))
    const withdrawn = all.filter((unit) => offers.includes(unit) && isInside(state, unit))
    if (fixes.length + touched.length + withdrawn.length === 0) break
    waiting = waiting.filter((offer) => !touched.includes(offer))
    all = [...all.filter((unit) => !withdrawn.includes(unit)), ...fixes, ...touched]
    state = render(all)
  }
  // What an inferred type carries elsewhere is complained about elsewhere: the others are tried together.
  const trial = state.fresh.size > 0 && waiting.length > 0 ? render([...all, ...waiting]) : state
  if (countDiagnostics(trial.fresh) < countDiagnostics(state.fresh)) state = trial
  // An error at an import hides everything that the import gives: it is never silenced, and stays unsettled.
  const suppressed = [...state.fresh].flatMap(([file, own]) =>
    own.flatMap(({ start, code }) =>
      isAtImport(workspace, state.renderings.get(file), file, start) ? [] : [{ file, start, code }],
    ),
  )
  const texts = withMarks(workspace, state.renderings, marks, suppressed)
  const after = diagnose(workspace, texts)
  const unsettled = [...findNewDiagnostics(before, after)].flatMap(([file, own]) =>
    own.map(({ code }) => ({ file, code })),
  )
  return {
    texts,
    unsettled,
    diagnosticsAfter: countDiagnostics(after),
    suppressed: suppressed.map(({ file, start, code }) => ({
      file,
      code,
      offset: state.renderings.get(file)?.toOld(start) ?? start,
    })),
  }
}

type State = {
  readonly renderings: ReadonlyMap<string, Rendering>
  readonly fresh: ReturnType<typeof findNewDiagnostics>
}

function renderWith(
  workspace: Workspace,
  units: readonly ChangeUnit[],
  before: DiagnosticsByFile,
  ask: (texts: ReadonlyMap<string, string>) => DiagnosticsByFile,
): State {
  const renderings = renderAll(workspace, units)
  return { renderings, fresh: findNewDiagnostics(before, ask(textsOf(renderings))) }
}

/** Whether the compiler complains in the statement that an offer stands in. */
function isTouched(workspace: Workspace, { renderings, fresh }: State, { file, edits }: ChangeUnit): boolean {
  const own = fresh.get(file) ?? []
  const edit = edits[0]
  if (own.length === 0 || !edit) return false
  const ancestors = findNode(workspace.edited(file).tree, edit.start, edit.end)?.ancestors ?? []
  const holder = ancestors.findLast((node) =>
    /Statement$|Declaration$|^PropertyDefinition$|^AssignmentPattern$/.test(node.type),
  )
  if (!holder) return true
  return own.some(({ start }) => {
    const offset = renderings.get(file)?.toOld(start) ?? start
    return holder.start <= offset && offset < holder.end
  })
}

function isAtImport(workspace: Workspace, rendering: Rendering | undefined, file: string, start: number): boolean {
  const { program } = rendering ? parseSyntax(file, rendering.text) : workspace.edited(file).tree
  return program.body.some(
    (node) =>
      node.start <= start &&
      start < node.end &&
      (node.type === 'ImportDeclaration' ||
        node.type === 'ExportAllDeclaration' ||
        node.type === 'TSImportEqualsDeclaration' ||
        (node.type === 'ExportNamedDeclaration' && node.source !== null)),
  )
}

function isInside({ renderings, fresh }: State, unit: ChangeUnit): boolean {
  const places = (renderings.get(unit.file)?.places ?? []).filter((place) => place.unit === unit)
  return (fresh.get(unit.file) ?? []).some(({ start }) =>
    places.some((place) => place.start <= start && start < place.end),
  )
}

const isSame = (a: ChangeUnit, b: ChangeUnit): boolean =>
  a.file === b.file && a.edits[0]?.start === b.edits[0]?.start && a.edits[0]?.end === b.edits[0]?.end

function toFixes(workspace: Workspace, { renderings, fresh }: State): ChangeUnit[] {
  return [...fresh].flatMap(([file, own]) =>
    own.flatMap(({ code, start }) => {
      const offset = renderings.get(file)?.toOld(start) ?? start
      const { tree, style } = workspace.edited(file)
      const unit = typeOnlyCodes.has(code)
        ? toTypeOnlyUnit(tree, file, { start: offset }, { asStatement: style.typeImport !== 'specifier' })
        : code === 2352
          ? toDoubleAssertion(tree, file, offset)
          : undefined
      return unit ? [unit] : []
    }),
  )
}

/** Marks are set in the new text, so that no edit can swallow one. */
function withMarks(
  workspace: Workspace,
  renderings: ReadonlyMap<string, Rendering>,
  marks: readonly PlacedMark[],
  suppressed: readonly { file: string; start: number; code: number }[],
): Map<string, string> {
  const texts = textsOf(renderings)
  const files = new Set([...marks, ...suppressed].map((one) => one.file))
  for (const file of files) {
    const { tree, style } = workspace.edited(file)
    const rendering = renderings.get(file)
    const text = rendering?.text ?? tree.text
    const placed = marks
      .filter((mark) => mark.file === file)
      .map((mark) => ({ ...mark, offset: rendering?.toNew(mark.offset) ?? mark.offset }))
    const directives = suppressed
      .filter((one) => one.file === file)
      .map(({ start, code }) => ({ offset: start, reason: suppressionReason(code), callers: [], directive: true }))
    const edits = toMarkEdits(rendering ? parseSyntax(file, text) : tree, [...placed, ...directives], style.lineEnd)
    if (edits.length > 0) texts.set(file, applyTextEdits(text, edits))
  }
  return texts
}

function suppressionReason(code: number): string {
  if (code === 2540 || code === 2542) return 'a field of the context is written to, and the new context is frozen'
  if (code === 2339 || code === 2551) return 'the new context has no such member'
  return `the new context does not fit here (TS${code})`
}
