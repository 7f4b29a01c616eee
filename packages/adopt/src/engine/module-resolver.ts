/**
 * Resolves module names to files: the tree's own files first, then workspace packages, then oxc-resolver.
 * No compiler runs for this.
 */
import { isBuiltin } from 'node:module'
import { dirname, join } from 'node:path'
import { type SourceTree, toSlashes } from './source-tree.ts'
import { newAliasFinder } from './tsconfig-aliases.ts'
import { newBaseFinder } from './tsconfig-bases.ts'
import { readWorkspacePackages, toWorkspacePaths } from './workspace-paths.ts'

type OxcResolver = typeof import('oxc-resolver')

/** Absolute path of the module that `file` means by `specifier`; undefined when its types are not to be had. */
export type ResolveModule = (file: string, specifier: string) => string | undefined

const extensions = ['.ts', '.tsx', '.d.ts', '.mts', '.cts', '/index.ts', '/index.tsx', '/index.d.ts']

/** A resolver that remembers: one look-up for each directory and module. */
export const newModuleResolver = (oxc: OxcResolver, tree: SourceTree): ResolveModule => {
  const settings = {
    extensions: ['.ts', '.tsx', '.d.ts', '.mts', '.cts', '.js', '.json'],
    extensionAlias: {
      '.ts': ['.ts', '.d.ts'],
      '.js': ['.ts', '.tsx', '.d.ts', '.js'],
      '.mjs': ['.mts', '.d.mts', '.mjs'],
      '.cjs': ['.cts', '.d.cts', '.cjs'],
    },
    conditionNames: ['types', 'import', 'require', 'node', 'default'],
  }
  const resolver = new oxc.ResolverFactory({ ...settings, tsconfig: 'auto' })
  // With a tsconfig that it cannot read whole, the resolver finds nothing at all, packages included.
  const plain = new oxc.ResolverFactory(settings)
  const packages = readWorkspacePackages(tree)
  const findAliased = newAliasFinder(newBaseFinder(packages))
  const workspaces = toWorkspacePaths(packages, tree)
  const known = new Map<string, string | undefined>()
  const aliased = (file: string, specifier: string): string | undefined =>
    findAliased(file, specifier)
      .map((place) => inTree(tree, place) ?? plain.resolveFileSync(file, place).path)
      .find((found) => found !== undefined)
  const declarationsOf = (file: string, specifier: string): string | undefined =>
    resolver.resolveDtsSync(file, specifier).path ?? plain.resolveDtsSync(file, specifier).path
  const outside = (file: string, specifier: string): string | undefined => {
    const path =
      resolver.resolveFileSync(file, specifier).path ??
      aliased(file, specifier) ??
      plain.resolveFileSync(file, specifier).path
    if (path !== undefined && !/\.[cm]?jsx?$/.test(path)) return toSlashes(path)
    // Plain JavaScript has types when the community wrote some.
    const types = specifier.startsWith('.')
      ? undefined
      : declarationsOf(file, `@types/${specifier.replace(/^@/, '').replace('/', '__')}`)
    return (
      types ??
      (path !== undefined ? declarationsOf(file, specifier)?.replace(/^.*\.[cm]?jsx?$/, '') || undefined : undefined)
    )
  }
  // The longest pattern first, as compilers do it.
  const patterns = Object.entries(workspaces)
    .filter(([pattern]) => pattern.endsWith('/*'))
    .map(([pattern, places]) => [pattern.slice(0, -1), places] as const)
    .sort((a, b) => b[0].length - a[0].length)
  const inWorkspace = (specifier: string): string | undefined => {
    const exact = Object.hasOwn(workspaces, specifier) ? workspaces[specifier]![0] : undefined
    if (exact !== undefined) return exact
    const [prefix, places] = patterns.find(([start]) => specifier.startsWith(start)) ?? []
    return prefix === undefined
      ? undefined
      : places!
          .map((place) => inTree(tree, place.slice(0, -1) + specifier.slice(prefix.length)))
          .find((found) => found !== undefined)
  }
  const resolve = (file: string, specifier: string): string | undefined => {
    if (specifier.startsWith('.')) {
      const base = join(dirname(file), specifier)
      const inside = inTree(tree, base)
      if (inside !== undefined) return inside
    }
    if (isBuiltin(specifier)) return plain.resolveFileSync(file, '@types/node/package.json').path
    return inWorkspace(specifier) ?? outside(file, specifier)
  }
  return (file, specifier) => {
    const key = `${dirname(file)}\0${specifier}`
    if (!known.has(key)) known.set(key, resolve(file, specifier))
    return known.get(key)
  }
}

const inTree = (tree: SourceTree, base: string): string | undefined => {
  const path = toSlashes(base)
  if (tree.files.has(path)) return path
  const stem = path.replace(/\.([cm]?)js(x?)$/, '.$1ts$2')
  if (tree.files.has(stem)) return stem
  return [path, path.replace(/\.[cm]?jsx?$/, '')]
    .flatMap((start) => extensions.map((extension) => start + extension))
    .find((candidate) => tree.files.has(candidate))
}
