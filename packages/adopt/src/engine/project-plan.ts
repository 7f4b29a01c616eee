/**
 * Decides which programs to open: one for each tsconfig that owns files, and one for the files that none includes.
 * The overlay tsconfig lives in memory, beside the user's own, so that relative look-ups agree.
 */
import { existsSync, readFileSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { AdoptError } from '../adopt-error.ts'
import type { RootFiles } from './checker.ts'
import { type ParsedOptions, toCompatibleOptions } from './compatible-options.ts'
import { readJsonc } from './read-jsonc.ts'
import { type SourceTree, toSlashes } from './source-tree.ts'
import { newBaseFinder, type FindBase, readConfigChain } from './tsconfig-bases.ts'
import { readWorkspacePackages, toWorkspacePaths, type WorkspacePackage } from './workspace-paths.ts'

/** One program to open. */
export type ProjectPlan = {
  readonly configFile: string
  readonly isOrphans: boolean
  /** Name and text of the generated tsconfig; it is never written. */
  readonly overlayFile: string
  readonly overlayText: string
  /** The files this program answers for; those of an earlier plan are not repeated. */
  readonly files: readonly string[]
  /** Those of them that the program is opened with. */
  readonly roots: readonly string[]
}

/** The compiler's own reading of a tsconfig, `extends` followed. */
export type ParseConfig = (configFile: string) => {
  readonly options: ParsedOptions
  readonly fileNames: readonly string[]
}

type ParsedConfig = {
  readonly configFile: string
  readonly options: ParsedOptions
  readonly globals: readonly string[]
}

/**
 * Plans the programs. Every file of the tree is in exactly one plan.
 *
 * @param only the files to open; left out, all of them
 * @throws AdoptError `TSCONFIG_ABSENT` or `TSCONFIG_UNREADABLE`
 */
export const planProjects = (
  tree: SourceTree,
  configFiles: readonly string[] | undefined,
  parse: ParseConfig,
  only?: RootFiles,
): ProjectPlan[] => {
  const configs = findConfigs(tree, configFiles)
  const packages = readWorkspacePackages(tree)
  const packagePaths = toWorkspacePaths(packages, tree)
  const owned = new Set<string>()
  const plans: ProjectPlan[] = []
  const open = (
    { configFile, options, globals }: ParsedConfig,
    files: readonly string[],
    name: 'overlay' | 'orphans',
  ): void => {
    const isOrphans = name === 'orphans'
    const legacyDefaults = (majorFor(configFile, packages) ?? 7) < 6
    const compilerOptions = toCompatibleOptions(options, { legacyDefaults, packagePaths })
    const overlayFile = join(dirname(configFile), `${basename(configFile, '.json')}.${name}.json`)
    const roots = only ? files.filter((file) => only.isRoot(file, { configFile, isOrphans })) : files
    const overlayText = JSON.stringify({ compilerOptions, files: [...new Set([...roots, ...globals])] })
    plans.push({ configFile, isOrphans, overlayFile: toSlashes(overlayFile), overlayText, files, roots })
  }
  const parsed = configs.map((configFile) => {
    const { options, fileNames } = parse(configFile)
    const files = fileNames.map(toSlashes).filter((file) => tree.files.has(file))
    // Ambient declarations reach every file of their tsconfig without an import.
    return {
      configFile,
      options,
      files,
      globals: files.filter((file) => file.endsWith('.d.ts') || only?.globals.has(file)),
    }
  })
  for (const config of parsed) {
    const fresh = config.files.filter((file) => !owned.has(file))
    if (fresh.length === 0) continue
    for (const file of fresh) owned.add(file)
    open(config, fresh, 'overlay')
  }
  // JavaScript that no tsconfig checks is not TypeScript's.
  const orphans = [...tree.files.keys()].filter((file) => !owned.has(file) && !/\.[cm]?jsx?$/.test(file))
  for (const config of parsed) {
    const near = orphans.filter((file) => nearest(file, configs) === config.configFile)
    if (near.length > 0) open(config, near, 'orphans')
  }
  return plans
}

/**
 * The tsconfig files to read: those named, or all in the tree with project references followed, or the next one above
 * the root.
 * @param onFault is told of each that was found and cannot be read as it stands
 */
export const findConfigs = (
  tree: SourceTree,
  configFiles: readonly string[] | undefined,
  onFault: (fault: AdoptError) => void = () => undefined,
): string[] => {
  const isNamed = configFiles !== undefined
  const faults: AdoptError[] = []
  const start = configFiles?.map((file) => toSlashes(resolve(tree.root, file))) ?? configFilesIn(tree)
  const seen = new Set<string>()
  const findBase = newBaseFinder(readWorkspacePackages(tree))
  const follow = (configFile: string): string[] => {
    if (seen.has(configFile)) return []
    seen.add(configFile)
    const read = readReferences(configFile, findBase)
    if (read.fault && isNamed) throw read.fault
    if (read.fault && !read.isUsable) {
      faults.push(read.fault)
      return []
    }
    if (read.fault) onFault(read.fault)
    return [configFile, ...read.references.flatMap(follow)]
  }
  const found = start.flatMap(follow)
  // One broken tsconfig of many leaves its files to the next; with none left nothing can be said.
  if (found.length === 0 && faults[0]) throw faults[0]
  faults.forEach(onFault)
  return found
}

/**
 * Every tsconfig.json of a directory, or the one above it.
 *
 * @throws AdoptError `TSCONFIG_ABSENT`
 */
export const configFilesIn = ({ root, configFiles }: Pick<SourceTree, 'root' | 'configFiles'>): readonly string[] => {
  if (configFiles.length > 0) return configFiles
  for (let directory = root; ; directory = dirname(directory)) {
    const config = join(directory, 'tsconfig.json')
    if (existsSync(config)) return [toSlashes(config)]
    if (dirname(directory) === directory || existsSync(join(directory, '.git'))) break
  }
  const message = `No tsconfig.json in ${root} or above it. Name one with --tsconfig, or run where one stands.`
  throw new AdoptError('TSCONFIG_ABSENT', message, { file: root })
}

type ReadConfig = {
  readonly references: readonly string[]
  readonly fault: AdoptError | undefined
  readonly isUsable: boolean
}

/** Reads a tsconfig for what the compiler's parser does not report: broken text, missing bases, references. */
const readReferences = (configFile: string, findBase: FindBase): ReadConfig => {
  let config: { references?: unknown }
  try {
    config = readJsonc(readFileSync(configFile, 'utf8').replace(/^\uFEFF/, '')) as typeof config
  } catch (cause) {
    const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT'
    const message = missing
      ? `There is no ${configFile}.`
      : `${configFile} is not a valid tsconfig: it does not parse as JSON with comments.`
    const fault = new AdoptError(missing ? 'TSCONFIG_ABSENT' : 'TSCONFIG_UNREADABLE', message, {
      file: configFile,
      cause,
    })
    return { references: [], fault, isUsable: false }
  }
  const [lost] = readConfigChain(configFile, findBase).flatMap(({ file, bases }) =>
    bases.flatMap(({ named, found }) => (found ? [] : { file, named })),
  )
  const fault =
    lost &&
    new AdoptError('TSCONFIG_ABSENT', `${lost.file} extends ${lost.named}, which is not there.`, { file: configFile })
  const listed = Array.isArray(config.references) ? config.references : []
  const references = listed.flatMap((reference: { path?: unknown }) => {
    if (typeof reference?.path !== 'string') return []
    const path = resolve(dirname(configFile), reference.path)
    const file = path.endsWith('.json') ? path : join(path, 'tsconfig.json')
    return existsSync(file) ? [toSlashes(file)] : []
  })
  return { references, fault, isUsable: true }
}

/** The config in the nearest directory above the file; the first one when none is above it. */
const nearest = (file: string, configs: readonly string[]): string | undefined => {
  const above = configs.filter((config) => file.startsWith(`${dirname(config)}/`))
  return above.sort((a, b) => dirname(b).length - dirname(a).length)[0] ?? configs[0]
}

const majorFor = (configFile: string, packages: readonly WorkspacePackage[]): number | undefined => {
  const known = packages.filter(
    (entry) => entry.compilerMajor !== undefined && `${dirname(configFile)}/`.startsWith(`${entry.directory}/`),
  )
  return known.sort((a, b) => b.directory.length - a.directory.length)[0]?.compilerMajor
}
