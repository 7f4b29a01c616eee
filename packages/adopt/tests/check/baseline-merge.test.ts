// Two branches change the baseline; git merges it with merge=union, as the docs advise.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parseBaseline, printBaseline, type Baseline, type BaselineEntry } from '../../src/check/baseline.ts'

const entry = (name: string, text = 'abcdefabcdef'): BaselineEntry => ({
  file: `src/${name}.ts`,
  kind: 'cast',
  type: 'Context',
  enclosing: 'run',
  text,
})
const base = (...names: readonly string[]): Baseline => ({
  started: names.length,
  entries: names.map((name) => entry(name)),
})
const start = base('c', 'f', 'j', 'm')
const without = (...gone: readonly string[]): Baseline => ({
  started: 4,
  entries: start.entries.filter(({ file }) => !gone.includes(file.slice(4, -3))),
})
const plus = (...names: readonly string[]): Baseline => ({
  started: 4 + names.length,
  entries: [...start.entries, ...names.map((name) => ({ ...entry(name), reason: `for ${name}` }))],
})

/** The merged file; both branches begin at `from`. */
const merge = (from: Baseline, ours: Baseline, theirs: Baseline): Baseline => {
  const directory = mkdtempSync(join(tmpdir(), 'baseline-'))
  try {
    const git = (...words: string[]): void =>
      void execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@localhost', ...words], {
        cwd: directory,
        stdio: 'ignore',
      })
    const commit = (baseline: Baseline): void => {
      writeFileSync(join(directory, 'b.json'), printBaseline(baseline))
      git('add', '-A')
      git('commit', '-q', '--allow-empty', '-m', 'x')
    }
    git('init', '-q', '-b', 'ours')
    writeFileSync(join(directory, '.gitattributes'), 'b.json merge=union\n')
    commit(from)
    git('checkout', '-q', '-b', 'theirs')
    commit(theirs)
    git('checkout', '-q', 'ours')
    commit(ours)
    git('merge', '-q', '--no-edit', 'theirs')
    return parseBaseline(readFileSync(join(directory, 'b.json'), 'utf8'), 'b.json')
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

describe('a union merge of two baselines', () => {
  test.each<[string, Baseline, Baseline, Baseline, readonly string[]]>([
    ['entries added far apart', start, plus('a'), plus('z'), ['a', 'z']],
    ['entries added at one place', start, plus('d'), plus('e'), ['d', 'e']],
    ['entries added at the end', start, plus('x'), plus('y'), ['x', 'y']],
    ['entries added at the start', start, plus('a'), plus('b'), ['a', 'b']],
    ['the same entry added by both', start, plus('d'), plus('d'), ['d']],
    ['entries removed by both', start, without('c'), without('m'), []],
    ['neighbours removed by both', start, without('c'), without('f'), []],
    ['one adds, one removes its neighbour', start, plus('d'), without('c'), ['d']],
    ['one empties the list, one adds', start, without('c', 'f', 'j', 'm'), plus('k'), ['k']],
    ['both fill an empty list', base(), base('a'), base('b'), ['a', 'b']],
    [
      'a list of one that both replace',
      base('a'),
      { ...base('b'), started: 2 },
      { ...base('c'), started: 2 },
      ['b', 'c'],
    ],
    ['many added by both', start, plus(...'abcde'), plus(...'uvwxyz'), [...'abcdeuvwxyz']],
  ])('is a baseline: %s', (_, from, ours, theirs, added) => {
    const merged = merge(from, ours, theirs)
    const files = merged.entries.map(({ file }) => file)
    for (const name of added) expect(files).toContain(`src/${name}.ts`)
    expect(merged.started).toBeGreaterThanOrEqual(Math.max(ours.started, theirs.started))
  })
})
