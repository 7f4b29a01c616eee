// Debian's packages, for the few programs that npm does not have.
import { spawnSync } from 'node:child_process'

/** Whether this process may install packages. */
export const canInstall = () => process.getuid?.() === 0 && spawnSync('apt-get', ['--version']).status === 0

/** Runs apt-get, and says where it fails. */
export function apt(command, ...words) {
  const { status } = spawnSync('apt-get', [command, '-qq', ...words], {
    stdio: ['ignore', 2, 'inherit'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  })
  if (status !== 0) console.error(`apt-get ${command} ${words.join(' ')} ended with ${status}`)
}
