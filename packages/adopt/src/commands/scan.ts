/**
 * `scan`: finds definitions, factories and constructions, and prints them. Nothing is written but the report.
 */
import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { readBaseline } from '../check/baseline.ts'
import { readBurnDown } from '../check/git-history.ts'
import { readSources } from '../check/read-sources.ts'
import { applySuppressions } from '../check/suppression.ts'
import { assertGuessFits } from '../init/assert-guess-fits.ts'
import { readToolName, type Command, type Invocation } from '../invocation.ts'
import { isViolationKind } from '../kind-guide.ts'
import { readCodeOwners } from '../owners/code-owners.ts'
import { groupByOwner, toIssue, toIssueNames, toOwnerLines, toUntestedLine } from '../owners/owner-issues.ts'
import { toPrintable } from '../report/paint.ts'
import { printReport } from '../report/print-report.ts'
import { toScanReport, type Report } from '../report/report.ts'
import { writeWhole } from '../report/write-whole.ts'
import { scan } from '../scan/scan.ts'

/** Runs `scan` and gives its exit code: 1 when a violation is open, 2 when the analysis is partial. */
export const runScan: Command = async (invocation) => {
  // The baseline counts the types of the configuration: of another type it knows nothing, nor whose calls vouch for it.
  const started = invocation.options.type === undefined ? readBaseline(invocation.baselineFile)?.started : 0
  const result = await scan(invocation.scanOptions)
  await assertGuessFits(result, invocation)
  const { suppressions, vouched } = await readSources(result.marked, invocation.config.migrate?.testFiles)
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
  reportOwners(report, new Set(result.untested), invocation)
  return report.exitCode
}

/** Which owner has what to do, in the terminal and as files. Machine formats stay one value. */
const reportOwners = (report: Report, untested: ReadonlySet<string>, invocation: Invocation): void => {
  const { root, options, stdout, stderr, workingDirectory } = invocation
  const ownersOf = readCodeOwners(root)
  const groups = groupByOwner(report, ownersOf, untested)
  const isTerminal = (options.format ?? 'terminal') === 'terminal' && options.output === undefined
  const lines = ownersOf ? toOwnerLines(groups) : toUntestedLine(groups)
  if (isTerminal && groups.length > 0) stdout.write(lines.map((line) => `${toPrintable(line)}\n`).join(''))
  if (options.issues === undefined) return
  const directory = resolve(workingDirectory, options.issues)
  mkdirSync(directory, { recursive: true })
  const names = toIssueNames(groups.map(({ owner }) => owner))
  for (const group of groups) writeWhole(join(directory, names.get(group.owner)!), toIssue(group, untested))
  stderr.write(`${groups.length} ${groups.length === 1 ? 'issue' : 'issues'} in ${directory}\n`)
}
