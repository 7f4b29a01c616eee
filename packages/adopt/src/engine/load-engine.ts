/**
 * Finds the optional engines beside this package, never the user's own, and refuses other versions of a compiler.
 * The engines are optionalDependencies: the library's core runs without them.
 */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { AdoptError } from '../adopt-error.ts'

/**
 * Versions that this package is tested with. The two compilers must be exactly these: their answers and layouts differ
 * by release.
 */
export const pinnedEngines = {
  'oxc-parser': '0.153.0',
  'oxc-resolver': '11.24.2',
  'magic-string': '1.4.5',
  'typescript': '7.0.2',
  // An alias (npm:typescript@6.0.3). It sorts after `typescript`, so that it does not take over `.bin/tsc`.
  'typescript-6.0': '6.0.3',
} as const

export type EngineName = keyof typeof pinnedEngines

/** Where an engine stands and which version it is; undefined when it is not installed. */
export const findEngine = (
  name: EngineName,
  from: string = import.meta.url,
): { directory: string; version: string } | undefined => {
  for (const parent of createRequire(from).resolve.paths(name) ?? []) {
    const directory = join(parent, name)
    const version = readVersion(join(directory, 'package.json'))
    if (version !== undefined) return { directory, version }
  }
  return undefined
}

/**
 * Imports an engine, or one of its subpaths such as `unstable/sync`.
 * @throws AdoptError `ENGINE_ABSENT` when it is not installed, `ENGINE_VERSION` when a compiler is not the pinned one.
 */
export const loadEngine = async (name: EngineName, subpath = '', from: string = import.meta.url): Promise<unknown> => {
  const found = findEngine(name, from)
  if (!found) throw absent(name)
  if (name.startsWith('typescript') && found.version !== pinnedEngines[name]) throw otherVersion(name, found)
  const specifier = subpath === '' ? name : `${name}/${subpath}`
  try {
    // Resolved from `from`, then imported by address: a plain import() would resolve from this file.
    return await import(pathToFileURL(resolveInside(found.directory, specifier, subpath, from)).href)
  } catch (cause) {
    const message =
      `The engine ${name} ${found.version} is installed but does not start on ${process.platform}-${process.arch}. ` +
      `${install(name)}`
    throw new AdoptError('ENGINE_ABSENT', message, { file: found.directory, cause })
  }
}

const readVersion = (packageFile: string): string | undefined => {
  try {
    const version: unknown = JSON.parse(readFileSync(packageFile, 'utf8')).version
    return typeof version === 'string' ? version : undefined
  } catch {
    return undefined
  }
}

/** Follows the `exports` of the package for `import`; createRequire alone would take the `require` condition. */
const resolveInside = (directory: string, specifier: string, subpath: string, from: string): string => {
  const { exports } = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'))
  const entry: unknown = exports?.[subpath === '' ? '.' : `./${subpath}`]
  const target = typeof entry === 'string' ? entry : importTarget(entry)
  return target === undefined ? createRequire(from).resolve(specifier) : join(directory, target)
}

const importTarget = (entry: unknown): string | undefined => {
  if (typeof entry === 'string') return entry
  if (typeof entry !== 'object' || entry === null) return undefined
  const conditions = entry as Record<string, unknown>
  for (const condition of ['node', 'import', 'default']) {
    const target = Object.hasOwn(conditions, condition) ? importTarget(conditions[condition]) : undefined
    if (target !== undefined) return target
  }
  return undefined
}

const install = (name: EngineName): string =>
  name === 'typescript-6.0'
    ? 'Install it with `npm install --save-dev typescript-6.0@npm:typescript@6.0.3`.'
    : 'Reinstall @user-execution-context/adopt.'

const absent = (name: EngineName): AdoptError =>
  new AdoptError('ENGINE_ABSENT', `The engine ${name} ${pinnedEngines[name]} is not installed. ${install(name)}`)

const otherVersion = (name: EngineName, found: { directory: string; version: string }): AdoptError => {
  const message =
    `Found ${name} ${found.version} in ${dirname(found.directory)}, but exactly ${pinnedEngines[name]} is needed: ` +
    `the answers of compilers differ by release, and your own compiler is never used. ${install(name)}`
  return new AdoptError('ENGINE_VERSION', message, { file: found.directory })
}
