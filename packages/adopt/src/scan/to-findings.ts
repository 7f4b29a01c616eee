/**
 * Turns sites, duplicates and factories into findings: relative paths, lines, folded text, fingerprint.
 */
import type { Finding } from '../finding.ts'
import { foldText, toFingerprint } from '../fingerprint.ts'
import { heldByRule, type Site } from './site.ts'

/** Line and column of offsets in one text. */
export type Places = (offset: number) => { readonly line: number; readonly column: number }

/** @param relativePath path for people and fingerprints, forward slashes */
export const toFindings = (
  sites: readonly Site[],
  textOf: (file: string) => string,
  relativePath: (file: string) => string,
): Finding[] => {
  const places = new Map<string, Places>()
  const findings = sites.map((site): Finding => {
    if (!places.has(site.file)) places.set(site.file, placesIn(textOf(site.file)))
    const parts = {
      kind: site.kind,
      file: relativePath(site.file),
      type: site.type,
      enclosing: site.enclosing,
      text: foldText(textOf(site.file).slice(site.start, site.end)),
    }
    return {
      ...parts,
      ...places.get(site.file)!(site.start),
      start: site.start,
      end: site.end,
      fingerprint: toFingerprint(parts),
      heldBy: site.heldBy ?? heldByRule(site.kind),
      ...(site.details && { details: site.details }),
    }
  })
  return findings.sort((a, b) => (a.file === b.file ? a.start - b.start || a.end - b.end : a.file < b.file ? -1 : 1))
}

/** 1-based line and column, by binary search over the line starts. */
export const placesIn = (text: string): Places => {
  const starts = [0]
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  return (offset) => {
    let low = 0
    let high = starts.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (starts[middle]! <= offset) low = middle
      else high = middle - 1
    }
    return { line: low + 1, column: offset - starts[low]! + 1 }
  }
}
