/**
 * `scan`: finds definitions, factories and constructions, and prints them. Nothing is written but the report.
 */
import { readBaseline } from '../check/baseline.ts'
import { readBurnDown } from '../check/git-history.ts'
import { readSources } from '../check/read-sources.ts'
import { applySuppressions } from '../check/suppression.ts'
import { readToolName, type Command } from '../invocation.ts'
import { isViolationKind } from '../kind-guide.ts'
import { printReport } from '../report/print-report.ts'
import { toScanReport } from '../report/report.ts'
import { scan } from '../scan/scan.ts'

/** Runs `scan` and gives its exit code: 1 when a violation is open, 2 when the analysis is partial. */
export const runScan: Command = async (invocation) => {
  const started = readBaseline(invocation.baselineFile)?.started
  const result = await scan(invocation.scanOptions)
  const { suppressions, vouched } = await readSources(
    invocation.root,
    Object.keys(result.digests),
    undefined,
    invocation.config.migrate?.testFiles,
  )
  const { suppressed } = applySuppressions(result.findings, suppressions)
  const report = toScanReport(result, {
    tool: readToolName(),
    started,
    isViolation: ({ kind }) => isViolationKind(kind),
    suppressed: new Map(suppressed.map(({ finding, reason }) => [finding, reason])),
    vouched,
    burnDown: readBurnDown(invocation.baselineFile),
  })
  await printReport(report, invocation)
  return report.exitCode
}
