/**
 * The one call of git: by a list of arguments and never through a shell.
 */
import { spawnSync } from 'node:child_process'

const maxBytes = 256 * 1024 * 1024

/** What git prints in a directory; undefined when it is not installed or refuses. Its own complaints are not shown. */
export const runGit = (directory: string, words: readonly string[]): string | undefined => {
  const { status, stdout, error } = spawnSync('git', ['-C', directory, ...words], {
    encoding: 'utf8',
    maxBuffer: maxBytes,
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  return error || status !== 0 ? undefined : stdout
}
