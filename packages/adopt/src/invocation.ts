/**
 * One run of a command: options, configuration and the outside world, so that commands read no globals.
 * stdout is data and stderr is progress; a command writes to both through this value.
 */
import { hash } from 'node:crypto'
import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { AdoptError } from './adopt-error.ts'
import type { CliOptions } from './cli-options.ts'
import { configFileName, defaultBaselineFile, readConfig, type AdoptConfig, type FoundConfig } from './config.ts'
import type { ScanOptions, ScanProgress } from './scan/scan-result.ts'

/** What the process gives to a command. Tests give their own. */
export type Environment = {
  readonly workingDirectory: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly stdout: { readonly isTTY?: boolean; write: (text: string) => unknown }
  readonly stderr: { readonly isTTY?: boolean; write: (text: string) => unknown }
  /** One line that a person types; empty when there is none. Waiting for it blocks no thread. */
  readonly readLine?: () => Promise<string>
}

/** Every command has this form, and gives the exit code. It is loaded only when it is called for. */
export type Command = (invocation: Invocation) => Promise<number>

export type Invocation = Environment & {
  /** Absolute, links resolved: the directory given, else the configuration's, else the working directory. */
  readonly root: string
  readonly options: CliOptions
  readonly config: AdoptConfig
  readonly configFile: string | undefined
  /** Absolute path of the baseline. */
  readonly baselineFile: string
  /** Options of the scan that every command begins with; progress included. */
  readonly scanOptions: ScanOptions
  readonly isCi: boolean
  readonly isColored: boolean
}

/** Puts options and configuration together. The command line wins. */
export const toInvocation = (
  options: CliOptions,
  environment: Environment,
  onProgress: ((progress: ScanProgress) => void) | undefined,
): Invocation => {
  const start = resolve(environment.workingDirectory, options.directory ?? '.')
  if (!existsSync(start) || !statSync(start).isDirectory()) {
    throw new AdoptError('USAGE', `${start} is not a directory. Give the directory that holds the code base.`, {
      file: start,
    })
  }
  const found = readFoundConfig(start, options, environment)
  const root = realpathSync(
    options.directory === undefined && found.file?.endsWith(configFileName) ? found.root : start,
  )
  return {
    ...environment,
    root,
    options,
    config: found.config,
    configFile: found.file,
    baselineFile: resolve(found.root, found.config.baseline ?? defaultBaselineFile),
    scanOptions: toScanOptions(root, found.root, options, found.config, { ...environment, onProgress }),
    isCi: isSet(environment.env['CI']),
    isColored: isColored(environment),
  }
}

/** `init --force` replaces a configuration that nobody can read any more. */
const readFoundConfig = (start: string, options: CliOptions, { workingDirectory }: Environment): FoundConfig => {
  try {
    return readConfig(start, options.config === undefined ? undefined : resolve(workingDirectory, options.config))
  } catch (error) {
    const file = error instanceof AdoptError ? error.file : undefined
    if (file === undefined || options.command !== 'init' || !options.force || options.config !== undefined) throw error
    const root = dirname(file)
    if (options.directory !== undefined && root !== start) throw error
    return { root, file, config: {} }
  }
}

/** The name that reports carry: package name and version. */
export const readToolName = (): string => {
  const { name, version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    name: string
    version: string
  }
  return `${name} ${version}`
}

type ScanWiring = { readonly workingDirectory: string; readonly onProgress: ScanOptions['onProgress'] | undefined }

const toScanOptions = (
  root: string,
  configRoot: string,
  options: CliOptions,
  config: AdoptConfig,
  wiring: ScanWiring,
): ScanOptions => {
  const types = options.type ?? config.types?.map((type) => rebase(type, configRoot, root))
  const factories = options.factory ?? config.factories?.map((factory) => rebase(factory, configRoot, root))
  const configFiles =
    options.tsconfig?.map((file) => resolve(wiring.workingDirectory, file)) ??
    config.tsconfigs?.map((file) => resolve(configRoot, file))
  return {
    root,
    questions: options.fast ? 'fast' : 'all',
    includeGenerated: options.generated ?? config.includeGenerated ?? false,
    probe: !options['no-probe'],
    ...(!options['no-cache'] && toCache(root, configRoot)),
    ...(config.include && { include: config.include.map((glob) => rebaseGlob(glob, configRoot, root)) }),
    ...(config.exclude && { exclude: config.exclude.map((glob) => rebaseGlob(glob, configRoot, root)) }),
    ...(types && { types }),
    ...(factories && { factories }),
    ...(config.migrate?.testFiles && { testFiles: config.migrate.testFiles }),
    ...(configFiles && { configFiles }),
    ...(options.engine !== undefined && { engine: toEngine(options.engine) }),
    ...(wiring.onProgress && { onProgress: wiring.onProgress }),
  }
}

/** Beside the packages of the project, where every tool keeps such files and no repository has them. */
const toCache = (root: string, configRoot: string): { readonly cache?: string } => {
  const home = projectAbove(root)
  if (home === undefined) return {}
  const scanned = hash('sha256', `${root}\0${configRoot}`, 'hex').slice(0, 12)
  return { cache: join(home, 'node_modules/.cache/user-execution-context-adopt', scanned) }
}

const projectAbove = (directory: string): string | undefined => {
  if (existsSync(join(directory, 'package.json'))) return directory
  return dirname(directory) === directory || existsSync(join(directory, '.git'))
    ? undefined
    : projectAbove(dirname(directory))
}

// `path#NAME` of a configuration is relative to the configuration; a scan of a directory below it counts from that
// directory.
const rebase = (name: string, from: string, to: string): string => {
  const [path, type] = name.split('#')
  if (type === undefined || path === undefined || !existsSync(resolve(from, path))) return name
  return `${relative(to, resolve(realpathSync(from), path))
    .split(sep)
    .join('/')}#${type}`
}

/** A glob of the configuration, seen from the directory that is scanned; above it, it matches by its tail. */
const rebaseGlob = (glob: string, from: string, to: string): string => {
  const prefix = relative(realpathSync(from), to).split(sep).join('/')
  if (prefix === '' || prefix.startsWith('..')) return glob
  return glob.startsWith(`${prefix}/`) ? glob.slice(prefix.length + 1) : glob
}

const toEngine = (word: string): 'typescript-7' | 'typescript-6' => {
  if (word === 'typescript-7' || word === 'typescript-6') return word
  throw new AdoptError('USAGE', `${word} is not an engine. Choose typescript-7 or typescript-6.`)
}

const isSet = (value: string | undefined): boolean =>
  value !== undefined && value !== '' && value !== 'false' && value !== '0'

// no-color.org: any value that is not empty switches colour off.
const isColored = ({ env, stdout }: Environment): boolean =>
  !isSet(env['NO_COLOR']) &&
  (env['NO_COLOR'] ?? '') === '' &&
  (isSet(env['FORCE_COLOR']) || (stdout.isTTY === true && env['TERM'] !== 'dumb'))
