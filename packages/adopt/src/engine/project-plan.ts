/**
 * Decides which programs to open: one for each tsconfig that owns files, and one for the files that none includes.
 * The overlay tsconfig lives in memory, beside the user's own, so that relative look-ups agree.
 */
import { existsSync, readFileSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { AdoptError } from '../adopt-error.ts'
import { type ParsedOptions, toCompatibleOptions } from './compatible-options.ts'
import { readJsonc } from './read-jsonc.ts'
import { type SourceTree, toSlashes } from './source-tree.ts'
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
}

/** The compiler's own reading of a tsconfig, `extends` followed. */
export type ParseConfig = (configFile: string) => {
  readonly options: ParsedOptions
  readonly fileNames: readonly string[]
}

/**
 * Plans the programs. Every file of the tree is in exactly one plan.
 * @throws AdoptError `TSCONFIG_ABSENT` or `TSCONFIG_UNREADABLE`
 */
export const planProjects = (
  tree: SourceTree,
  configFiles: readonly string[] | undefined,
  parse: ParseConfig,
): ProjectPlan[] => {
  const configs = findConfigs(tree, configFiles)
  const packages = readWorkspacePackages(tree)
  const packagePaths = toWorkspacePaths(packages, tree)
  const owned = new Set<string>()
  const plans: ProjectPlan[] = []
  const open = (
    configFile: string,
    options: ParsedOptions,
    files: readonly string[],
    globals: readonly string[],
    isOrphans: boolean,
  ): void => {
    const legacyDefaults = (majorFor(configFile, packages) ?? 7) < 6
    const compilerOptions = toCompatibleOptions(options, { legacyDefaults, packagePaths })
    const overlayFile = join(
      dirname(configFile),
      `${basename(configFile, '.json')}.${isOrphans ? 'orphans' : 'overlay'}.json`,
    )
    const overlayText = JSON.stringify({ compilerOptions, files: [...new Set([...files, ...globals])] })
    plans.push({ configFile, isOrphans, overlayFile: toSlashes(overlayFile), overlayText, files })
  }
  const parsed = configs.map((configFile) => {
    const { options, fileNames } = parse(configFile)
    const files = fileNames.map(toSlashes).filter((file) => tree.files.has(file))
    // Ambient declarations reach every file of their tsconfig without an import.
    return { configFile, options, files, globals: files.filter((file) => file.endsWith('.d.ts')) }
  })
  for (const { configFile, options, files, globals } of parsed) {
    const fresh = files.filter((file) => !owned.has(file))
    if (fresh.length === 0) continue
    for (const file of fresh) owned.add(file)
    open(configFile, options, fresh, globals, false)
  }
  const orphans = [...tree.files.keys()].filter((file) => !owned.has(file))
  for (const { configFile, options, globals } of parsed) {
    const near = orphans.filter((file) => nearest(file, configs) === configFile)
    if (near.length > 0) open(configFile, options, near, globals, true)
  }
  return plans
}

/** The tsconfig files to read: those named, or all in the tree with project references followed, or the next one above the root. */
export const findConfigs = (tree: SourceTree, configFiles: readonly string[] | undefined): string[] => {
  const above = (): string[] => {
    for (let directory = tree.root; ; directory = dirname(directory)) {
      const config = join(directory, 'tsconfig.json')
      if (existsSync(config)) return [toSlashes(config)]
      if (dirname(directory) === directory || existsSync(join(directory, '.git'))) break
    }
    const message = `No tsconfig.json in ${tree.root} or above it. Name one with --tsconfig, or run where one stands.`
    throw new AdoptError('TSCONFIG_ABSENT', message, { file: tree.root })
  }
  const start =
    configFiles?.map((file) => toSlashes(resolve(tree.root, file))) ??
    (tree.configFiles.length > 0 ? tree.configFiles : above())
  const seen = new Set<string>()
  const follow = (configFile: string): string[] => {
    if (seen.has(configFile)) return []
    seen.add(configFile)
    const references = readReferences(configFile)
    return [configFile, ...references.flatMap(follow)]
  }
  return start.flatMap(follow)
}

/** Reads a tsconfig for what the compiler's parser does not report: broken text, missing bases, references. */
const readReferences = (configFile: string): string[] => {
  let config: { references?: unknown; extends?: unknown }
  try {
    config = readJsonc(readFileSync(configFile, 'utf8').replace(/^\uFEFF/, '')) as typeof config
  } catch (cause) {
    const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT'
    const message = missing
      ? `There is no ${configFile}.`
      : `${configFile} is not a valid tsconfig: it does not parse as JSON with comments.`
    throw new AdoptError(missing ? 'TSCONFIG_ABSENT' : 'TSCONFIG_UNREADABLE', message, { file: configFile, cause })
  }
  for (const base of [config.extends].flat()) {
    if (typeof base !== 'string' || !base.startsWith('.')) continue
    const file = resolve(dirname(configFile), base)
    if (existsSync(file) || existsSync(`${file}.json`)) continue
    throw new AdoptError('TSCONFIG_ABSENT', `${configFile} extends ${base}, which does not exist.`, { file })
  }
  const references = Array.isArray(config.references) ? config.references : []
  return references.flatMap((reference: { path?: unknown }) => {
    if (typeof reference?.path !== 'string') return []
    const path = resolve(dirname(configFile), reference.path)
    const file = path.endsWith('.json') ? path : join(path, 'tsconfig.json')
    return existsSync(file) ? [toSlashes(file)] : []
  })
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
