/**
 * The folder of a server, and the folder of its socket: for one account, and for nobody else.
 */
import { createHash } from 'node:crypto'
import { chmodSync, chownSync, existsSync, lstatSync, mkdirSync, readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { ContextError } from 'user-execution-context'
import { canReach, findAccount, type Account } from './account.ts'

/** What a start writes before the cluster. */
const early = ['process.lock', 'process.json', 'programs', 'programs.new']

/** Makes the folder, or takes one that is ours. Gives the account that the server runs as. */
export const prepareFolder = (directory: string): Account | undefined => {
  // Not those above it, which the account of the server must get through.
  mkdirSync(dirname(directory), { recursive: true })
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  // A folder with other things in it would be closed to all who use those. A start that runs at this moment, or was
  // cut off before it had a cluster, has left a lock and programs: no other things.
  const names = readdirSync(directory)
  const isOurs =
    names.every((name) => early.includes(name)) || ['data', 'data.new'].some((name) => names.includes(name))
  if (!isOurs)
    throw new ContextError('ERR_CONTEXT_INVALID_OPTIONS', {
      issues: [{ path: 'directory', kind: 'does not fit' }],
      fix: 'Give a folder that is for the server alone: this one holds other files.',
    })
  const account = findAccount(directory)
  if (!canReach(directory, account))
    throw new ContextError('ERR_CONTEXT_DATABASE_UNAVAILABLE', {
      fix:
        'PostgreSQL does not run as root, and the account nobody cannot reach this directory. Give one below ' +
        '/var/lib, or run this program as another user.',
    })
  if (account) chownSync(directory, account.uid, account.gid)
  chmodSync(directory, 0o700)
  return account
}

/** The name of the socket in its folder, and the most that the system takes for both: 108 bytes, 104 on macOS. */
const socketName = '/.s.PGSQL.5432'
const maxSocketBytes = process.platform === 'darwin' ? 103 : 107

/** The folder of the socket: the one of the server, or where that has too long a path a short one of the same owner. */
export const prepareSocketFolder = (directory: string, account: Account | undefined): string => {
  if (Buffer.byteLength(directory + socketName) <= maxSocketBytes) return directory
  const name = createHash('sha256').update(directory).digest('hex').slice(0, 24)
  const folder = join(tmpdir(), `uec-${name}`)
  const owner = account?.uid ?? process.getuid?.()
  if (!existsSync(folder)) {
    mkdirSync(folder, { mode: 0o700 })
    if (account) chownSync(folder, account.uid, account.gid)
  }
  // Anybody may make a folder there: a server behind the socket of a stranger's would be taken for ours.
  const found = lstatSync(folder)
  if (!found.isDirectory() || found.uid !== owner || (found.mode & 0o077) !== 0)
    throw new ContextError('ERR_CONTEXT_DATABASE_UNAVAILABLE', {
      fix: 'The folder for the socket belongs to somebody else. Give a directory with a shorter path.',
    })
  return folder
}
