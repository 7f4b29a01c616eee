import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { AdoptError } from '../../src/adopt-error.ts'
import { printBaseline } from '../../src/check/baseline.ts'
import { readChangesSince, readAtCommit, readBurnDown } from '../../src/check/git-history.ts'
import { toEntry } from '../../src/check/match-baseline.ts'
import { makeFinding } from './findings.ts'

const makeRepository = () => {
  const top = realpathSync(mkdtempSync(join(tmpdir(), 'history-')))
  const root = join(top, 'app')
  mkdirSync(root)
  const git = (...words: string[]) =>
    execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@t', ...words], { cwd: top, encoding: 'utf8' })
  const commit = (files: Record<string, string>, atSeconds: number) => {
    for (const [file, text] of Object.entries(files)) writeFileSync(join(root, file), text)
    git('add', '-A')
    execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@t', 'commit', '-qm', 'step'], {
      cwd: top,
      env: { ...process.env, GIT_COMMITTER_DATE: `${1_700_000_000 + atSeconds} +0000` },
    })
  }
  git('init', '-q', '-b', 'trunk')
  return { root, git, commit }
}

const baselineOf = (size: number) =>
  printBaseline({
    started: 3,
    entries: Array.from({ length: size }, (_, index) => toEntry(makeFinding({ file: `src/${index}.ts` }))),
  })

describe('readChangesSince', () => {
  test('sees committed, uncommitted and untracked changes of this side only, relative to the root', () => {
    const { root, git, commit } = makeRepository()
    commit({ 'same.ts': '1', 'edited.ts': '1', 'ümlaut "x".ts': '1', 'removed.ts': '1' }, 1)
    git('branch', 'main')
    commit({ 'edited.ts': '2', 'ümlaut "x".ts': '2' }, 2)
    git('checkout', '-q', 'main')
    commit({ 'theirs.ts': '1' }, 3)
    git('checkout', '-q', 'trunk')
    writeFileSync(join(root, 'untracked.ts'), '1')
    rmSync(join(root, 'removed.ts'))
    const { isChanged } = readChangesSince(root, 'main')
    const files = ['same.ts', 'edited.ts', 'ümlaut "x".ts', 'theirs.ts', 'untracked.ts']
    expect(files.filter(isChanged)).toEqual(['edited.ts', 'ümlaut "x".ts', 'untracked.ts'])
  })

  test.each(['no-such-branch', '--output=/tmp/x', ''])('refuses the revision "%s"', (revision) => {
    const { root, commit } = makeRepository()
    commit({ 'a.ts': '1' }, 1)
    expect(() => readChangesSince(root, revision)).toThrow(AdoptError)
  })
})

describe('readBurnDown', () => {
  test('counts the entries at each commit that changed the file', () => {
    const { root, commit } = makeRepository()
    const file = join(root, 'b.json')
    commit({ 'b.json': baselineOf(3) }, 100)
    commit({ 'a.ts': '1' }, 200)
    commit({ 'b.json': baselineOf(1) }, 300)
    commit({ 'b.json': baselineOf(0) }, 400)
    expect(readBurnDown(file)).toEqual([
      { atMs: 1_700_000_100_000, left: 3, moved: 0, kept: 0, reverted: 0 },
      { atMs: 1_700_000_300_000, left: 1, moved: 2, kept: 2, reverted: 0 },
      { atMs: 1_700_000_400_000, left: 0, moved: 3, kept: 3, reverted: 0 },
    ])
  })

  test('is empty outside git', () => {
    expect(readBurnDown(join(mkdtempSync(join(tmpdir(), 'no-git-')), 'b.json'))).toEqual([])
  })
})

describe('readAtCommit', () => {
  test('gives the text of that time, and nothing for a file that was not there', () => {
    const { root, commit } = makeRepository()
    commit({ 'a.ts': 'old' }, 1)
    commit({ 'a.ts': 'new', 'b.ts': 'new' }, 2)
    expect(readAtCommit(join(root, 'a.ts'), 'HEAD~1')).toBe('old')
    expect(readAtCommit(join(root, 'b.ts'), 'HEAD~1')).toBeUndefined()
  })
})
