/**
 * The directory of a server, and the directory of its socket: for one account, and for nobody else.
 */
import { createHash } from 'node:crypto'
import { accessSync, chmodSync, chownSync, constants, existsSync, lstatSync, mkdirSync, readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { ContextError } from 'user-execution-context'
import { canReach, findAccount, type Account } from './account.ts'

/** What a start writes before the cluster. */
const early = ['process.lock', 'process.json', 'programs', 'programs.new']

/** Makes the directory, or takes one that is ours. Gives the account that the server runs as. */
export const prepareDirectory = (directory: string): Account | undefined => {
  // A directory with other things in it would be closed to all who use those. A start that runs at this moment, or was
  // cut off before it had a cluster, has left a lock and programs: no other things.
  const names = makeDirectory(directory)
  const isOurs =
    names.every((name) => early.includes(name)) || ['data', 'data.new'].some((name) => names.includes(name))
  if (!isOurs)
    throw new ContextError('ERR_CONTEXT_INVALID_OPTIONS', {
      issues: [{ path: 'directory', kind: 'does not fit' }],
      fix: 'Give a directory that is for the server alone: this one holds other files.',
    })
  const account = findAccount(directory)
  if (!canReach(directory, account))
    throw new ContextError('ERR_CONTEXT_DATABASE_UNAVAILABLE', {
      fix:
        `PostgreSQL does not run as root, and the account nobody cannot reach ${JSON.stringify(directory)}. Give one ` +
        'below /var/lib, or run this program as another user.',
    })
  if (account) chownSync(directory, account.uid, account.gid)
  chmodSync(directory, 0o700)
  return account
}

/** Makes it, and gives the names of what it holds. */
function makeDirectory(directory: string): string[] {
  try {
    // Not those above it, which the account of the server must get through.
    mkdirSync(dirname(directory), { recursive: true })
    mkdirSync(directory, { recursive: true, mode: 0o700 })
    accessSync(directory, constants.W_OK | constants.X_OK)
    return readdirSync(directory)
  } catch (cause) {
    const code = String((cause as NodeJS.ErrnoException).code)
    const isFile = code === 'EEXIST' || code === 'ENOTDIR'
    if (!isFile && !['EACCES', 'EPERM', 'EROFS'].includes(code)) throw cause
    const reason = isFile ? 'is a file, or leads through one' : 'cannot be made, read or written by this account'
    throw new ContextError('ERR_CONTEXT_INVALID_OPTIONS', {
      issues: [{ path: 'directory', kind: 'does not fit' }],
      fix: `${JSON.stringify(directory)} ${reason}. Name a directory that this account can write to.`,
      cause,
    })
  }
}

/** The name of the socket in its directory, and the most that the system takes for both: 108 bytes, 104 on macOS. */
const socketName = '/.s.PGSQL.5432'
const maxSocketBytes = process.platform === 'darwin' ? 103 : 107

/** The directory of the socket: that of the server, or where its path is too long a short one of the same owner. */
export const prepareSocketDirectory = (directory: string, account: Account | undefined): string => {
  if (Buffer.byteLength(directory + socketName) <= maxSocketBytes) return directory
  const name = createHash('sha256').update(directory).digest('hex').slice(0, 24)
  const place = join(tmpdir(), `uec-${name}`)
  const owner = account?.uid ?? process.getuid?.()
  if (!existsSync(place)) {
    mkdirSync(place, { mode: 0o700 })
    if (account) chownSync(place, account.uid, account.gid)
  }
  // Anybody may make a directory there: a server behind the socket of a stranger's would be taken for ours.
  const found = lstatSync(place)
  if (!found.isDirectory() || found.uid !== owner || (found.mode & 0o077) !== 0)
    throw new ContextError('ERR_CONTEXT_DATABASE_UNAVAILABLE', {
      fix: 'The directory for the socket belongs to somebody else. Give a directory with a shorter path.',
    })
  return place
}
