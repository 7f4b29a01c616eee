/**
 * Which diagnostics are new: compared by file, code and first line, because edits move every offset.
 */
import type { CheckedDiagnostic } from '../engine/checker.ts'

export type DiagnosticsByFile = ReadonlyMap<string, readonly CheckedDiagnostic[]>

/** Identity of a diagnostic in its file. The lines behind the first name places, which move. */
export const keyOf = ({ code, text }: CheckedDiagnostic): string => `${code} ${text.split('\n')[0]}`

/**
 * @returns For each file the diagnostics of `after` beyond their number in `before`. Where several are alike, those
 * that `prefers`
 *   accepts count as the new ones.
 */
export const findNewDiagnostics = (
  before: DiagnosticsByFile,
  after: DiagnosticsByFile,
  prefers: (file: string, one: CheckedDiagnostic) => boolean = () => false,
): Map<string, CheckedDiagnostic[]> => {
  const found = new Map<string, CheckedDiagnostic[]>()
  for (const [file, own] of after) {
    const known = countKeys(before.get(file) ?? [])
    const ordered = [...own].sort((a, b) => Number(prefers(file, a)) - Number(prefers(file, b)))
    const fresh = ordered.filter((one) => {
      const left = known.get(keyOf(one)) ?? 0
      if (left > 0) known.set(keyOf(one), left - 1)
      return left === 0
    })
    if (fresh.length > 0) found.set(file, fresh)
  }
  return found
}

/** Number of diagnostics in all files. */
export const countDiagnostics = (all: DiagnosticsByFile): number =>
  [...all.values()].reduce((sum, own) => sum + own.length, 0)

function countKeys(own: readonly CheckedDiagnostic[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const one of own) counts.set(keyOf(one), (counts.get(keyOf(one)) ?? 0) + 1)
  return counts
}
