// Keeps the house in order: imports go down only, folders form no cycle, files stay small and are named for what they hold.
import { readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join, posix } from 'node:path'
import { describe, expect, test } from 'vitest'

/** Floor of each folder of src/. `beside` folders read source code and import no floor. */
const floors: Readonly<Record<string, number>> = {
  errors: 0, facts: 1, identity: 2, context: 3, scope: 4, transfer: 5, 'golden-path': 6, adapters: 7, server: 8,
}
const beside = ['adopt', 'lint', 'cli']
const maxLines = 250
/** Files that are nothing but a table may be longer. */
const tables = ['src/errors/error-codes.ts']

const files = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts')).map((file) => posix.join('src', file))
const source = (file: string): string => readFileSync(file, 'utf8')

type Import = { readonly from: string; readonly to: string }

/** The imports of a file of ours, as paths from the root. Type imports count too: a type is a dependency. */
function importsOf(file: string): readonly Import[] {
  const specifiers = source(file).matchAll(/(?:^(?:import|export|\}) [^'\n]*from |^import |\bimport\()'(\.[^']+)'/gm)
  return Array.from(specifiers, ([, specifier]) => ({ from: file, to: posix.join(dirname(file), specifier!) }))
}

const imports = files.flatMap(importsOf)
const folderOf = (file: string): string => (dirname(file) === 'src' ? 'door' : file.split('/')[1]!)

function violation({ from, to }: Import): boolean {
  const [left, right] = [folderOf(from), folderOf(to)]
  if (left === right || left === 'door') return false
  if (right === 'door' || beside.includes(left) || beside.includes(right)) return true
  return floors[right]! > floors[left]!
}

describe('floors', () => {
  test('knows the floor of every folder', () => {
    const folders = new Set(files.map(folderOf).filter((folder) => folder !== 'door'))
    expect(folders.size).toBeGreaterThan(4)
    expect([...folders].filter((folder) => floors[folder] === undefined && !beside.includes(folder))).toEqual([])
  })

  test('reads real imports', () => {
    expect(imports).toContainEqual({ from: 'src/context/run-request.ts', to: 'src/facts/ids.ts' })
    expect(imports.filter(({ to }) => !files.includes(to))).toEqual([])
  })

  test('lets an import go down or sideways inside its folder, never up, never to a door, never beside', () => {
    expect(imports.filter(violation)).toEqual([])
  })

  test('would see an import that goes up, one to a door, and one beside', () => {
    expect(violation({ from: 'src/facts/ids.ts', to: 'src/scope/ownership.ts' })).toBe(true)
    expect(violation({ from: 'src/scope/ownership.ts', to: 'src/index.ts' })).toBe(true)
    expect(violation({ from: 'src/adopt/scan/a.ts', to: 'src/facts/ids.ts' })).toBe(true)
    expect(violation({ from: 'src/server/start.ts', to: 'src/adopt/scan/a.ts' })).toBe(true)
    expect(violation({ from: 'src/scope/ownership.ts', to: 'src/facts/ids.ts' })).toBe(false)
  })

  test('has no cycle among folders', () => {
    const edges = new Map<string, Set<string>>()
    for (const { from, to } of imports) {
      if (folderOf(from) !== folderOf(to)) edges.set(folderOf(from), (edges.get(folderOf(from)) ?? new Set()).add(folderOf(to)))
    }
    const reaches = (from: string, to: string, seen = new Set<string>()): boolean =>
      [...(edges.get(from) ?? [])].some((next) => next === to || (!seen.has(next) && reaches(next, to, seen.add(next))))
    expect([...edges.keys()].filter((folder) => reaches(folder, folder))).toEqual([])
  })

  test('has no cycle of value imports among the files of the core', () => {
    const values = imports.filter(({ from, to }) => new RegExp(`^import (?!type).*'${escapePath(posix.relative(dirname(from), to))}'`, 'm').test(source(from)))
    const reaches = (from: string, to: string, seen = new Set<string>()): boolean =>
      values.some((edge) => edge.from === from && (edge.to === to || (!seen.has(edge.to) && reaches(edge.to, to, seen.add(edge.to)))))
    expect(values.length).toBeGreaterThan(20)
    expect(files.filter((file) => (floors[folderOf(file)] ?? 9) <= 4 && reaches(file, file))).toEqual([])
  })
})

describe('files', () => {
  test(`are at most ${maxLines} lines long, tables apart`, () => {
    const long = files.filter((file) => !tables.includes(file) && source(file).split('\n').length - 1 > maxLines)
    expect(long).toEqual([])
  })

  test('are named in kebab-case, and none is a drawer', () => {
    expect(files.filter((file) => !/^[a-z0-9]+(-[a-z0-9]+)*\.ts$/.test(basename(file)))).toEqual([])
    const names = files.filter((file) => file !== 'src/index.ts').flatMap((file) => file.replace('.ts', '').split('/'))
    expect(names.filter((name) => ['utils', 'util', 'helpers', 'helper', 'common', 'misc', 'types', 'index'].includes(name))).toEqual([])
  })

  test('export by name only', () => {
    expect(files.filter((file) => /^export (default|\*)/m.test(source(file)))).toEqual([])
  })

  test('open with a comment that says what they are for', () => {
    expect(files.filter((file) => !/^(#!.*\n)?(\/\*\*|\/\/)/.test(source(file)))).toEqual([])
  })

  test('as doors hold nothing but re-exports', () => {
    const doors = files.filter((file) => folderOf(file) === 'door')
    expect(doors).toContain(join('src', 'index.ts'))
    const others = doors.filter((file) => source(file).replace(/\/\*\*[\s\S]*?\*\//g, '').replace(/export (type )?\{[^}]*\} from '[^']+'\n/g, '').trim() !== '')
    expect(others).toEqual([])
  })
})

function escapePath(path: string): string {
  const relative = path.startsWith('.') ? path : `./${path}`
  return relative.replace(/[.]/g, '\\.')
}
