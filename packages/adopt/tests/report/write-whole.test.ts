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
  let directory: string
  beforeEach(() => void (directory = mkdtempSync(join(tmpdir(), 'write-'))))
  afterEach(() => rmSync(directory, { recursive: true, force: true }))

  test('writes a new file and replaces an old one, with nothing beside it', () => {
    writeWhole(join(directory, 'a'), 'first, and longer')
    writeWhole(join(directory, 'a'), 'second')
    expect([readdirSync(directory), readFileSync(join(directory, 'a'), 'utf8')]).toEqual([['a'], 'second'])
  })

  test('writes through a link, which stays one', () => {
    writeFileSync(join(directory, 'a'), 'old')
    symlinkSync(join(directory, 'a'), join(directory, 'link'))
    writeWhole(join(directory, 'link'), 'new')
    expect([lstatSync(join(directory, 'link')).isSymbolicLink(), readFileSync(join(directory, 'a'), 'utf8')]).toEqual([
      true,
      'new',
    ])
  })

  // A pipe of its own stands for /dev/null: a mistake here must not replace the machine's device.
  test('writes into what is no regular file, and does not replace it', async () => {
    const pipe = join(directory, 'pipe')
    execFileSync('mkfifo', [pipe])
    const reader = spawn('cat', [pipe], { stdio: ['ignore', 'pipe', 'inherit'] })
    writeWhole(pipe, 'text')
    const isPipe = lstatSync(pipe).isFIFO()
    if (!isPipe) reader.kill()
    let read = ''
    for await (const chunk of reader.stdout) read += String(chunk)
    expect([isPipe, read, readdirSync(directory)]).toEqual([true, 'text', ['pipe']])
  })

  test('refuses a directory and a place that is not there, and leaves nothing behind', () => {
    mkdirSync(join(directory, 'a'))
    for (const file of ['a', 'b/c']) expect(() => writeWhole(join(directory, file), 'text')).toThrow(AdoptError)
    expect(readdirSync(directory)).toEqual(['a'])
  })
})
