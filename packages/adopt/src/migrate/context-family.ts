/**
 * Which symbols are the context: the old definitions, and the target's type wherever it is declared.
 */
import type { CheckedSymbol } from '../engine/checker.ts'
import type { DefinitionFact, ScanResult } from '../scan/scan-result.ts'
import type { MigrateTarget } from './migrate-options.ts'
import type { IsContext } from './value-types.ts'
import type { Workspace } from './workspace.ts'

/** Symbols of the old definitions, and of the target's type wherever it is declared. */
export const toContextGuard = (workspace: Workspace, scan: ScanResult, target: MigrateTarget): IsContext => {
  const family: DefinitionFact[] = [
    ...(scan.canonical ? [scan.canonical] : []),
    ...scan.duplicates
      .filter((one) => one.kind !== 'definition-collision' && one.kind !== 'definition-suspect')
      .map((one) => one.definition),
  ]
  const places = new Set(family.map((one) => `${one.file}:${one.end}`))
  return (symbol: CheckedSymbol) =>
    symbol.declarations.some((one) => {
      const file = workspace.relativeOf(one.file)
      return (
        places.has(`${file}:${one.end}`) ||
        (symbol.name === target.type.name && (file.startsWith('..') || file.includes('node_modules/')))
      )
    })
}
