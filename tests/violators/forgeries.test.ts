// What each compiler says to each row of the table of forgeries.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import type { CompilerVersion } from '../forgery/forgeries.ts'
import { forgedPrograms, writeForgedPrograms } from '../forgery/forged-program.ts'
import { compile, compilers, speaksForOthers, type Diagnostic } from './compile.ts'

const directory = '.data/compiled-forgeries'
const found = new Map<string, readonly Diagnostic[]>()
const key = (version: string, file: string): string => `${version} ${file}`

beforeAll(() => {
  writeForgedPrograms(directory)
  const files = forgedPrograms.map(({ file }) => file)
  const alone = files.filter((file) => speaksForOthers(readFileSync(join(directory, file), 'utf8')))
  for (const version of Object.keys(compilers) as CompilerVersion[]) {
    for (const program of [files.filter((file) => !alone.includes(file)), ...alone.map((file) => [file])]) {
      for (const [file, messages] of compile(version, directory, program)) found.set(key(version, file), messages)
    }
  }
})

describe.each(Object.keys(compilers) as CompilerVersion[])('tsc %s', (version) => {
  test.each(forgedPrograms)('on the forgery of a $target: $name', ({ file, tsc }) => {
    const messages = found.get(key(version, file))!
    expect(messages.map(({ code }) => code)).toEqual(tsc === 'silent' ? [] : tsc.codes[version])
    if (tsc !== 'silent') expect(messages.map(({ text }) => text).join(' ')).toContain(tsc.says)
  })

  test('says nothing about files that are no row', () => {
    const rows = new Set(forgedPrograms.map(({ file }) => file))
    const others = [...found].filter(([file, messages]) => !rows.has(file.slice(4)) && messages.length > 0)
    expect(others).toEqual([])
  })
})
