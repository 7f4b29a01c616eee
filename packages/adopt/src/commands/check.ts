/**
 * `check`: the ratchet. Scans, takes out what comments allow, compares with the baseline, and writes it when it got
 * tighter.
 */
import { existsSync, realpathSync } from 'node:fs'
import { dirname, relative } from 'node:path'
import { AdoptError } from '../adopt-error.ts'
import { parseBaseline, printBaseline, readBaseline, type Baseline } from '../check/baseline.ts'
import { toCheckReport } from '../check/check-report.ts'
import { assertAllLookedFor } from '../check/hidden-violations.ts'
import { keptSource, toSource, withFormerSource } from '../check/former-source.ts'
import { readChangesSince, readAtCommit, readBurnDown, type Since } from '../check/git-history.ts'
import { readSources } from '../check/read-sources.ts'
import { turnRatchet } from '../check/ratchet.ts'
import { applySuppressions } from '../check/suppression.ts'
import { assertGuessFits } from '../init/assert-guess-fits.ts'
import { readToolName, type Command, type Invocation } from '../invocation.ts'
import { printReport } from '../report/print-report.ts'
import { writeWhole } from '../report/write-whole.ts'
import { scan } from '../scan/scan.ts'
import { reasonsToDoubt } from '../scan/skipped-files.ts'

/** Runs `check` and gives its exit code. */
export const runCheck: Command = async (invocation) => {
  const { root, options, baselineFile, isCi } = invocation
  // Everything that can be refused is refused before the long part.
  assertOptions(invocation)
  const baseline = readBaseline(baselineFile)
  const since = options.since === undefined ? undefined : readChangesSince(root, options.since)
  const result = await scan(invocation.scanOptions)
  await assertGuessFits(result, invocation)
  const { suppressions, vouched } = await readSources(result.marked, invocation.config.migrate?.testFiles)
  const suppressed = applySuppressions(result.findings, suppressions)
  // A skipped file that may hold sites could hide one that is new.
  const isPartial = reasonsToDoubt(result).length > 0
  const older = since && readOlder(baselineFile, since)
  const accepted = (one: Baseline) => withFormerSource({ source: baseline?.source, ...one }, suppressed.open)
  const verdict = turnRatchet({
    findings: suppressed.open,
    baseline: options['start-baseline'] ? [] : baseline && accepted(baseline),
    isCi,
    isPartial,
    acceptReason: options['start-baseline'] ? '' : options.accept,
    olderBaseline: older && accepted(older),
    isReported: since?.isChanged,
  })
  const includesGenerated = invocation.scanOptions.includeGenerated === true
  assertAllLookedFor({ root, options, includesGenerated }, verdict.gone)
  const source = baseline ? keptSource(baseline.source, result) : toSource(result)
  const next = toNext(baseline, verdict, vouched.total + vouched.inTests, source)
  if (next !== undefined) writeWhole(baselineFile, printBaseline(next))
  const report = toCheckReport({
    result,
    verdict,
    suppressed,
    vouched,
    baseline: next ?? baseline,
    wroteBaseline: next !== undefined,
    baselineName: relative(root, baselineFile),
    burnDown: readBurnDown(baselineFile),
    tool: readToolName(),
    isWhole: !isPartial && result.questions === 'all',
  })
  await printReport(report, invocation)
  return report.exitCode
}

const assertOptions = ({ options, isCi, root, baselineFile }: Invocation): void => {
  const refuse = (message: string): never => {
    throw new AdoptError('USAGE', message)
  }
  if (options.fast)
    refuse('check asks every question: sites that --fast does not look for would count as fixed. Leave --fast out.')
  if (options.accept !== undefined && options.accept.trim() === '')
    refuse('--accept needs a written reason: it is kept beside every new entry.')
  if (isCi && (options.accept !== undefined || options['start-baseline']))
    refuse('The baseline is not written in CI. Run this on your machine and commit the file.')
  if (options['start-baseline'] && options.accept !== undefined)
    refuse('A first baseline needs no reason. Leave --accept out.')
  if (options['start-baseline'] && existsSync(baselineFile))
    refuse(`${baselineFile} is there already. To let it grow, use --accept with the reason.`)
  if (existsSync(dirname(baselineFile)) && relative(root, realpathSync(dirname(baselineFile))).startsWith('..')) {
    refuse(
      'check compares the whole tree of its configuration: everything outside a part would count as fixed. Leave ' +
        'the directory out.',
    )
  }
}

// A baseline that is not there yet at the older revision starts with this change: nothing to compare with.
const readOlder = (file: string, { ancestor }: Since): Baseline | undefined => {
  const text = readAtCommit(file, ancestor)
  return text === undefined ? undefined : parseBaseline(text, `${file} at the older revision`)
}

// A first baseline counts what migrate moved before it: each of those sites vouches for its user.
const toNext = (
  baseline: Baseline | undefined,
  verdict: ReturnType<typeof turnRatchet>,
  vouched: number,
  source: string | undefined,
): Baseline | undefined =>
  verdict.write && {
    started: (baseline?.started ?? vouched) + verdict.accepted.length,
    entries: verdict.write,
    source,
  }
