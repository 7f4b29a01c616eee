/**
 * Opens the checker over a directory: reads the tree, plans the programs, starts the pinned compiler.
 * TypeScript 6 stands in where TypeScript 7 has no binary for the platform.
 */
import { AdoptError } from '../adopt-error.ts'
import type { Checker, OpenOptions, ProgramSeries, RootFiles } from './checker.ts'
import { loadEngine } from './load-engine.ts'
import { findConfigs, planProjects, type ProjectPlan, type ParseConfig } from './project-plan.ts'
import { readSourceTree, type SourceTree } from './source-tree.ts'
import { completeConfigs, newBaseFinder } from './tsconfig-bases.ts'
import { openTypeScript6, startTypeScript6 } from './typescript6.ts'
import { openTypeScript7, startTypeScript7 } from './typescript7.ts'
import { readWorkspacePackages } from './workspace-paths.ts'

/**
 * Opens every program of a directory at once. `tree` is what was already read of it; every answer is about those texts.
 * @throws AdoptError `ENGINE_ABSENT`, `ENGINE_VERSION`, `TSCONFIG_ABSENT`, `TSCONFIG_UNREADABLE`, and those of
 * readSourceTree.
 */
export const openChecker = async (
  options: OpenOptions,
  tree: SourceTree = readSourceTree(options.root),
): Promise<Checker> => start(options, tree, undefined, openTypeScript7, openTypeScript6)

/** Plans the programs of a directory, to be opened one after another with the files given. Throws as `openChecker`. */
export const openPrograms = async (options: OpenOptions, tree: SourceTree, only: RootFiles): Promise<ProgramSeries> =>
  start(options, tree, only, startTypeScript7, startTypeScript6)

type Start<Compiler, Started> = (
  compiler: Compiler,
  tree: SourceTree,
  plan: (parse: ParseConfig) => ProjectPlan[],
  configTexts: ReadonlyMap<string, string>,
) => Started

const start = async <Started>(
  options: OpenOptions,
  tree: SourceTree,
  only: RootFiles | undefined,
  startSeven: Start<typeof import('typescript/unstable/sync'), Started>,
  startSix: Start<typeof import('typescript-6.0'), Started>,
): Promise<Started> => {
  const plan = (parse: ParseConfig): ProjectPlan[] => planProjects(tree, options.configFiles, parse, only)
  const findBase = newBaseFinder(readWorkspacePackages(tree))
  const configTexts = completeConfigs(findConfigs(tree, options.configFiles), findBase)
  if (options.engine !== 'typescript-6') {
    try {
      return startSeven(
        (await loadEngine('typescript', 'unstable/sync')) as typeof import('typescript/unstable/sync'),
        tree,
        plan,
        configTexts,
      )
    } catch (cause) {
      if (options.engine === 'typescript-7' || !isMissingBinary(cause)) throw cause
    }
  }
  const loaded = (await loadEngine('typescript-6.0')) as { readonly default: typeof import('typescript-6.0') }
  return startSix(loaded.default, tree, plan, configTexts)
}

/** The compiler is a binary for each platform; its absence shows when it is started or resolved. */
const isMissingBinary = (cause: unknown): boolean =>
  (cause instanceof AdoptError && cause.code === 'ENGINE_ABSENT') ||
  (cause instanceof Error && /^(Unable to resolve @typescript|Executable not found)/.test(cause.message))
