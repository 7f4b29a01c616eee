/**
 * Turns what the ratchet decided into a report: a status for every site, remarks on the baseline, and what to do next.
 */
import type { Finding } from '../finding.ts'
import { isViolationKind } from '../kind-guide.ts'
import {
  toReportFacts,
  type BurnDownStep,
  type Remark,
  type Report,
  type ReportSite,
  type VouchedCalls,
} from '../report/report.ts'
import { count } from '../report/report-words.ts'
import type { ScanResult } from '../scan/scan-result.ts'
import type { Baseline } from './baseline.ts'
import type { RatchetVerdict } from './ratchet.ts'
import type { Suppressed } from './suppression.ts'

/** Everything that one run of `check` knows. */
export type CheckFacts = {
  readonly result: ScanResult
  readonly verdict: RatchetVerdict
  readonly suppressed: Suppressed
  readonly vouched: VouchedCalls
  /** As it now stands on the disk. */
  readonly baseline: Baseline | undefined
  readonly wroteBaseline: boolean
  readonly baselineName: string
  readonly burnDown: readonly BurnDownStep[]
  readonly tool: string
  /** False when sites may be missing: an unused comment is then no news. */
  readonly isWhole: boolean
}

/** The report of one run. A remark that fails makes a clean run exit 1. */
export const toCheckReport = (facts: CheckFacts): Report => {
  const { result, verdict, suppressed, baseline } = facts
  const remarks = [
    ...baselineRemarks(facts),
    ...suppressed.remarks.filter(({ about }) => facts.isWhole || about !== 'unused-suppression'),
  ]
  const known = verdict.known.length + verdict.accepted.length
  const fresh = verdict.fresh.length + verdict.freshElsewhere
  const moved = Math.max(0, (baseline?.started ?? known + facts.vouched.total + facts.vouched.inTests) - known)
  return {
    ...toReportFacts(result),
    command: 'check',
    tool: facts.tool,
    headline: { moved, total: moved + known + fresh, left: known + fresh, fresh },
    sites: toSites(facts),
    remarks,
    vouched: facts.vouched,
    burnDown: facts.burnDown,
    notes: toNotes(facts),
    exitCode: remarks.some(({ fails }) => fails) && !verdict.isRefused ? 1 : verdict.exitCode,
  }
}

const toSites = ({ result, verdict, suppressed }: CheckFacts): readonly ReportSite[] => {
  const marks = new Map<Finding, Pick<ReportSite, 'status' | 'reason'>>()
  for (const { finding, entry } of verdict.known)
    marks.set(finding, { status: 'known', ...(entry.reason === undefined ? {} : { reason: entry.reason }) })
  for (const finding of verdict.accepted) marks.set(finding, { status: 'accepted' })
  for (const finding of verdict.fresh) marks.set(finding, { status: 'new' })
  for (const { finding, reason } of suppressed.suppressed) marks.set(finding, { status: 'suppressed', reason })
  return result.findings.map((finding) => ({
    ...finding,
    ...(marks.get(finding) ?? { status: isViolationKind(finding.kind) ? 'elsewhere' : 'shown' }),
  }))
}

const baselineRemarks = ({ verdict, baselineName }: CheckFacts): readonly Remark[] => {
  const stale: Remark[] = verdict.isStale
    ? [
        {
          about: 'stale-baseline',
          file: baselineName,
          line: undefined,
          message:
            `${count(verdict.gone.length)} of its violations are fixed. Run check on your machine and commit the ` +
            'tighter file, so that they cannot come back.',
          fails: true,
        },
      ]
    : []
  const grown = verdict.unexplained.map(({ file, kind, enclosing }): Remark => ({
    about: 'unexplained-growth',
    file: baselineName,
    line: undefined,
    message:
      `An entry was added without a reason: ${kind} in ${enclosing === '' ? file : `${enclosing} of ${file}`}. Use ` +
      'check --accept "why".',
    fails: true,
  }))
  return [...stale, ...grown]
}

const toNotes = (facts: CheckFacts): readonly string[] => {
  const { verdict, baseline, wroteBaseline, baselineName, result, isWhole } = facts
  const notes: string[] = [...(result.notes ?? [])]
  if (verdict.isRefused)
    notes.push(
      `${baselineName} was not written: what was left out may hold sites. Repair what is named above as skipped or ` +
        'not read, or name it under "exclude" in the configuration, and run again.',
    )
  if (verdict.freshElsewhere > 0)
    notes.push(
      `${count(verdict.freshElsewhere)} more are new outside the files changed since the revision: run check ` +
        'without --since.',
    )
  if (wroteBaseline && verdict.accepted.length > 0)
    notes.push(
      `${baselineName} accepts ${count(verdict.accepted.length)} ` +
        `${baseline?.started === verdict.accepted.length ? 'violations' : 'more violations'}. Commit it.`,
    )
  if (wroteBaseline && verdict.gone.length > 0)
    notes.push(`${count(verdict.gone.length)} are fixed: ${baselineName} is tighter now. Commit it.`)
  if (wroteBaseline && verdict.accepted.length === 0 && verdict.gone.length === 0)
    notes.push(`${baselineName} follows code that moved. Commit it.`)
  if (verdict.isEmpty) {
    notes.push(
      `${baselineName} is empty. Delete it: tsc holds the rest. Keep check in CI: it still holds casts and any, ` +
        'which no compiler option reports.',
    )
  }
  if (baseline === undefined && verdict.fresh.length > 0 && isWhole)
    notes.push('There is no baseline. To hold the line from here: check --start-baseline.')
  return notes
}
