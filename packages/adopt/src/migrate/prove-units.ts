/**
 * The proof: units are applied together in the overlay, and each one that adds a diagnostic is found and dropped.
 */
import type { CheckedDiagnostic } from '../engine/checker.ts'
import type { ChangeUnit, Rendering } from './change-unit.ts'
import { findNewDiagnostics, keyOf } from './diagnostic-difference.ts'
import type { DiagnosticsByFile } from './diagnostic-difference.ts'
import { newDiagnoser } from './newer-diagnostics.ts'
import { diagnose, renderAll, textsOf } from './workspace.ts'
import type { Workspace } from './workspace.ts'

/** What held, and what did not with the compiler's code for it. */
export type Proof = { readonly kept: readonly ChangeUnit[]; readonly dropped: ReadonlyMap<ChangeUnit, number> }

/**
 * Keeps the units that add no diagnostic to `base`. A unit with a fallback is tried with it before it is dropped.
 *
 * @param fixed - Units that stand anyway. `base` was said of the text with those of `based`.
 */
export const proveUnits = (
  workspace: Workspace,
  { fixed, based = fixed }: { readonly fixed: readonly ChangeUnit[]; readonly based?: readonly ChangeUnit[] },
  candidates: readonly ChangeUnit[],
  base: DiagnosticsByFile,
): Proof => {
  const ask = newDiagnoser(workspace, textsOf(renderAll(workspace, based)), base)
  let kept = [...candidates]
  const dropped = new Map<ChangeUnit, number>()
  const drop = (culprits: ReadonlyMap<ChangeUnit, number>): void => {
    for (const [unit, code] of culprits) if (!unit.fallback) dropped.set(unit, code)
    kept = kept.flatMap((unit) => (!culprits.has(unit) ? [unit] : unit.fallback ? [unit.fallback] : []))
  }
  // Every round drops or replaces at least one unit.
  for (let round = 0; round <= 2 * candidates.length; round++) {
    const fresh = checkUnits(workspace, [...fixed, ...kept], base, ask)
    if (fresh.found.size === 0) return { kept, dropped }
    const blamed = blameByPlace(fresh, kept)
    drop(blamed.size > 0 ? blamed : bisect(workspace, fixed, kept, base, fresh))
  }
  return { kept: [], dropped: new Map(candidates.map((unit) => [unit, 0])) }
}

type Fresh = {
  readonly found: ReadonlyMap<string, readonly CheckedDiagnostic[]>
  readonly renderings: ReadonlyMap<string, Rendering>
}

function checkUnits(
  workspace: Workspace,
  units: readonly ChangeUnit[],
  base: DiagnosticsByFile,
  ask: (texts: ReadonlyMap<string, string>) => DiagnosticsByFile,
): Fresh {
  const renderings = renderAll(workspace, units)
  const now = ask(textsOf(renderings))
  const isInUnit = (file: string, { start }: CheckedDiagnostic): boolean =>
    renderings.get(file)?.places.some((place) => place.start <= start && start < place.end) ?? false
  return { found: findNewDiagnostics(base, now, isInUnit), renderings }
}

/** Units whose new text holds a new diagnostic, or is held by one (a call around it). */
function blameByPlace({ found, renderings }: Fresh, kept: readonly ChangeUnit[]): Map<ChangeUnit, number> {
  const isKept = new Set(kept)
  const blamed = new Map<ChangeUnit, number>()
  for (const [file, own] of found) {
    const places = (renderings.get(file)?.places ?? []).filter(
      (place) => isKept.has(place.unit) && place.end > place.start,
    )
    for (const { start, end, code } of own) {
      const inside = places.filter((place) => place.start <= start && start < place.end)
      const around = places.filter((place) => start <= place.start && place.end <= end)
      const hit = inside.length > 0 ? inside : around.length === 1 ? around : []
      for (const { unit } of hit) blamed.set(unit, code)
    }
  }
  return blamed
}

/**
 * Halves the suspects until one unit is left whose removal removes the diagnostic. The file's own units are suspected
 * first.
 */
function bisect(
  workspace: Workspace,
  fixed: readonly ChangeUnit[],
  kept: readonly ChangeUnit[],
  base: DiagnosticsByFile,
  { found }: Fresh,
): Map<ChangeUnit, number> {
  const [file, [diagnostic]] = [...found][0] as [string, [CheckedDiagnostic]]
  const remains = (without: ReadonlySet<ChangeUnit>): boolean => {
    const units = [...fixed, ...kept.filter((unit) => !without.has(unit))]
    const fresh = checkUnits(workspace, units, base, (texts) => diagnose(workspace, texts, new Set([file])))
    return (fresh.found.get(file) ?? []).some((one) => keyOf(one) === keyOf(diagnostic))
  }
  const own = kept.filter((unit) => unit.file === file)
  let suspects = own.length > 0 && !remains(new Set(own)) ? own : kept
  while (suspects.length > 1) {
    const half = suspects.slice(0, Math.ceil(suspects.length / 2))
    if (!remains(new Set(half))) suspects = half
    else {
      const rest = suspects.slice(half.length)
      // Needed from both halves: drop the smaller part that is enough.
      if (remains(new Set(rest))) break
      suspects = rest
    }
  }
  return new Map(suspects.map((unit) => [unit, diagnostic.code]))
}
