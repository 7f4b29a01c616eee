// Keeps the layers in order: across packages imports go by name, inside the core they go down only, and no file is in a
// cycle.
import { readdirSync, readFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { basename, dirname, posix } from 'node:path'
import { describe, expect, test } from 'vitest'

/** Layer of each directory of the core. */
const layers: Readonly<Record<string, number>> = { errors: 0, facts: 1, identity: 2, context: 3, scope: 4 }
const core = 'user-execution-context'
/** The one file of the core that needs Node: behind `./ambient`, so that the rest loads in every runtime. */
const ambientFile = 'src/scope/ambient-context.ts'
/** Each package by its directory, and the packages of this repository that its sources may import. */
const packages: Readonly<Record<string, readonly string[]>> = {
  '.': [],
  'packages/transfer': [core],
  'packages/golden-path': [core],
  'packages/postgres': [core, '@user-execution-context/transfer', '@user-execution-context/golden-path'],
  'packages/http': [core],
  'packages/mcp': [core, '@user-execution-context/transfer'],
  'packages/adopt': [],
  'packages/lint': [],
  'packages/testing': [core],
  'examples/notes-server': [
    core,
    ...['golden-path', 'postgres', 'transfer'].map((name) => `@user-execution-context/${name}`),
  ],
}
const maxLines = 250
/** Files that are nothing but a table may be longer. */
const tables = ['src/errors/error-codes.ts']

const filesOf = (directory: string, part = 'src'): readonly string[] => {
  const sources = posix.join(directory, part)
  return readdirSync(sources, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => posix.join(sources, file))
}
const files = Object.keys(packages).flatMap((directory) => filesOf(directory))
const source = (file: string): string => readFileSync(file, 'utf8')
type Manifest = { readonly name: string; readonly exports?: object }
const manifestOf = (directory: string): Manifest =>
  JSON.parse(source(posix.join(directory, 'package.json'))) as Manifest
const packageOf = (file: string): string =>
  /^(?:src|tests)\//.test(file) ? '.' : file.split('/').slice(0, 2).join('/')
const isForeignSource = (from: string, to: string): boolean =>
  /(?:^|\/)(?:src|dist)\//.test(to) && packageOf(to) !== packageOf(from)
/** What an import of a package of this repository may name: its public entry points. */
const entryPoints = new Set(
  Object.keys(packages)
    .map(manifestOf)
    .flatMap(({ name, exports }) => Object.keys(exports ?? {}).map((entry) => name + entry.slice(1))),
)
const names = Object.keys(packages).map((directory) => manifestOf(directory).name)

type Import = { readonly from: string; readonly to: string }

/** What a file imports: types too, on one line or many, static or not. */
function importsOf(file: string): readonly Import[] {
  const code = source(file).replaceAll(/^\s*(\/\/|\/?\*).*$/gm, '')
  const specifiers = code.matchAll(/(?:^(?:import|export|\}) [^'\n]*from |^import |\bimport\()'([^']+)'/gm)
  return Array.from(specifiers, ([, specifier]) => ({
    from: file,
    to: specifier!.startsWith('.') ? posix.join(dirname(file), specifier!) : specifier!,
  }))
}

const imports = files.flatMap(importsOf)
const isPath = ({ to }: Import): boolean =>
  files.includes(to) || to.includes('/src/') || to.startsWith('src/') || to.startsWith('..')
const directoryOf = (file: string): string => (dirname(file) === 'src' ? 'entry point' : file.split('/')[1]!)
const isOurs = (name: string): boolean => names.some((ours) => name === ours || name.startsWith(`${ours}/`))

/** What is wrong with an import, or undefined. */
function violation({ from, to }: Import): string | undefined {
  const home = packageOf(from)
  if (isPath({ from, to })) {
    if (packageOf(to) !== home) return 'a path into another package'
    if (home !== '.') return undefined
    const [left, right] = [directoryOf(from), directoryOf(to)]
    if (left === right || left === 'entry point') return undefined
    if (right === 'entry point') return 'an entry point, from inside'
    return layers[right]! > layers[left]! ? 'a layer above' : undefined
  }
  if (!isOurs(to)) {
    if (home !== '.' || to === 'ts-brand') return undefined
    if (!isBuiltin(to)) return 'a package, from the core'
    return from === ambientFile ? undefined : 'a module of Node, from the core'
  }
  if (!entryPoints.has(to)) return 'no entry point'
  return packages[home]!.some((name) => to === name || to.startsWith(`${name}/`))
    ? undefined
    : 'a package it may not know'
}

describe('imports', () => {
  test('are read whole: types, many lines, and the layer of every directory is known', () => {
    expect(imports).toContainEqual({ from: 'src/context/run-request.ts', to: 'src/facts/ids.ts' })
    expect(imports).toContainEqual({ from: 'packages/golden-path/src/server/live-socket.ts', to: core })
    expect(imports.filter((entry) => isPath(entry) && !files.includes(entry.to))).toEqual([])
    const directories = new Set(
      files
        .filter((file) => packageOf(file) === '.')
        .map(directoryOf)
        .filter((directory) => directory !== 'entry point'),
    )
    expect([...directories].sort()).toEqual(Object.keys(layers).sort())
  })

  test('go to other packages by name and public entry point only, and inside the core down or sideways only', () => {
    expect(imports.map((entry) => [entry, violation(entry)]).filter(([, fault]) => fault !== undefined)).toEqual([])
  })

  test('of tests go to the sources of no other package: what tests share stands in a tests directory', () => {
    const tests = Object.keys(packages).flatMap((directory) => filesOf(directory, 'tests'))
    expect(tests.length).toBeGreaterThan(300)
    const paths = tests.flatMap(importsOf).filter(({ to }) => isPath({ from: '', to }) || /(?:^|\/)tests\//.test(to))
    expect(paths.length).toBeGreaterThan(500)
    expect(paths.filter(({ from, to }) => isForeignSource(from, to))).toEqual([])
    expect(isForeignSource('packages/http/tests/a.test.ts', 'packages/mcp/src/b.ts')).toBe(true)
    expect(isForeignSource('packages/http/tests/a.test.ts', 'src/facts/ids.ts')).toBe(true)
    expect(isForeignSource('packages/http/tests/a.test.ts', 'packages/mcp/tests/b.ts')).toBe(false)
    expect(isForeignSource('tests/facts/a.test.ts', 'src/facts/ids.ts')).toBe(false)
  })

  test.each<[string, string, string | undefined]>([
    ['src/facts/ids.ts', 'src/scope/ownership.ts', 'a layer above'],
    ['src/scope/ownership.ts', 'src/index.ts', 'an entry point, from inside'],
    ['src/scope/ownership.ts', 'jose', 'a package, from the core'],
    ['src/facts/sha-256.ts', 'node:crypto', 'a module of Node, from the core'],
    ['src/facts/sha-256.ts', 'crypto', 'a module of Node, from the core'],
    ['src/ambient.ts', 'node:async_hooks', 'a module of Node, from the core'],
    ['src/scope/ambient-context.ts', 'node:async_hooks', undefined],
    ['packages/golden-path/src/index.ts', 'src/facts/ids.ts', 'a path into another package'],
    ['packages/golden-path/src/index.ts', `${core}/dist/index.js`, 'no entry point'],
    ['packages/adopt/src/bin.ts', core, 'a package it may not know'],
    ['src/scope/ownership.ts', 'src/facts/ids.ts', undefined],
  ])('would be refused from %s to %s: %s', (from, to, fault) => {
    expect(violation({ from, to })).toBe(fault)
  })

  test('make no cycle among the directories of the core', () => {
    const edges = new Map<string, Set<string>>()
    for (const { from, to } of imports.filter((entry) => isPath(entry) && packageOf(entry.from) === '.')) {
      if (directoryOf(from) !== directoryOf(to))
        edges.set(directoryOf(from), (edges.get(directoryOf(from)) ?? new Set()).add(directoryOf(to)))
    }
    expect([...edges.keys()].filter((directory) => reaches(edges, directory, directory))).toEqual([])
  })

  test('make no cycle among files, types included', () => {
    const edges = new Map<string, Set<string>>()
    for (const { from, to } of imports.filter(isPath)) edges.set(from, (edges.get(from) ?? new Set()).add(to))
    expect(edges.size).toBeGreaterThan(100)
    expect(files.filter((file) => reaches(edges, file, file))).toEqual([])
  })
})

function reaches(
  edges: ReadonlyMap<string, ReadonlySet<string>>,
  from: string,
  to: string,
  seen = new Set<string>(),
): boolean {
  return [...(edges.get(from) ?? [])].some(
    (next) => next === to || (!seen.has(next) && reaches(edges, next, to, seen.add(next))),
  )
}

describe('files', () => {
  test(`are at most ${maxLines} lines long, tables apart`, () => {
    const long = files.filter((file) => !tables.includes(file) && source(file).split('\n').length - 1 > maxLines)
    expect(long).toEqual([])
  })

  test('are named in kebab-case, and none is a drawer', () => {
    expect(files.filter((file) => !/^[a-z0-9]+(-[a-z0-9]+)*\.ts$/.test(basename(file)))).toEqual([])
    const names = files
      .filter((file) => basename(file) !== 'index.ts')
      .flatMap((file) => file.replace('.ts', '').split('/'))
    expect(
      names.filter((name) => ['utils', 'util', 'helpers', 'helper', 'common', 'misc', 'types', 'index'].includes(name)),
    ).toEqual([])
  })

  test('export by name only', () => {
    expect(files.filter((file) => /^export (default|\*)/m.test(source(file)))).toEqual([])
  })

  test('open with a comment that says what they are for', () => {
    expect(files.filter((file) => !/^(#!.*\n)?(\/\*\*|\/\/)/.test(source(file)))).toEqual([])
  })

  test('as entry points hold nothing but re-exports', () => {
    const entryFiles = files.filter((file) => entryPoints.has(toEntryPoint(file)))
    expect(entryFiles).toContain('src/index.ts')
    expect(entryFiles).toContain('packages/golden-path/src/login.ts')
    const others = entryFiles.filter(
      (file) =>
        source(file)
          .replace(/\/\*\*[\s\S]*?\*\//g, '')
          .replace(/export (type )?\{[^}]*\} from '[^']+'\n/g, '')
          .trim() !== '',
    )
    expect(others).toEqual([])
  })
})

/** The entry point that a file directly in `src` would be. */
function toEntryPoint(file: string): string {
  const { name } = manifestOf(packageOf(file))
  return basename(dirname(file)) !== 'src'
    ? ''
    : basename(file) === 'index.ts'
      ? name
      : `${name}/${basename(file, '.ts')}`
}
