import { execFileSync } from 'node:child_process'
import { chmodSync, cpSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { AdoptError } from '../../src/adopt-error.ts'
import { applyScan } from '../../src/migrate/migrate.ts'
import { scan } from '../../src/scan/scan.ts'
import { openCase, readSources } from './migrate-case.ts'
import type { OpenCase } from './migrate-case.ts'

let open: OpenCase | undefined
afterEach(() => open?.remove())

function git(root: string, ...parameters: string[]): void {
  execFileSync('git', ['-c', 'user.name=test', '-c', 'user.email=test@localhost', ...parameters], {
    cwd: root,
    stdio: 'ignore',
  })
}

describe('migrate', () => {
  test('refuses to begin when the target does not resolve, and names the package to install it in', async () => {
    open = openCase('class-a-duplicates')
    rmSync(join(open.root, 'node_modules/user-execution-context'), { recursive: true })
    const before = readSources(open.root)
    for (const options of [{ write: true }, {}]) {
      const error = await open.run(options).catch((reason: unknown) => reason)
      expect((error as AdoptError).code).toBe('TARGET_ABSENT')
      expect((error as AdoptError).message).toContain('in the root (TS2307): install it there first')
    }
    expect(readSources(open.root)).toEqual(before)
  })

  test('names the one package of a workspace that lacks the target', async () => {
    open = openCase('class-a-duplicates')
    const inner = join(open.root, 'src/inner')
    mkdirSync(inner)
    for (const file of ['first.ts', 'second.ts', 'use.ts']) cpSync(join(open.root, 'src', file), join(inner, file))
    writeFileSync(join(inner, 'package.json'), '{ "type": "module" }')
    mkdirSync(join(inner, 'node_modules'))
    renameSync(
      join(open.root, 'node_modules/user-execution-context'),
      join(inner, 'node_modules/user-execution-context'),
    )
    const error = await open.run({ write: true }).catch((reason: unknown) => reason)
    expect((error as AdoptError).message).toContain('does not resolve in the root (TS2307)')
  })

  test('writes nothing without write, and its diff is what git applies to the same result', async () => {
    open = openCase('literal-forms')
    const before = readSources(open.root)
    const dry = await open.run()
    expect(readSources(open.root)).toEqual(before)
    expect(dry.written).toBe(false)
    execFileSync('git', ['apply', '--whitespace=nowarn', '-'], {
      cwd: open.root,
      input: dry.files.map((one) => one.diff).join(''),
    })
    const applied = readSources(open.root)
    for (const [file, text] of Object.entries(before)) writeFileSync(join(open.root, file), text, 'latin1')
    await open.run({ write: true })
    expect(readSources(open.root)).toEqual(applied)
  })

  test('refuses to write into a dirty git tree, and writes with force', async () => {
    open = openCase('class-a-duplicates')
    git(open.root, 'init', '-q')
    const error = await open.run({ write: true }).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(AdoptError)
    expect((error as AdoptError).code).toBe('TREE_DIRTY')
    expect((await open.run({ write: true, force: true })).written).toBe(true)
  })

  test('writes into a clean git tree', async () => {
    open = openCase('class-a-duplicates')
    git(open.root, 'init', '-q')
    git(open.root, 'add', '-A')
    git(open.root, 'commit', '-qm', 'State')
    expect((await open.run({ write: true })).written).toBe(true)
  })

  test('writes no file when one is read-only', async () => {
    open = openCase('class-becomes-reexport')
    chmodSync(join(open.root, 'src/index.ts'), 0o444)
    const before = readSources(open.root)
    const error = await open.run({ write: true }).catch((reason: unknown) => reason)
    expect((error as AdoptError).code).toBe('TREE_UNWRITABLE')
    expect(readSources(open.root)).toEqual(before)
  })

  test('refuses findings of a text that has changed since the scan read it', async () => {
    open = openCase('class-a-duplicates')
    const options = { root: open.root, types: ['UserExecutionContext'] }
    const found = await scan(options)
    const file = join(open.root, 'src/use.ts')
    writeFileSync(file, `\n${readFileSync(file, 'utf8')}`)
    const before = readSources(open.root)
    const error = await applyScan(found, { scan: options, write: true }).catch((reason: unknown) => reason)
    expect([(error as AdoptError).code, (error as AdoptError).file]).toEqual(['FILE_CHANGED', 'src/use.ts'])
    expect(readSources(open.root)).toEqual(before)
  })

  test('edits one kind only, and then leaves the definitions', async () => {
    open = openCase('literal-forms')
    const result = await open.run({ only: ['literal-argument'], write: true })
    expect(result.definitionsMoved).toEqual([])
    const text = readFileSync(join(open.root, 'src/sites.ts'), 'utf8')
    // Of the three arguments, the one that spreads a context of the old type has to wait for the definition.
    expect(text.match(/createForUser\(/g)).toHaveLength(2)
    expect(result.left.map((one) => one.reason)).toEqual([expect.stringContaining('TS2339 while the definitions stay')])
    expect(text).not.toContain('TODO(user-execution-context)')
    expect(text).toContain('satisfies UserExecutionContext')
    expect(result.unsettled).toEqual([])
    const rest = await open.run({ write: true })
    expect([rest.moved, rest.left]).toEqual([10, []])
  })

  test('edits one directory only', async () => {
    open = openCase('class-becomes-reexport')
    const result = await open.run({ directory: 'src/models', write: true })
    expect(result.files).toEqual([])
  })

  test('refuses a directory that holds nothing, and takes the root for all', async () => {
    open = openCase('literal-forms')
    for (const directory of ['nosuch', open.root, join(open.root, 'src'), '../base/src', 'sr']) {
      const error = await open.run({ directory }).catch((reason: unknown) => reason)
      expect((error as AdoptError).code).toBe('USAGE')
      expect((error as AdoptError).message).toContain(`is below --dir ${directory}. Name a directory by its path from`)
    }
    const { moved } = await open.run({ directory: 'src' })
    for (const directory of ['.', './', './src/', 'src/../src'])
      expect((await open.run({ directory })).moved).toBe(moved)
    expect(moved).toBeGreaterThan(0)
  })

  test('edits so many files at most', async () => {
    open = openCase('test-target')
    expect((await open.run()).files.length).toBeGreaterThan(1)
    expect((await open.run({ maxFiles: 1 })).files).toHaveLength(1)
  })
})
