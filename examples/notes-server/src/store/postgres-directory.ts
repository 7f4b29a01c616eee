/**
 * The directory of the embedded server: in the data directory, or where root's server can reach it.
 */
import { chmod, mkdir, mkdtemp, readlink, symlink } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { isReachableByServer } from '@user-execution-context/postgres'

/** Where the data of root lies whose data directory is below a home that is closed to others. */
const directoryOfRoot = '/var/lib/user-execution-context'

/**
 * `postgres` in the data directory. PostgreSQL does not run as root, so as root the server runs as another account: a
 * data directory that it cannot reach gets a link in that place, to a directory of its own elsewhere.
 *
 * @returns An absolute path.
 */
export const placePostgres = async (dataDirectory: string, elsewhere: string = directoryOfRoot): Promise<string> => {
  // Passable for the account of the server, and not readable: names in it are not to be listed.
  const mode = process.getuid?.() === 0 ? 0o711 : 0o700
  await mkdir(dataDirectory, { recursive: true, mode })
  const inside = join(resolve(dataDirectory), 'postgres')
  const linked = await readlink(inside).catch(() => undefined)
  if (linked !== undefined) return resolve(dataDirectory, linked)
  if (isReachableByServer(inside)) return inside
  await mkdir(elsewhere, { recursive: true })
  // Whatever the umask took away.
  await chmod(elsewhere, 0o711)
  const directory = await mkdtemp(join(elsewhere, 'postgres-'))
  await symlink(directory, inside)
  return directory
}
