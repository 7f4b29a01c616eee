/**
 * Diagnostics of one set of texts after another: only what an edit can affect is asked again.
 */
import type { CheckedDiagnostic } from '../engine/checker.ts'
import type { DiagnosticsByFile } from './diagnostic-difference.ts'
import { diagnose } from './workspace.ts'
import type { Workspace } from './workspace.ts'

/**
 * @param texts - Laid over the tree when `found` was said.
 * @returns Diagnostics of all files with other texts, in the order in which a whole run says them.
 */
export const newDiagnoser = (
  workspace: Workspace,
  texts: ReadonlyMap<string, string>,
  found: DiagnosticsByFile,
): ((texts: ReadonlyMap<string, string>) => DiagnosticsByFile) => {
  let known = { texts, found }
  const order = new Map([...new Set(workspace.files)].map((file, index) => [file, index]))
  return (now) => {
    const changed = new Set(
      [...known.texts.keys(), ...now.keys()].filter(
        (file) => textOf(workspace, known.texts, file) !== textOf(workspace, now, file),
      ),
    )
    const affected = workspace.affectedBy(changed, now)
    const fresh = diagnose(workspace, now, affected)
    const kept = affected ? [...known.found].filter(([file]) => !affected.has(file)) : []
    const entries: (readonly [string, readonly CheckedDiagnostic[]])[] = [...kept, ...fresh]
    const inOrder = entries.sort(([a], [b]) => (order.get(a) ?? 0) - (order.get(b) ?? 0))
    known = { texts: now, found: new Map(inOrder) }
    return known.found
  }
}

const textOf = (workspace: Workspace, texts: ReadonlyMap<string, string>, file: string): string =>
  texts.get(file) ?? workspace.source(file).text
