/**
 * What check asks git: files changed since a revision, the baseline at that revision, and the baseline's history.
 * A revision can never be read as an option.
 */
import { basename, dirname } from 'node:path'
import { AdoptError } from '../adopt-error.ts'
import { runGit } from '../run-git.ts'
import { toBurnDown } from './burn-down.ts'
import type { BurnDownStep } from '../report/report.ts'

const maxSteps = 200

/** A revision that exists: the common ancestor with it is what "since" means. */
export type Since = { readonly ancestor: string; readonly isChanged: (file: string) => boolean }

/**
 * Files changed since the common ancestor with a revision, uncommitted and untracked ones included, relative to the
 * root.
 * @throws {AdoptError} `USAGE` when there is no such revision or no git.
 */
export const readChangesSince = (root: string, revision: string): Since => {
  const commit = runGit(root, ['rev-parse', '--verify', '--quiet', '--end-of-options', `${revision}^{commit}`])?.trim()
  if (!commit)
    throw new AdoptError(
      'USAGE',
      `git knows no revision ${revision} here. In CI fetch it first (a shallow clone has no history).`,
    )
  const ancestor = runGit(root, ['merge-base', commit, 'HEAD'])?.trim()
  if (!ancestor) throw new AdoptError('USAGE', `${revision} and HEAD share no ancestor here. In CI fetch more history.`)
  const tracked = runGit(root, ['diff', '--name-only', '--relative', '--no-renames', '-z', ancestor, '--', '.']) ?? ''
  const untracked = runGit(root, ['ls-files', '--others', '--exclude-standard', '-z', '--', '.']) ?? ''
  const files = new Set(`${tracked}${untracked}`.split('\0'))
  return { ancestor, isChanged: (file) => files.has(file) }
}

/** Text of a file at a commit; undefined when it was not there yet. */
export const readAtCommit = (file: string, commit: string): string | undefined =>
  runGit(dirname(file), ['show', `${commit}:./${basename(file)}`])

/** What the baseline held at each commit that changed it, oldest first; at most 200 steps, evenly taken. */
export const readBurnDown = (baselineFile: string): readonly BurnDownStep[] => {
  const directory = dirname(baselineFile)
  const log = runGit(directory, ['log', '--reverse', '--format=%H %ct', '--', basename(baselineFile)])
  const commits = (log ?? '').split('\n').filter((line) => line !== '')
  const stride = Math.max(1, Math.ceil(commits.length / maxSteps))
  const history = commits
    .filter((_, index) => index % stride === 0 || index === commits.length - 1)
    .flatMap((line) => {
      const [commit = '', seconds] = line.split(' ')
      const text = readAtCommit(baselineFile, commit)
      return text === undefined ? [] : [{ atMs: Number(seconds) * 1000, text }]
    })
  return toBurnDown(history)
}
