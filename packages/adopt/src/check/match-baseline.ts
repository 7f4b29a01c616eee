/**
 * Matches the findings of today with the entries of a baseline, from the exact to the moved and edited.
 * Each entry accepts one finding: two copies of a violation need two entries, so a swap is seen.
 */
import type { Finding } from '../finding.ts'
import { textDigest } from '../fingerprint.ts'
import type { BaselineEntry } from './baseline.ts'
import { userDigest } from './user-value.ts'

/** How a finding was recognised. `exact` first; each later tier leaves one part out. */
export type MatchTier = (typeof tiers)[number]['name']

/** A finding that the baseline accepts, with the entry as it should now be written. */
export type KnownFinding = {
  readonly finding: Finding
  readonly entry: BaselineEntry
  readonly tier: MatchTier
  /** The entry is of a version that kept no user, and has one now: from here on an edit can be followed. */
  readonly hasGained: boolean
}

/** Every finding is known or fresh; every entry is matched or gone. */
export type BaselineMatch = {
  readonly known: readonly KnownFinding[]
  readonly fresh: readonly Finding[]
  readonly gone: readonly BaselineEntry[]
}

/** Turns a finding into the entry that would accept it. */
export const toEntry = (finding: Finding, reason?: string): BaselineEntry => {
  const user = finding.kind.startsWith('literal') ? userDigest(finding.text) : undefined
  return {
    file: finding.file,
    kind: finding.kind,
    type: finding.type,
    enclosing: finding.enclosing,
    text: textDigest(finding.text),
    ...(user && { user }),
    ...(reason && { reason }),
  }
}

/**
 * Matches tier by tier: exact pairs leave first, so that a moved copy never takes the entry of an unmoved one.
 * Linear in findings and entries.
 */
export const matchBaseline = (findings: readonly Finding[], entries: readonly BaselineEntry[]): BaselineMatch => {
  const { pairs, open, left } = matchEntries(
    findings.map((finding) => ({ finding, entry: toEntry(finding) })),
    entries,
  )
  const known = pairs.map(({ item, tier, accepted }) => ({
    finding: item.finding,
    tier,
    hasGained: accepted.user === undefined && item.entry.user !== undefined,
    entry: withReason(item.entry, accepted.reason),
  }))
  return { known, fresh: open.map(({ finding }) => finding), gone: left }
}

/** Entries of the newer baseline that the older one does not account for, by the same tiers. */
export const findGrowth = (
  newer: readonly BaselineEntry[],
  older: readonly BaselineEntry[],
): readonly BaselineEntry[] =>
  matchEntries(
    newer.map((entry) => ({ entry })),
    older,
  ).open.map(({ entry }) => entry)

type Pair<Item> = { readonly item: Item; readonly tier: MatchTier; readonly accepted: BaselineEntry }

const matchEntries = <Item extends { readonly entry: BaselineEntry }>(
  items: readonly Item[],
  entries: readonly BaselineEntry[],
) => {
  const pairs: Pair<Item>[] = []
  let open = items
  let left = entries
  for (const { name, keyOf, canUse } of tiers) {
    const waiting = groupBy(left, keyOf)
    const unmatched: Item[] = []
    for (const item of open) {
      const accepted = canUse(item.entry) ? waiting.get(keyOf(item.entry))?.pop() : undefined
      if (accepted === undefined) unmatched.push(item)
      else pairs.push({ item, tier: name, accepted })
    }
    open = unmatched
    left = [...waiting.values()].flat()
  }
  return { pairs, open, left }
}

const keyed =
  (...parts: readonly (keyof BaselineEntry)[]) =>
  (entry: BaselineEntry): string =>
    JSON.stringify(parts.map((part) => entry[part]))

const always = (): boolean => true

// Kind and type are part of every tier: a literal that became a cast is another violation. At module level there is no
// enclosing symbol; a tier without text would then be a count per file, which hides a swap.
const tiers = [
  { name: 'exact', keyOf: keyed('kind', 'type', 'file', 'enclosing', 'text'), canUse: always },
  { name: 'other file', keyOf: keyed('kind', 'type', 'enclosing', 'text'), canUse: always },
  { name: 'other enclosing symbol', keyOf: keyed('kind', 'type', 'file', 'text'), canUse: always },
  {
    name: 'other text',
    keyOf: keyed('kind', 'type', 'file', 'enclosing', 'user'),
    // A literal of the same user is edited and stays the same violation; one of another user, and another cast, `new`
    // or `any` in the same function, is a swap.
    canUse: ({ enclosing, user }: BaselineEntry) => enclosing !== '' && user !== undefined,
  },
] as const

const groupBy = <Value>(values: readonly Value[], keyOf: (value: Value) => string): Map<string, Value[]> => {
  const groups = new Map<string, Value[]>()
  for (const value of values) {
    const group = groups.get(keyOf(value))
    if (group) group.push(value)
    else groups.set(keyOf(value), [value])
  }
  return groups
}

const withReason = (entry: BaselineEntry, reason: string | undefined): BaselineEntry =>
  reason === undefined ? entry : { ...entry, reason }
