/**
 * Opens programs in TypeScript 7 over its synchronous pipe. One of the two compilers behind the adapter in checker.ts.
 */
import type { Snapshot } from 'typescript/unstable/sync'
import { AdoptError } from '../adopt-error.ts'
import { toAskTogether } from './ask-together.ts'
import type { Checker, CheckerProject, NodeSpan, Overlay, ProgramSeries } from './checker.ts'
import { startWithRoomyHeap, stopCompiler } from './compiler-process.ts'
import type { ParseConfig, ProjectPlan } from './project-plan.ts'
import type { SourceTree } from './source-tree.ts'
import { toCheckerProject } from './typescript7-project.ts'

type Sync = typeof import('typescript/unstable/sync')
type Plan = (parse: ParseConfig) => ProjectPlan[]
/** By path, what stands for the text of a tsconfig on disk. */
type ConfigTexts = ReadonlyMap<string, string>

/**
 * Starts the compiler process and opens the planned programs; `plan` is given the compiler's own reading of a tsconfig.
 */
export const openTypeScript7 = (sync: Sync, tree: SourceTree, plan: Plan, configTexts: ConfigTexts): Checker => {
  const { plans, open, ...compiler } = startCompiler(sync, tree, plan, configTexts)
  const opened = open(plans)
  return {
    ...compiler,
    get projects() {
      return opened.projects
    },
    update: opened.update,
  }
}

/** Starts the compiler process for programs that are opened one after another. */
export const startTypeScript7 = (sync: Sync, tree: SourceTree, plan: Plan, configTexts: ConfigTexts): ProgramSeries => {
  const { plans, open, ...compiler } = startCompiler(sync, tree, plan, configTexts)
  return { ...compiler, programs: plans, open: (program) => open(plans.filter((entry) => entry === program)) }
}

const startCompiler = (sync: Sync, tree: SourceTree, plan: Plan, configTexts: ConfigTexts) => {
  const overlay = new Map(configTexts)
  const readFile = (path: string): string | undefined => overlay.get(path) ?? tree.files.get(path)?.text
  const api = startWithRoomyHeap(() => new sync.API({ cwd: tree.root, fs: { readFile } }))
  const plans = plan((configFile) => {
    const { options, fileNames } = api.parseConfigFile(configFile)
    return { options, fileNames }
  })
  for (const { overlayFile, overlayText } of plans) overlay.set(overlayFile, overlayText)
  const failedNodes: NodeSpan[] = []
  const askTogether = toAskTogether(api)
  let latest: Snapshot | undefined
  let opened: readonly ProjectPlan[] = []
  const laidOver = new Set<string>()
  const snapshot = (params: Parameters<typeof api.updateSnapshot>[0]): CheckerProject[] => {
    const next = api.updateSnapshot(params)
    // What nobody asks any more keeps a whole program alive.
    latest?.dispose()
    latest = next
    return opened.map((entry) => {
      const project = next.getProject(entry.overlayFile)
      if (!project)
        throw new AdoptError('ENGINE_FAILED', `TypeScript 7 did not open ${entry.configFile}.`, {
          file: entry.configFile,
        })
      const clearSourceFiles = (): void => api.clearSourceFileCache()
      return toCheckerProject(sync, project, entry, { failedNodes, askTogether, clearSourceFiles })
    })
  }
  const open = (wanted: readonly ProjectPlan[]): Pick<Checker, 'projects' | 'update'> => {
    const closeProjects = opened.filter((entry) => !wanted.includes(entry)).map(({ overlayFile }) => overlayFile)
    const openProjects = wanted.filter((entry) => !opened.includes(entry)).map(({ overlayFile }) => overlayFile)
    const changed = [...laidOver]
    for (const path of changed) overlay.delete(path)
    laidOver.clear()
    opened = wanted
    let projects = snapshot({ openProjects, closeProjects, fileChanges: { changed } })
    return {
      get projects() {
        return projects
      },
      update: (changes: Overlay) => {
        for (const [path, text] of changes) {
          if (text === undefined) overlay.delete(path)
          else overlay.set(path, text)
          if (text === undefined) laidOver.delete(path)
          else laidOver.add(path)
        }
        projects = snapshot({ fileChanges: { changed: [...changes.keys()] } })
      },
    }
  }
  return { compiler: 'typescript 7.0.2', plans, open, failedNodes, close: () => stopCompiler(api) }
}
