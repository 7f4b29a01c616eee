/**
 * The data of the server: made once, and of one major version.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { ContextError } from 'user-execution-context'
import type { Account } from './account.ts'
import { embeddedMajor, noPrograms } from './binaries.ts'
import { environment } from './environment.ts'

/** The superuser of an embedded server. */
export const adminName = 'uec_admin'

/** Refuses data of another major version, before anything is started on it. */
export const assertVersion = (data: string): void => {
  if (!existsSync(data)) return
  const file = join(data, 'PG_VERSION')
  const version = existsSync(file) ? readFileSync(file, 'utf8').trim() : 'unknown'
  const known = /^[\d.]{1,8}$/.test(version)
  if (version !== embeddedMajor)
    throw new ContextError('ERR_CONTEXT_STORE_UNREADABLE', {
      fix:
        `The directory was made by PostgreSQL ${known ? version : 'of an unknown version'}, and ` +
        `this package runs ${embeddedMajor}. Export the data with the version of this package that made it, and ` +
        'import it into a new directory (see the README of @user-execution-context/postgres).',
    })
}

/** Makes the data where there is none: whole or not at all. */
export const initialiseCluster = (installation: string, data: string, account: Account | undefined): void => {
  if (existsSync(data)) return
  const made = `${data}.new`
  // Left by a process that was ended in between.
  rmSync(made, { recursive: true, force: true })
  const words = ['-D', made, '-U', adminName, '-A', 'trust', '-E', 'UTF8', '--no-instructions']
  words.push('--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--data-checksums')
  const { status, stderr, error } = spawnSync(join(installation, 'bin', 'initdb'), words, {
    env: environment,
    encoding: 'utf8',
    cwd: '/',
    ...account,
  })
  if (status !== 0) {
    // A file that is there and is not found needs a loader that is not: the libraries of another kind of Linux.
    const fix = (error as NodeJS.ErrnoException | undefined)?.code === 'ENOENT' ? { fix: noPrograms } : {}
    throw new ContextError('ERR_CONTEXT_DATABASE_UNAVAILABLE', { cause: error ?? new Error(stderr), ...fix })
  }
  renameSync(made, data)
}
