/**
 * What git says about the tree before it is edited: a run must be reviewable, and revertable, by itself.
 */
import { AdoptError } from '../adopt-error.ts'
import { runGit } from '../run-git.ts'

/**
 * @returns `clean`; `dirty` with the changed paths (untracked ones too, they would mix with our edits);
 *   `none` when the directory is in no git work tree or git is absent.
 */
export const readGitState = (directory: string): GitState => {
  const inside = runGit(directory, ['rev-parse', '--is-inside-work-tree'])
  if (inside?.trim() !== 'true') return { state: 'none' }
  const status = runGit(directory, ['status', '--porcelain=v1', '-z', '--no-renames', '--', '.'])
  if (status === undefined) return { state: 'none' }
  const paths = status
    .split('\0')
    .filter((entry) => entry !== '')
    .map((entry) => entry.slice(3))
  return paths.length === 0 ? { state: 'clean' } : { state: 'dirty', paths }
}

/** State of the work tree around a directory. */
export type GitState =
  | { readonly state: 'clean' | 'none' }
  | { readonly state: 'dirty'; readonly paths: readonly string[] }

/** @throws {AdoptError} `TREE_DIRTY` when files have changed since the last commit. */
export const assertCleanTree = (root: string): void => {
  const git = readGitState(root)
  if (git.state !== 'dirty') return
  const shown = git.paths.slice(0, 5).join(', ')
  throw new AdoptError(
    'TREE_DIRTY',
    `The git tree has ${git.paths.length} changed files (${shown}${git.paths.length > 5 ? ', …' : ''}): commit ` +
      'or stash them, so that the edits can be reviewed alone, or use --force.',
  )
}

/**
 * For the command line: what a person cannot review alone, or take back with git, is not written unasked.
 *
 * @throws {AdoptError} `TREE_UNVERSIONED` outside of a git work tree, and as `assertCleanTree`.
 */
export const assertCommitted = (root: string): void => {
  if (readGitState(root).state === 'none')
    throw new AdoptError(
      'TREE_UNVERSIONED',
      `${root} is in no git work tree, or git is not installed: the edits could not be reviewed alone, and only ` +
        '--undo would put them back. Commit the code to git first, or use --force.',
      { file: root },
    )
  assertCleanTree(root)
}
