import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { AdoptError } from '../../src/adopt-error.ts'
import { readSource, toContentHash, toFileBytes } from '../../src/engine/source-text.ts'
import { writeAllOrNothing } from '../../src/migrate/write-all.ts'

let root = ''
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'write-'))
  for (const name of ['a.ts', 'b.ts', 'c.ts']) writeFileSync(join(root, name), `old ${name}`)
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

const planned = (file: string) => ({
  file,
  hash: toContentHash(readFileSync(join(root, file))),
  bytes: Buffer.from(`new ${file}`),
})
const contents = (): string[] => ['a.ts', 'b.ts', 'c.ts'].map((name) => readFileSync(join(root, name), 'utf8'))
const unchanged = ['old a.ts', 'old b.ts', 'old c.ts']

function refusal(run: () => void): AdoptError {
  try {
    run()
  } catch (error) {
    if (error instanceof AdoptError) return error
    throw error
  }
  throw new Error('nothing was refused')
}

describe('writeAllOrNothing', () => {
  test('writes every file and leaves nothing beside them', () => {
    writeAllOrNothing(root, ['a.ts', 'b.ts', 'c.ts'].map(planned))
    expect(contents()).toEqual(['new a.ts', 'new b.ts', 'new c.ts'])
    expect(readdirSync(root).sort()).toEqual(['a.ts', 'b.ts', 'c.ts'])
  })

  test('writes nothing when one file changed since it was read', () => {
    const writes = ['a.ts', 'b.ts', 'c.ts'].map(planned)
    writeFileSync(join(root, 'b.ts'), 'somebody was here')
    const error = refusal(() => writeAllOrNothing(root, writes))
    expect([error.code, error.file, error.exitCode]).toEqual(['FILE_CHANGED', 'b.ts', 2])
    expect(contents()).toEqual(['old a.ts', 'somebody was here', 'old c.ts'])
    expect(readdirSync(root)).toHaveLength(3)
  })

  test('writes nothing when one file is read-only, even for the superuser', () => {
    chmodSync(join(root, 'c.ts'), 0o444)
    const error = refusal(() => writeAllOrNothing(root, ['a.ts', 'b.ts', 'c.ts'].map(planned)))
    expect([error.code, error.file]).toEqual(['TREE_UNWRITABLE', 'c.ts'])
    expect(contents()).toEqual(unchanged)
    expect(readdirSync(root)).toHaveLength(3)
  })

  test('writes nothing when a directory is read-only', () => {
    mkdirSync(join(root, 'locked'))
    writeFileSync(join(root, 'locked/d.ts'), 'old d')
    chmodSync(join(root, 'locked'), 0o555)
    const error = refusal(() => writeAllOrNothing(root, ['a.ts', 'locked/d.ts'].map(planned)))
    expect(error.code).toBe('TREE_UNWRITABLE')
    expect(contents()).toEqual(unchanged)
    chmodSync(join(root, 'locked'), 0o755)
  })

  test('puts every file back when a later one cannot be replaced', () => {
    const writes = ['a.ts', 'b.ts', 'c.ts'].map(planned)
    // A directory in the place of the last backup: the first two are written by then.
    mkdirSync(join(root, `c.ts.${process.pid}.migrate-old`))
    const error = refusal(() => writeAllOrNothing(root, writes))
    expect([error.code, error.file]).toEqual(['TREE_UNWRITABLE', 'c.ts'])
    expect(contents()).toEqual(unchanged)
  })

  test('follows a link and keeps the mode', () => {
    symlinkSync(join(root, 'a.ts'), join(root, 'link.ts'))
    chmodSync(join(root, 'a.ts'), 0o755)
    writeAllOrNothing(root, [planned('link.ts')])
    expect(lstatSync(join(root, 'link.ts')).isSymbolicLink()).toBe(true)
    expect(readFileSync(join(root, 'a.ts'), 'utf8')).toBe('new link.ts')
    expect(statSync(join(root, 'a.ts')).mode & 0o777).toBe(0o755)
  })
})

describe('readSource', () => {
  test('gives the text without its byte order mark, and the mark back when written', () => {
    writeFileSync(join(root, 'a.ts'), '\uFEFFconst a = 1')
    const source = readSource(join(root, 'a.ts'))
    expect(source.text).toBe('const a = 1')
    expect(toFileBytes(source, source.text)).toEqual(readFileSync(join(root, 'a.ts')))
  })

  test('refuses what is not UTF-8, and names the file', () => {
    writeFileSync(join(root, 'a.ts'), Buffer.from([0x63, 0xe9, 0x20]))
    const error = refusal(() => void readSource(join(root, 'a.ts')))
    expect([error.code, error.file]).toEqual(['FILE_UNREADABLE', join(root, 'a.ts')])
  })
})
