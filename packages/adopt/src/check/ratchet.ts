/**
 * The ratchet: what a run of `check` decides, as a pure function of findings, baseline and circumstances.
 * It writes nothing; the command does.
 */
import type { Finding } from '../finding.ts'
import { isViolationKind } from '../kind-guide.ts'
import type { BaselineEntry } from './baseline.ts'
import { findGrowth, matchBaseline, toEntry, type KnownFinding } from './match-baseline.ts'

/** What the ratchet is given. */
export type RatchetInput = {
  /** Findings of the whole analysis; suppressed ones are already taken out. */
  readonly findings: readonly Finding[]
  /** `undefined` when there is no baseline file. */
  readonly baseline: readonly BaselineEntry[] | undefined
  /** In CI nothing is written, and a stale baseline fails. */
  readonly isCi: boolean
  /** A partial analysis has not seen every site: what is missing from it is not fixed. */
  readonly isPartial: boolean
  /** Written reason to accept what is new. Without one the baseline cannot grow. */
  readonly acceptReason?: string | undefined
  /** The baseline at the compared revision; entries added since then need a reason of their own. */
  readonly olderBaseline?: readonly BaselineEntry[] | undefined
  /** Limits what is reported as new; `undefined` reports everything. */
  readonly isReported?: ((file: string) => boolean) | undefined
}

/** What the ratchet decided. */
export type RatchetVerdict = {
  /** New violations to report: these fail the run. */
  readonly fresh: readonly Finding[]
  /** New violations outside the reported files: counted, not listed. */
  readonly freshElsewhere: number
  /** New violations accepted into the baseline by a written reason. */
  readonly accepted: readonly Finding[]
  readonly known: readonly KnownFinding[]
  /** Entries whose violation is gone. */
  readonly gone: readonly BaselineEntry[]
  /** Entries added by hand since the compared revision, without a reason: these fail the run. */
  readonly unexplained: readonly BaselineEntry[]
  /** True when entries are gone and this run may not remove them (CI). */
  readonly isStale: boolean
  /** The baseline is there and nothing is left in it. */
  readonly isEmpty: boolean
  /** New violations were to be accepted, and a partial analysis may not say which there are. */
  readonly isRefused: boolean
  /** Entries to write, or `undefined` when the file stays as it is. */
  readonly write: readonly BaselineEntry[] | undefined
  readonly exitCode: 0 | 1 | 2
}

/**
 * Decides. A partial analysis is exit 2 when it finds nothing new or was to accept it, and never loosens or tightens
 * the file.
 */
export const turnRatchet = (input: RatchetInput): RatchetVerdict => {
  const violations = input.findings.filter((finding) => isViolationKind(finding.kind))
  const match = matchBaseline(violations, input.baseline ?? [])
  const canWrite = !input.isCi && !input.isPartial
  const isAccepting = canWrite && input.acceptReason !== undefined
  // What was asked for is not done: that is no finding, and no later step may take it for one.
  const isRefused = input.acceptReason !== undefined && input.isPartial
  const unaccepted = isAccepting ? [] : match.fresh
  // Half-way through moving code a site is gone here and new there: the file keeps its entry until the run is clean.
  const mayWrite = canWrite && unaccepted.length === 0
  const fresh = unaccepted.filter(({ file }) => input.isReported?.(file) ?? true)
  const isStale = input.isCi && !input.isPartial && match.gone.length > 0
  const unexplained = input.olderBaseline
    ? findGrowth(input.baseline ?? [], input.olderBaseline).filter(({ reason }) => reason === undefined)
    : []
  const kept = match.known.map(({ entry }) => entry)
  const added = isAccepting ? match.fresh.map((finding) => toEntry(finding, input.acceptReason)) : []
  return {
    fresh,
    freshElsewhere: unaccepted.length - fresh.length,
    accepted: isAccepting ? match.fresh : [],
    known: match.known,
    gone: input.isPartial ? [] : match.gone,
    unexplained,
    isStale,
    isEmpty: input.baseline !== undefined && !input.isPartial && kept.length + added.length + unaccepted.length === 0,
    write:
      mayWrite && (input.baseline !== undefined || isAccepting) && hasChanged(match, added)
        ? [...kept, ...added]
        : undefined,
    isRefused,
    exitCode: isRefused ? 2 : fresh.length > 0 || isStale || unexplained.length > 0 ? 1 : input.isPartial ? 2 : 0,
  }
}

const hasChanged = (match: ReturnType<typeof matchBaseline>, added: readonly BaselineEntry[]): boolean =>
  added.length > 0 || match.gone.length > 0 || match.known.some(({ tier, hasGained }) => tier !== 'exact' || hasGained)
