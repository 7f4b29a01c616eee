/**
 * Opens programs in TypeScript 7 over its synchronous pipe. One of the two compilers behind the adapter in checker.ts.
 */
import { AdoptError } from '../adopt-error.ts'
import type { Checker, CheckerProject, NodeSpan, Overlay } from './checker.ts'
import { startWithRoomyHeap, stopCompiler } from './compiler-process.ts'
import type { ParseConfig, ProjectPlan } from './project-plan.ts'
import type { SourceTree } from './source-tree.ts'
import { toCheckerProject } from './typescript7-project.ts'

type Sync = typeof import('typescript/unstable/sync')

/** Starts the compiler process and opens the planned programs; `plan` is given the compiler's own reading of a tsconfig. */
export const openTypeScript7 = (sync: Sync, tree: SourceTree, plan: (parse: ParseConfig) => ProjectPlan[]): Checker => {
  const overlay = new Map<string, string>()
  const readFile = (path: string): string | undefined => overlay.get(path) ?? tree.files.get(path)?.text
  const api = startWithRoomyHeap(() => new sync.API({ cwd: tree.root, fs: { readFile } }))
  const plans = plan((configFile) => {
    const { options, fileNames } = api.parseConfigFile(configFile)
    return { options, fileNames }
  })
  for (const { overlayFile, overlayText } of plans) overlay.set(overlayFile, overlayText)
  const failedNodes: NodeSpan[] = []
  const snapshot = (changed: readonly string[] | undefined): CheckerProject[] => {
    const params = changed
      ? { fileChanges: { changed: [...changed] } }
      : { openProjects: plans.map((entry) => entry.overlayFile) }
    const opened = api.updateSnapshot(params)
    return plans.map((entry) => {
      const project = opened.getProject(entry.overlayFile)
      if (!project)
        throw new AdoptError('ENGINE_FAILED', `TypeScript 7 did not open ${entry.configFile}.`, {
          file: entry.configFile,
        })
      return toCheckerProject(sync, project, entry, failedNodes)
    })
  }
  let projects = snapshot(undefined)
  return {
    compiler: 'typescript 7.0.2',
    get projects() {
      return projects
    },
    failedNodes,
    update: (changes: Overlay) => {
      for (const [path, text] of changes) {
        if (text === undefined) overlay.delete(path)
        else overlay.set(path, text)
      }
      projects = snapshot([...changes.keys()])
    },
    close: () => stopCompiler(api),
  }
}
