import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { AdoptError } from '../../src/adopt-error.ts'
import { parseBaseline, printBaseline, type BaselineEntry } from '../../src/check/baseline.ts'

const entry = (name: string): BaselineEntry => ({
  file: `src/${name}.ts`,
  kind: 'cast',
  type: 'Context',
  enclosing: 'run',
  text: 'abcdefabcdef',
})
const manyEntries = Array.from({ length: 40 }, (_, index) => entry(String(index).padStart(3, '0')))

describe('printBaseline', () => {
  test('gives one sorted line per violation, whatever the order of the findings', () => {
    const printed = printBaseline({ started: 3, entries: [entry('b'), entry('a'), entry('b')] })
    expect(
      printed
        .split('\n')
        .slice(3, 6)
        .map((line) => line.slice(10, 18)),
    ).toEqual(['src/a.ts', 'src/b.ts', 'src/b.ts'])
    expect(printBaseline({ started: 3, entries: [entry('b'), entry('b'), entry('a')] })).toBe(printed)
  })

  test('is read back unchanged, with any characters in names and reasons', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({ file: fc.string(), enclosing: fc.string(), reason: fc.string().map((text) => `r${text}`) }),
        ),
        (parts) => {
          const entries = parts.map((part) => ({ ...entry('x'), ...part }))
          expect(
            new Set(
              parseBaseline(printBaseline({ started: 0, entries }), 'b.json').entries.map((one) => JSON.stringify(one)),
            ),
          ).toEqual(new Set(entries.map((one) => JSON.stringify(one))))
        },
      ),
    )
  })
})

describe('parseBaseline', () => {
  test('keeps the count that the baseline started with, and repairs one that is too small', () => {
    expect(parseBaseline(printBaseline({ started: 1_600, entries: [entry('a')] }), 'b.json').started).toBe(1_600)
    expect(parseBaseline(printBaseline({ started: 0, entries: [entry('a')] }), 'b.json').started).toBe(1)
  })

  test.each([
    ['text that is not JSON', '{', 'is not JSON'],
    ['another version', '{"version":2,"violations":[]}', 'version 1'],
    [
      'an unknown kind',
      '{"version":1,"violations":[{"file":"a","kind":"constructor","type":"","enclosing":"","text":""}]}',
      'violation 1',
    ],
    [
      'an empty reason',
      '{"version":1,"violations":[{"file":"a","kind":"cast","type":"","enclosing":"","text":"","reason":" "}]}',
      'violation 1',
    ],
    ['merge conflict markers', '{\n<<<<<<< ours\n}', 'Keep the lines of both sides'],
  ])('refuses %s and names the file', (_what, text, said) => {
    const read = () => parseBaseline(text, 'context-baseline.json')
    expect(read).toThrow(AdoptError)
    expect(read).toThrow('context-baseline.json')
    expect(read).toThrow(said)
  })
})

describe('the baseline in git', () => {
  test('merges by itself when two branches fix different violations', () => {
    expect(merge({ ours: manyEntries.toSpliced(5, 2), theirs: manyEntries.toSpliced(30, 2) })).toEqual(
      manyEntries.toSpliced(30, 2).toSpliced(5, 2),
    )
  })

  test('stays readable under a union merge when two branches add at the same place', () => {
    const [start, ours, theirs] = [
      manyEntries.slice(0, 3),
      [...manyEntries.slice(0, 3), entry('x')],
      [...manyEntries.slice(0, 3), entry('y')],
    ]
    expect(merge({ start, ours, theirs, attributes: '*.json merge=union\n' })).toEqual([
      ...start,
      entry('x'),
      entry('y'),
    ])
  })
})

// Real git: two branches from one start, merged. Gives the entries of the merged file.
const merge = (input: {
  start?: readonly BaselineEntry[]
  ours: readonly BaselineEntry[]
  theirs: readonly BaselineEntry[]
  attributes?: string
}) => {
  const directory = mkdtempSync(join(tmpdir(), 'baseline-merge-'))
  const git = (...words: string[]) =>
    execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@t', ...words], { cwd: directory, stdio: 'pipe' })
  const commit = (entries: readonly BaselineEntry[]) => {
    writeFileSync(join(directory, 'b.json'), printBaseline({ started: 40, entries }))
    git('add', '-A')
    git('commit', '-qm', 'step')
  }
  git('init', '-q', '-b', 'ours')
  writeFileSync(join(directory, '.gitattributes'), input.attributes ?? '')
  commit(input.start ?? manyEntries)
  git('checkout', '-qb', 'theirs')
  commit(input.theirs)
  git('checkout', '-q', 'ours')
  commit(input.ours)
  git('merge', '-q', '--no-edit', 'theirs')
  return parseBaseline(readFileSync(join(directory, 'b.json'), 'utf8'), 'b.json').entries
}
