/**
 * migrate: scan, plan, prove, and write all files or none.
 */
import { setImmediate } from 'node:timers/promises'
import { loadEngine } from '../engine/load-engine.ts'
import { newModuleResolver } from '../engine/module-resolver.ts'
import { openChecker } from '../engine/open-checker.ts'
import { readSourceTree } from '../engine/source-tree.ts'
import type { Scan, ScanResult } from '../scan/scan-result.ts'
import { reasonsToDoubt } from '../scan/skipped-files.ts'
import { findNewDiagnostics } from './diagnostic-difference.ts'
import { assertCleanTree } from './git-tree.ts'
import type { MigrateOptions, MigrateResult } from './migrate-options.ts'
import { findOpenDecisions } from './open-decisions.ts'
import { formatLikeBefore } from './own-formatter.ts'
import { planRun } from './plan-run.ts'
import type { RunPlan } from './round.ts'
import { planLaterStep } from './readers/plan-later-step.ts'
import { toUnifiedDiff } from './unified-diff.ts'
import type { LeftOut } from './verify-run.ts'
import { diagnose, openWorkspace } from './workspace.ts'
import type { Workspace } from './workspace.ts'
import { writeRun } from './write-run.ts'
import type { Outcome } from './write-run.ts'

/**
 * Moves constructions to the target's factory. A dry run unless `write` is given.
 *
 * @throws {AdoptError} `TREE_DIRTY` before a write without `force`, `TESTS_RED` when the tests of `verify` fail before
 * any edit, `FILE_CHANGED` or `TREE_UNWRITABLE` when the run could not be written as a whole (nothing was, then), and
 * everything that a scan throws.
 */
export const migrate = async (options: MigrateOptions, scan: Scan): Promise<MigrateResult> => {
  const { root } = options.scan
  if (options.write && !options.force) assertCleanTree(root)
  const found = await scan(options.scan)
  return applyScan(found, options, scan)
}

/** The same for a scan at hand. */
export const applyScan = async (found: ScanResult, options: MigrateOptions, scan?: Scan): Promise<MigrateResult> => {
  const { root, configFiles, engine } = options.scan
  const tree = readSourceTree(root, options.scan)
  const checker = await openChecker({ root, ...(configFiles && { configFiles }), ...(engine && { engine }) }, tree)
  const resolver = newModuleResolver((await loadEngine('oxc-resolver')) as typeof import('oxc-resolver'), tree)
  let isOpen = true
  const close = async (): Promise<void> => {
    if (isOpen) await checker.close()
    isOpen = false
  }
  try {
    const projects = checker.projects.flatMap((one) => (one.isOrphans ? [] : [one.configFile]))
    const workspace = openWorkspace(root, checker, found.digests, resolver)
    const attempt = async (leftOut: LeftOut): Promise<RunPlan> => {
      const { step = 'makers' } = options
      const planned =
        step === 'makers'
          ? planRun(workspace, found, { ...options, leftOut })
          : planLaterStep(workspace, found, options, step)
      const plan = await formatPlan(workspace, planned)
      // Planning holds the thread: an interruption during it is only heard in the next turn, which comes before a
      // write.
      await setImmediate()
      options.scan.signal?.throwIfAborted()
      return plan
    }
    const first = await attempt(options.leftOut ?? new Map())
    // Only tests can ask for a second plan. What is open beside the write costs memory.
    if (options.verify === undefined) await close()
    const isReady = options.write === true && first.unsettled.length + first.silenced.length === 0
    const outcome: Outcome =
      isReady && first.texts.size > 0
        ? await writeRun({ workspace, projects, found, options, scan, attempt }, first)
        : { plan: first, isWritten: false }
    return toResult(workspace, found, outcome)
  } finally {
    await close()
  }
}

function toResult(workspace: Workspace, found: ScanResult, { plan, isWritten, ...said }: Outcome): MigrateResult {
  const { texts, ...rest } = plan
  const files = [...texts].map(([file, text]) => ({
    file,
    diff: toUnifiedDiff(file, workspace.source(file).text, text),
  }))
  return {
    ...rest,
    ...said,
    doubts: reasonsToDoubt(found),
    decisions: findOpenDecisions([...rest.left, ...rest.readsLeft]),
    files,
    written: isWritten,
  }
}

/** The plan with formatted texts, when they compile as those that were proved. */
async function formatPlan(workspace: Workspace, plan: RunPlan): Promise<RunPlan> {
  const texts = await formatLikeBefore(workspace, plan.texts)
  const isSame = [...texts].every(([file, text]) => text === plan.texts.get(file))
  if (isSame) return plan
  // Wrapping a line can move code away from the comment that a directive needs.
  const files = new Set(texts.keys())
  const proved = diagnose(workspace, plan.texts, files)
  const formatted = diagnose(workspace, texts, files)
  return findNewDiagnostics(proved, formatted).size > 0 ? plan : { ...plan, texts }
}
