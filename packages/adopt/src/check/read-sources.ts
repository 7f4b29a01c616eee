/**
 * One pass over the analysed files for what the scan does not look for: suppression comments and calls of
 * vouchForUser().
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { loadEngine } from '../engine/load-engine.ts'
import type { VouchedCalls } from '../report/report.ts'
import { findSuppressions, type Suppression } from './suppression.ts'
import { countVouchedCalls, sumVouchedCalls, type CallReader } from './vouched-calls.ts'

/**
 * Reads the files, or takes the texts that stand for them; a file that is gone since the scan counts as empty. Few
 * files are parsed: those that hold a mark.
 */
export const readSources = async (
  root: string,
  files: readonly string[],
  texts: ReadonlyMap<string, string> = new Map(),
  testFiles?: readonly string[],
): Promise<{ suppressions: readonly Suppression[]; vouched: VouchedCalls }> => {
  const reader = (await loadEngine('oxc-parser')) as CallReader
  const suppressions: Suppression[] = []
  const byFile: [string, number][] = []
  for (const file of files) {
    const text = texts.get(file) ?? readText(join(root, file))
    suppressions.push(...findSuppressions(file, text, reader.parseSync))
    byFile.push([file, countVouchedCalls(file, text, reader)])
  }
  return { suppressions, vouched: sumVouchedCalls(byFile, testFiles) }
}

const readText = (path: string): string => {
  try {
    return readFileSync(path, 'utf8').replace(/^\uFEFF/, '')
  } catch {
    return ''
  }
}
