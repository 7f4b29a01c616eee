/**
 * One pass over the marked files for what the scan does not look for: suppression comments and calls of
 * vouchForUser().
 */
import { loadEngine } from '../engine/load-engine.ts'
import type { VouchedCalls } from '../report/report.ts'
import { findSuppressions, type Suppression } from './suppression.ts'
import { countVouchedCalls, sumVouchedCalls, type CallReader } from './vouched-calls.ts'

/** @param marked texts of the files that hold a mark, as the scan read them */
export const readSources = async (
  marked: ReadonlyMap<string, string>,
  testFiles?: readonly string[],
): Promise<{ suppressions: readonly Suppression[]; vouched: VouchedCalls }> => {
  const reader = (await loadEngine('oxc-parser')) as CallReader
  const suppressions: Suppression[] = []
  const byFile: [string, number][] = []
  for (const [file, text] of marked) {
    suppressions.push(...findSuppressions(file, text, reader.parseSync))
    byFile.push([file, countVouchedCalls(file, text, reader)])
  }
  return { suppressions, vouched: sumVouchedCalls(byFile, testFiles) }
}
