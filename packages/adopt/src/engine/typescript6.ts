/**
 * Opens programs in the TypeScript 6 API: the other compiler behind the adapter in checker.ts, for platforms without a
 * TypeScript 7
 * binary. checker-contract.test.ts holds both to equal answers.
 */
import { dirname } from 'node:path'
import type ts from 'typescript-6.0'
import type { Checker, CheckerProject, Overlay, ProgramSeries } from './checker.ts'
import type { ParseConfig, ProjectPlan } from './project-plan.ts'
import type { SourceTree } from './source-tree.ts'
import { toCheckerProject } from './typescript6-project.ts'

type Compiler = typeof ts

type Plan = (parse: ParseConfig) => ProjectPlan[]
/** By path, what stands for the text of a tsconfig on disk. */
type ConfigTexts = ReadonlyMap<string, string>

/** Opens the planned programs; `plan` is given the compiler's own reading of a tsconfig. */
export const openTypeScript6 = (
  compiler: Compiler,
  tree: SourceTree,
  plan: Plan,
  configTexts: ConfigTexts,
): Checker => {
  const { plans, open, ...rest } = readPlans(compiler, tree, plan, configTexts)
  const opened = open(plans)
  return {
    ...rest,
    get projects() {
      return opened.projects
    },
    update: opened.update,
  }
}

/** The planned programs, opened one after another. */
export const startTypeScript6 = (
  compiler: Compiler,
  tree: SourceTree,
  plan: Plan,
  configTexts: ConfigTexts,
): ProgramSeries => {
  const { plans, open, ...rest } = readPlans(compiler, tree, plan, configTexts)
  return { ...rest, programs: plans, open: (program) => open(plans.filter((entry) => entry === program)) }
}

const readPlans = (compiler: Compiler, tree: SourceTree, plan: Plan, configTexts: ConfigTexts) => {
  const overlay = new Map(configTexts)
  const readFile = (path: string): string | undefined =>
    overlay.get(path) ?? tree.files.get(path)?.text ?? compiler.sys.readFile(path)
  const parseHost = { ...compiler.sys, readFile }
  const parseText = (file: string): ts.ParsedCommandLine => {
    const { config } = compiler.parseConfigFileTextToJson(file, readFile(file) ?? '{}')
    return compiler.parseJsonConfigFileContent(config, parseHost, dirname(file), {}, file)
  }
  const plans = plan((configFile) => {
    const { options, fileNames } = parseText(configFile)
    return { options: options as Record<string, unknown>, fileNames }
  })
  for (const { overlayFile, overlayText } of plans) overlay.set(overlayFile, overlayText)
  const open = (wanted: readonly ProjectPlan[]): Pick<Checker, 'projects' | 'update'> => {
    const laidOver = new Map<string, string>()
    const textOf = (path: string): string | undefined => laidOver.get(path) ?? readFile(path)
    const programs = wanted
      .map(({ overlayFile }) => parseText(overlayFile))
      .map(({ fileNames, options }) => {
        const host = compiler.createCompilerHost(options)
        const parsed = new Map<string, { text: string; file: ts.SourceFile }>()
        host.readFile = textOf
        host.fileExists = (path) => overlay.has(path) || compiler.sys.fileExists(path)
        host.getSourceFile = (path, target) => {
          const text = textOf(path)
          const known = parsed.get(path)
          if (text === undefined || known?.text === text) return text === undefined ? undefined : known!.file
          const file = compiler.createSourceFile(path, text, target, true)
          parsed.set(path, { text, file })
          return file
        }
        return { fileNames, options, host, program: undefined as ts.Program | undefined }
      })
    const build = (): CheckerProject[] =>
      wanted.map((entry, at) => {
        const state = programs[at]!
        state.program = compiler.createProgram({
          rootNames: state.fileNames,
          options: state.options,
          host: state.host,
          ...(state.program && { oldProgram: state.program }),
        })
        return toCheckerProject(compiler, state.program, entry)
      })
    let projects = build()
    return {
      get projects() {
        return projects
      },
      update: (changes: Overlay) => {
        for (const [path, text] of changes) {
          if (text === undefined) laidOver.delete(path)
          else laidOver.set(path, text)
        }
        projects = build()
      },
    }
  }
  return { compiler: `typescript ${compiler.version}`, plans, open, failedNodes: [], close: async () => undefined }
}
