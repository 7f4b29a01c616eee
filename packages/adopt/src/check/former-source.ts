/**
 * The definition that was the single source when the baseline was started. Once the package of the target is installed,
 * that one is the source, and the definition of before is a copy of it: nothing new, though no run could accept it
 * then.
 */
import type { Finding } from '../finding.ts'
import type { ScanResult } from '../scan/scan-result.ts'
import type { Baseline, BaselineEntry } from './baseline.ts'
import { toEntry } from './match-baseline.ts'

/** `path#NAME` of the source; undefined where it stands in a package. */
export const toSource = ({ canonical }: Pick<ScanResult, 'canonical'>): string | undefined =>
  canonical && !/(^|\/)node_modules\/|^\.\.\//.test(canonical.file) ? `${canonical.file}#${canonical.name}` : undefined

/** The source that a baseline names, while there is such a definition: one that comes back later is new. */
export const keptSource = (
  source: string | undefined,
  result: Pick<ScanResult, 'canonical' | 'findings'>,
): string | undefined =>
  toSource(result) === source || result.findings.some((one) => isDefinitionOf(source, one)) ? source : undefined

/** The entries of a baseline, with one for that definition where it is a violation now and has none yet. */
export const withFormerSource = (
  { source, entries }: Baseline,
  findings: readonly Finding[],
): readonly BaselineEntry[] => {
  const isSource = (one: BaselineEntry | Finding): boolean => isDefinitionOf(source, one)
  const former = entries.some(isSource) ? undefined : findings.find(isSource)
  return former ? [...entries, toEntry(former)] : entries
}

const isDefinitionOf = (source: string | undefined, { kind, file, type }: BaselineEntry | Finding): boolean =>
  kind.startsWith('definition') && `${file}#${type}` === source
