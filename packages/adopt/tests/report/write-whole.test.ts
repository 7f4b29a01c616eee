import { execFileSync, spawn } from 'node:child_process'
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { AdoptError } from '../../src/adopt-error.ts'
import { writeWhole } from '../../src/report/write-whole.ts'

describe('writeWhole', () => {
  let folder: string
  beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'write-'))))
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  test('writes a new file and replaces an old one, with nothing beside it', () => {
    writeWhole(join(folder, 'a'), 'first, and longer')
    writeWhole(join(folder, 'a'), 'second')
    expect([readdirSync(folder), readFileSync(join(folder, 'a'), 'utf8')]).toEqual([['a'], 'second'])
  })

  test('writes through a link, which stays one', () => {
    writeFileSync(join(folder, 'a'), 'old')
    symlinkSync(join(folder, 'a'), join(folder, 'link'))
    writeWhole(join(folder, 'link'), 'new')
    expect([lstatSync(join(folder, 'link')).isSymbolicLink(), readFileSync(join(folder, 'a'), 'utf8')]).toEqual([
      true,
      'new',
    ])
  })

  // A pipe of its own stands for /dev/null: a mistake here must not replace the machine's device.
  test('writes into what is no regular file, and does not replace it', async () => {
    const pipe = join(folder, 'pipe')
    execFileSync('mkfifo', [pipe])
    const reader = spawn('cat', [pipe], { stdio: ['ignore', 'pipe', 'inherit'] })
    writeWhole(pipe, 'text')
    const isPipe = lstatSync(pipe).isFIFO()
    if (!isPipe) reader.kill()
    let read = ''
    for await (const chunk of reader.stdout) read += String(chunk)
    expect([isPipe, read, readdirSync(folder)]).toEqual([true, 'text', ['pipe']])
  })

  test('refuses a folder and a place that is not there, and leaves nothing behind', () => {
    mkdirSync(join(folder, 'a'))
    for (const file of ['a', 'b/c']) expect(() => writeWhole(join(folder, file), 'text')).toThrow(AdoptError)
    expect(readdirSync(folder)).toEqual(['a'])
  })
})
