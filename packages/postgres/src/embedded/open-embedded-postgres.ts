/**
 * A PostgreSQL server of this process's own, in a folder.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { chmodSync, chownSync, existsSync, mkdirSync, openSync, closeSync, renameSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import pg from 'pg'
import { ContextError } from 'user-execution-context'
import { toDriverConfig, type PostgresConnections } from '../connection/connection-target.ts'
import { findAccount, type Account } from './account.ts'
import { completeLinks, findInstallation } from './binaries.ts'

/** Options of {@link openEmbeddedPostgres}. */
export type EmbeddedPostgresOptions = {
  /** A folder for it alone, made where it is missing. */
  readonly directory: string
  /** Connections that the server takes, 10 to 1,000. Default 100. */
  readonly maxConnections?: number | undefined
}

/** A server of this process's own. */
export type EmbeddedPostgres = {
  /** Logins of the database `uec`: for openPostgres(). */
  readonly connections: PostgresConnections & { readonly worker: object; readonly migrate: object }
  /** The folder of the Unix socket, and its number. */
  readonly host: string
  readonly port: number
  /** Stops the server. Calling it again gives the same promise. */
  readonly close: () => Promise<void>
}

/**
 * Starts a PostgreSQL 18 server in a folder.
 *
 * @param options - The folder.
 * @throws {ContextError} `ERR_CONTEXT_DATABASE_UNAVAILABLE` where no program for this platform is installed, or where
 *   it does not start.
 * @example
 * ```ts
 * import { openEmbeddedPostgres, openPostgres } from '@user-execution-context/postgres'
 *
 * export async function openDatabase(directory: string) {
 *   const server = await openEmbeddedPostgres({ directory })
 *   const postgres = await openPostgres({ connections: server.connections })
 *   return { server, postgres }
 * }
 * ```
 */
export const openEmbeddedPostgres: (options: EmbeddedPostgresOptions) => Promise<EmbeddedPostgres> = async (
  options,
) => {
  const { maxConnections = 100 } = options
  const directory = resolve(options.directory)
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const account = findAccount(directory)
  if (account) chownSync(directory, account.uid, account.gid)
  chmodSync(directory, 0o700)
  const installation = findInstallation()
  completeLinks(installation)
  const data = join(directory, 'data')
  if (!existsSync(data)) initialise(installation, data, account)
  const child = await start(installation, { data, directory, account, maxConnections })
  const target = (user: string, database: string) => ({ host: directory, port: 5432, user, database })
  await makeDatabase(target('uec_admin', 'postgres'))
  let closed: Promise<void> | undefined
  return Object.freeze({
    connections: {
      service: target('uec_service', 'uec'),
      worker: target('uec_worker', 'uec'),
      migrate: target('uec_admin', 'uec'),
    },
    host: directory,
    port: 5432,
    close: () => (closed ??= stop(child)),
  })
}

const environment = { PATH: '/usr/bin:/bin', LC_ALL: 'C' }

function initialise(installation: string, data: string, account: Account | undefined): void {
  const made = `${data}.new`
  rmSync(made, { recursive: true, force: true })
  const words = ['-D', made, '-A', 'trust', '-U', 'uec_admin', '-E', 'UTF8', '--no-instructions']
  words.push('--locale-provider=builtin', '--builtin-locale=C.UTF-8')
  const { status, stderr, error } = spawnSync(join(installation, 'bin', 'initdb'), words, {
    env: environment,
    encoding: 'utf8',
    cwd: '/',
    ...account,
  })
  if (status !== 0) throw new ContextError('ERR_CONTEXT_DATABASE_UNAVAILABLE', { cause: error ?? new Error(stderr) })
  renameSync(made, data)
}

type StartOptions = {
  readonly data: string
  readonly directory: string
  readonly account: Account | undefined
  readonly maxConnections: number
}

async function start(installation: string, options: StartOptions): Promise<ChildProcess> {
  const { data, directory, account, maxConnections } = options
  const log = openSync(join(directory, 'server.log'), 'a', 0o600)
  const settings = { listen_addresses: '', unix_socket_permissions: '0700', max_connections: String(maxConnections) }
  const words = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const child = spawn(join(installation, 'bin', 'postgres'), ['-D', data, '-k', directory, ...words], {
    env: environment,
    stdio: ['ignore', log, log],
    detached: true,
    cwd: '/',
    ...account,
  })
  closeSync(log)
  for (let attempt = 0; attempt < 600 && child.exitCode === null; attempt++) {
    const client = new pg.Client(
      toDriverConfig({ host: directory, user: 'uec_admin', database: 'postgres' }) as pg.ClientConfig,
    )
    try {
      await client.connect()
      await client.end()
      return child
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
  child.kill('SIGQUIT')
  throw new ContextError('ERR_CONTEXT_DATABASE_UNAVAILABLE', { fix: 'See server.log in the directory.' })
}

async function makeDatabase(target: Parameters<typeof toDriverConfig>[0]): Promise<void> {
  const client = new pg.Client(toDriverConfig(target) as pg.ClientConfig)
  await client.connect()
  try {
    const { rowCount } = await client.query(`SELECT FROM pg_catalog.pg_database WHERE datname = 'uec'`)
    if (rowCount === 0) await client.query('CREATE DATABASE uec')
  } finally {
    await client.end()
  }
}

function stop(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve()
    child.once('exit', () => resolve())
    child.kill('SIGINT')
  })
}
