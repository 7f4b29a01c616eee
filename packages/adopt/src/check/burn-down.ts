/**
 * What became of the accepted violations over the history of the baseline: those that left, and those that came back.
 */
import type { BurnDownStep } from '../report/report.ts'

/** The baseline as it was at one time. */
export type BaselineText = { readonly atMs: number; readonly text: string }

/** @param history oldest first */
export const toBurnDown = (history: readonly BaselineText[]): readonly BurnDownStep[] => {
  const moved = new Map<string, number>()
  let before = new Map<string, number>()
  let reverted = 0
  let gone = 0
  return history.map(({ atMs, text }) => {
    const now = countEntries(text)
    const left = keysBeyond(before, now)
    const came = keysBeyond(now, before)
    // Code that went to another file, or into another function, is the same violation.
    takeMatches(left, came)
    for (const key of left) gone += add(moved, key, 1)
    for (const key of came) {
      if ((moved.get(key) ?? 0) === 0) continue
      add(moved, key, -1)
      reverted += 1
    }
    before = now
    const total = [...now.values()].reduce((sum, count) => sum + count, 0)
    return { atMs, left: total, moved: gone, kept: gone - reverted, reverted }
  })
}

const add = (counts: Map<string, number>, key: string, by: number): 1 => {
  counts.set(key, (counts.get(key) ?? 0) + by)
  return 1
}

/** Lines, not JSON: an old version of the file still counts. The reason of an entry is no part of what it accepts. */
const countEntries = (text: string): Map<string, number> => {
  const counts = new Map<string, number>()
  for (const [line] of text.matchAll(/^\{"file": .*$/gm)) add(counts, line.replace(/,? "reason": .*$|\},?$/, ''), 1)
  return counts
}

/** What `one` has more of than `other`, each as often as that. */
const keysBeyond = (one: ReadonlyMap<string, number>, other: ReadonlyMap<string, number>): string[] =>
  [...one].flatMap(([key, count]) => Array.from({ length: Math.max(0, count - (other.get(key) ?? 0)) }, () => key))

/** Those that left one place and came to another at once. Both lists lose them. */
const takeMatches = (left: string[], came: string[]): void => {
  for (const key of [...left]) {
    const at = came.findIndex((other) => contentOf(other) === contentOf(key))
    if (at === -1) continue
    came.splice(at, 1)
    left.splice(left.indexOf(key), 1)
  }
}

/** Kind, type and digest of the code, the place left out. */
const contentOf = (line: string): string =>
  ['kind', 'type', 'text'].map((name) => new RegExp(`"${name}": "([^"]*)"`).exec(line)?.[1]).join(' ')
