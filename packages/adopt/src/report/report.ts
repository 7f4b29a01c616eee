/**
 * The report: one plain value that every format prints. Its JSON form has a version and a shipped schema.
 * Paths in it are relative to the root; the root itself stays out, it says where somebody works.
 */
import type { Finding } from '../finding.ts'
import type { DefinitionFact, DuplicateFact, FactoryFact, ScanResult, Trust } from '../scan/scan-result.ts'
import { reasonsToDoubt } from '../scan/skipped-files.ts'

/** Version of the JSON form. It rises when a field changes its meaning or goes. */
export const reportVersion = 1

/**
 * What a site means for this run: `new` fails it, `known` is in the baseline, `accepted` just went in by a written
 * reason,
 * `suppressed` has a comment with a reason, `open` was scanned without a baseline, `shown` is of a kind that never
 * fails,
 * `elsewhere` is new but outside the files asked for with --since.
 */
export type SiteStatus = 'new' | 'known' | 'accepted' | 'suppressed' | 'open' | 'shown' | 'elsewhere'

/** A finding with its status, and the written reason of a suppression or baseline entry. */
export type ReportSite = Finding & { readonly status: SiteStatus; readonly reason?: string }

/** "N of M moved, k left, f new". `total` counts the sites at the start, as the baseline recorded it. */
export type Headline = { readonly moved: number; readonly total: number; readonly left: number; readonly fresh: number }

/** Something wrong with the baseline or with a comment, beside the findings. It fails the run when `fails` says so. */
export type Remark = {
  readonly about: 'stale-baseline' | 'unexplained-growth' | 'unused-suppression' | 'suppression-without-reason'
  readonly file: string
  readonly line: number | undefined
  readonly message: string
  readonly fails: boolean
}

/** Calls of vouchForUser(): users without a verified proof. To be burnt down to zero after migrate. */
export type VouchedCalls = {
  /** Outside test files. */
  readonly total: number
  readonly inTests: number
  readonly byFile: readonly (readonly [file: string, calls: number])[]
}

/**
 * One step of the baseline in git history. `moved` have left it so far; of these `kept` stayed out and `reverted` came
 * back.
 */
export type BurnDownStep = {
  readonly atMs: number
  readonly left: number
  readonly moved: number
  readonly kept: number
  readonly reverted: number
}

export type Report = {
  readonly version: typeof reportVersion
  readonly tool: string
  readonly command: 'scan' | 'check'
  readonly compiler: string | undefined
  readonly questions: ScanResult['questions']
  readonly partial: boolean
  readonly reasons: readonly string[]
  readonly trust: Trust
  readonly headline: Headline
  readonly canonical: DefinitionFact | undefined
  readonly canonicalEvidence: string
  readonly duplicates: readonly DuplicateFact[]
  readonly factories: readonly FactoryFact[]
  readonly generatedDefinitions: number
  readonly sites: readonly ReportSite[]
  readonly remarks: readonly Remark[]
  readonly vouched: VouchedCalls
  readonly burnDown: readonly BurnDownStep[]
  /** Sentences that close a report: what changed in the baseline, what to do next. */
  readonly notes: readonly string[]
  readonly exitCode: 0 | 1 | 2
}

/** What a scan alone knows: every violation is open that no comment allows. */
export const toScanReport = (result: ScanResult, extra: ScanExtra): Report => {
  const sites = result.findings.map((finding): ReportSite => {
    const reason = extra.suppressed.get(finding)
    return {
      ...finding,
      ...(reason === undefined
        ? { status: extra.isViolation(finding) ? 'open' : 'shown' }
        : { status: 'suppressed', reason }),
    }
  })
  const left = sites.filter(({ status }) => status === 'open').length
  const moved = Math.max(
    0,
    extra.started === undefined ? extra.vouched.total + extra.vouched.inTests : extra.started - left,
  )
  return {
    ...toReportFacts(result),
    command: 'scan',
    tool: extra.tool,
    headline: { moved, total: moved + left, left, fresh: 0 },
    sites,
    remarks: [],
    vouched: extra.vouched,
    burnDown: extra.burnDown,
    notes: result.notes ?? [],
    exitCode: reasonsToDoubt(result).length > 0 ? 2 : left > 0 ? 1 : 0,
  }
}

/** What a scan report needs beside the scan. */
export type ScanExtra = {
  readonly tool: string
  /**
   * How many violations the baseline started with; without one, the sites that migrate moved are those with a vouched
   * user.
   */
  readonly started: number | undefined
  readonly isViolation: (finding: Finding) => boolean
  /** Findings that a comment allows, with its reason. */
  readonly suppressed: ReadonlyMap<Finding, string>
  readonly vouched: VouchedCalls
  readonly burnDown: readonly BurnDownStep[]
}

/** The facts that scan and check reports take over from the scan unchanged. */
export const toReportFacts = (result: ScanResult) =>
  ({
    version: reportVersion,
    compiler: result.compiler,
    questions: result.questions,
    partial: result.partial || result.skipped.length > 0,
    reasons: [...result.reasons, ...result.skipped.map(({ file, reason }) => `Skipped ${file}: ${reason}`)],
    trust: result.trust,
    canonical: result.canonical,
    canonicalEvidence: result.canonicalEvidence,
    duplicates: result.duplicates,
    factories: result.factories,
    generatedDefinitions: result.generated.length,
  }) as const
