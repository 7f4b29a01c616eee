/**
 * Writes a planned run, when the code base's own compiler and its own tests let it stay.
 */
import { posix } from 'node:path'
import { AdoptError } from '../adopt-error.ts'
import { toFileBytes } from '../engine/source-text.ts'
import { readCodeOwners, unowned } from '../owners/code-owners.ts'
import type { Scan, ScanResult } from '../scan/scan-result.ts'
import type { MigrateOptions, MigrateResult } from './migrate-options.ts'
import { planCompanions } from './next-baseline.ts'
import { findFresh, openOwnCompiler } from './own-compiler.ts'
import type { OwnCompiler, OwnDiagnostic } from './own-compiler.ts'
import { packageTarget } from './package-target.ts'
import type { RunPlan } from './round.ts'
import { testsOf } from './test-command.ts'
import type { RunTests } from './test-command.ts'
import { writeOnTrial } from './trial-write.ts'
import { runInterruptible } from '../uninterrupted.ts'
import { verifyRun } from './verify-run.ts'
import type { LeftOut, Verdict } from './verify-run.ts'
import type { Workspace } from './workspace.ts'
import type { PlannedWrite } from './write-all.ts'

/** What became of a run. */
export type Outcome = { readonly plan: RunPlan; readonly isWritten: boolean } & Pick<
  MigrateResult,
  'ownCompiler' | 'verification'
>

/** What a write works with. */
export type WriteContext = {
  readonly workspace: Workspace
  /** The tsconfig files of the code base, absolute. */
  readonly projects: readonly string[]
  readonly found: ScanResult
  readonly options: MigrateOptions
  readonly scan: Scan | undefined
  readonly attempt: (leftOut: LeftOut) => Promise<RunPlan>
}

/** @throws {AdoptError} `TESTS_RED`, and as `writeAllOrNothing`. */
export const writeRun = async (context: WriteContext, first: RunPlan): Promise<Outcome> => {
  const { projects, options } = context
  const { root, signal } = options.scan
  const compiler = openOwnCompiler(root, [...new Set(projects)])
  try {
    const judge = toJudge(
      compiler,
      (await runInterruptible(async (interrupted) => compiler?.run(eitherOf(interrupted, signal)))) ?? [],
    )
    if (options.verify !== undefined) return await writeVerified(context, first, options.verify, judge)
    const writes = await toWrites(context, first)
    const isWritten = await writeOnTrial(root, writes, (interrupted) => judge.accepts(interrupted))
    return { plan: first, isWritten, ...judge.said() }
  } finally {
    compiler?.close()
  }
}

/** Asks the code base's own compiler whether a write may stay: not when a complaint is new. */
type Judge = {
  readonly accepts: (signal: AbortSignal) => Promise<boolean>
  readonly said: () => Pick<Outcome, 'ownCompiler'>
}

function toJudge(compiler: OwnCompiler | undefined, before: readonly OwnDiagnostic[]): Judge {
  let said: Pick<Outcome, 'ownCompiler'> = {}
  return {
    said: () => said,
    accepts: async (signal) => {
      if (!compiler) return true
      const after = await compiler.run(signal)
      const fresh = findFresh(before, after)
      said = { ownCompiler: { versions: compiler.versions, before: before.length, after: after.length, fresh } }
      return fresh.length === 0
    },
  }
}

async function writeVerified(context: WriteContext, first: RunPlan, command: string, judge: Judge): Promise<Outcome> {
  const { options, attempt } = context
  const { root, signal } = options.scan
  const tests = countRuns(testsOf(command, root))
  const isGreenBefore = await runInterruptible((interrupted) => tests.run(eitherOf(interrupted, signal)))
  if (!isGreenBefore) {
    throw new AdoptError(
      'TESTS_RED',
      'The command of --verify fails before any edit. Repair the tests first: they have to tell what an edit ' +
        'breaks. No file was changed.',
    )
  }
  const isSettled = ({ unsettled, silenced }: RunPlan): boolean => unsettled.length + silenced.length === 0
  const tryToKeep = async (plan: RunPlan): Promise<Verdict> => {
    let verdict: Verdict = 'red'
    if (!isSettled(plan)) return verdict
    await writeOnTrial(root, await toWrites(context, plan), async (interrupted) => {
      if (!(await tests.run(interrupted))) return false
      verdict = (await judge.accepts(interrupted)) ? 'green' : 'refused'
      return verdict === 'green'
    })
    return verdict
  }
  const isGreen = async (plan: RunPlan): Promise<boolean> => {
    let hasPassed = false
    if (!isSettled(plan)) return hasPassed
    await writeOnTrial(root, toTexts(context.workspace, plan), async (interrupted) => {
      hasPassed = await tests.run(interrupted)
      return false
    })
    return hasPassed
  }
  const verification = { attempt, tryToKeep, isGreen, batchOf: batchOf(root, options) }
  const { plan, verdict, reverted } = await verifyRun(first, verification)
  return {
    plan,
    isWritten: verdict === 'green',
    ...judge.said(),
    verification: { command, testRuns: tests.runs(), tried: first.moved, reverted, isGreen: verdict !== 'red' },
  }
}

const eitherOf = (interrupted: AbortSignal, signal: AbortSignal | undefined): AbortSignal =>
  signal ? AbortSignal.any([interrupted, signal]) : interrupted

function countRuns(run: RunTests): { readonly run: RunTests; readonly runs: () => number } {
  let runs = 0
  return {
    runs: () => runs,
    run: (signal) => {
      runs += 1
      return run(signal)
    },
  }
}

/** @throws {AdoptError} `USAGE` when batches are owners and nobody owns anything. */
function batchOf(root: string, { batch = 'file' }: MigrateOptions): (file: string) => string {
  if (batch === 'file') return (file) => file
  if (batch === 'directory') return (file) => posix.dirname(file)
  const ownersOf = readCodeOwners(root)
  if (!ownersOf) throw new AdoptError('USAGE', `--batch owner needs a CODEOWNERS file in the repository of ${root}.`)
  return (file) => ownersOf(file).join(' ') || unowned
}

function toTexts(workspace: Workspace, { texts }: RunPlan): PlannedWrite[] {
  return [...texts].map(([file, text]) => {
    const source = workspace.source(file)
    return { file, hash: source.digest, bytes: toFileBytes(source, text) }
  })
}

/** The code, and what is rewritten beside it. */
async function toWrites({ workspace, found, options, scan }: WriteContext, plan: RunPlan): Promise<PlannedWrite[]> {
  const type = (options.target ?? packageTarget).type
  const beside =
    options.companions && scan
      ? await planCompanions(options.companions, { found, plan, type, scanOptions: options.scan, scan })
      : []
  return [...toTexts(workspace, plan), ...beside]
}
