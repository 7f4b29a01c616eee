/**
 * migrate: scan, plan, prove, and write all files or none.
 */
import { setImmediate } from 'node:timers/promises'
import { AdoptError } from '../adopt-error.ts'
import { openChecker } from '../engine/open-checker.ts'
import { readSourceTree } from '../engine/source-tree.ts'
import type { Scan, ScanResult } from '../scan/scan-result.ts'
import { runUninterrupted } from '../uninterrupted.ts'
import type { Checker } from '../engine/checker.ts'
import { readGitState } from './git-tree.ts'
import type { MigrateOptions, MigrateResult } from './migrate-options.ts'
import { findNewDiagnostics } from './diagnostic-difference.ts'
import { writeAndRemember } from './last-write.ts'
import { formatLikeBefore } from './own-formatter.ts'
import { planRun } from './plan-run.ts'
import type { RunPlan } from './plan-run.ts'
import { planCompanions } from './next-baseline.ts'
import { packageTarget } from './package-target.ts'
import { toFileBytes } from '../engine/source-text.ts'
import { toUnifiedDiff } from './unified-diff.ts'
import { diagnose, openWorkspace } from './workspace.ts'
import type { Workspace } from './workspace.ts'
import type { PlannedWrite } from './write-all.ts'

/**
 * Moves constructions to the target's factory. A dry run unless `write` is given.
 *
 * @throws {AdoptError} `TREE_DIRTY` before a write without `force`, `FILE_CHANGED` or `TREE_UNWRITABLE` when the run
 * could not be
 *   written as a whole (nothing was, then), and everything that a scan throws.
 */
export const migrate = async (options: MigrateOptions, scan: Scan): Promise<MigrateResult> => {
  const { root } = options.scan
  if (options.write && !options.force) assertCleanTree(root)
  const found = await scan(options.scan)
  return applyScan(found, options, scan)
}

/** The same for a scan at hand. */
export const applyScan = async (found: ScanResult, options: MigrateOptions, scan?: Scan): Promise<MigrateResult> => {
  const { root, configFiles, engine, signal } = options.scan
  const checker = await openChecker(
    { root, ...(configFiles && { configFiles }), ...(engine && { engine }) },
    readSourceTree(root, options.scan),
  )
  const { workspace, plan } = await planned(checker, found, options).finally(() => checker.close())
  const isWritten = options.write === true && plan.unsettled.length + plan.silenced.length === 0 && plan.texts.size > 0
  const beside =
    isWritten && options.companions && scan
      ? await planCompanions(options.companions, {
          found,
          plan,
          type: (options.target ?? packageTarget).type,
          scanOptions: options.scan,
          scan,
        })
      : []
  // Planning holds the thread: an interruption during it is only heard in the next turn, which comes before the write.
  await setImmediate()
  signal?.throwIfAborted()
  if (isWritten) runUninterrupted(() => writeAndRemember(root, [...toWrites(workspace, plan), ...beside]))
  const { texts, ...rest } = plan
  const files = [...texts].map(([file, text]) => ({
    file,
    diff: toUnifiedDiff(file, workspace.source(file).text, text),
  }))
  return { ...rest, files, written: isWritten }
}

async function planned(
  checker: Checker,
  found: ScanResult,
  options: MigrateOptions,
): Promise<{ readonly workspace: Workspace; readonly plan: RunPlan }> {
  const workspace = openWorkspace(options.scan.root, checker, found.digests)
  return { workspace, plan: await formatPlan(workspace, planRun(workspace, found, options)) }
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

function toWrites(workspace: Workspace, { texts }: RunPlan): PlannedWrite[] {
  return [...texts].map(([file, text]) => {
    const source = workspace.source(file)
    return { file, hash: source.digest, bytes: toFileBytes(source, text) }
  })
}

function assertCleanTree(root: string): void {
  const git = readGitState(root)
  if (git.state !== 'dirty') return
  const shown = git.paths.slice(0, 5).join(', ')
  throw new AdoptError(
    'TREE_DIRTY',
    `The git tree has ${git.paths.length} changed files (${shown}${git.paths.length > 5 ? ', …' : ''}): commit or stash them, so that the edits can be reviewed alone, or use --force.`,
  )
}
