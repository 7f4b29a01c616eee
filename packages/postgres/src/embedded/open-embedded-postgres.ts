/**
 * A PostgreSQL server of this process's own, in a directory.
 */
import { realpathSync } from 'node:fs'
import { join, resolve } from 'node:path'
import pg from 'pg'
import { ContextError } from 'user-execution-context'
import { toDriverConfig, type ConnectionTarget, type PostgresConnections } from '../connection/connection-target.ts'
import { callable, count, optional, parseOptions, text } from '../options/parse-options.ts'
import { dayMs } from '../options/port-checks.ts'
import { telling } from '../options/telling.ts'
import { prepareInstallation } from './binaries.ts'
import { bringUp } from './bring-up.ts'
import { adminName, assertVersion, initialiseCluster } from './cluster.ts'
import { lockDirectory } from './directory-lock.ts'
import { prepareDirectory, prepareSocketDirectory } from './directory.ts'
import type { ServerPlace } from './postmaster.ts'
import { superviseServer } from './supervise-server.ts'

/** Options of {@link openEmbeddedPostgres}. */
export type EmbeddedPostgresOptions = {
  /** A directory for it alone, made where it is missing. */
  readonly directory: string
  /** Connections that the server takes, 10 to 1,000. Default 100. */
  readonly maxConnections?: number | undefined
  /** How long the server may take to answer, recovery after a crash included, 100 to 86,400,000 ms. Default 60,000. */
  readonly startTimeoutMs?: number | undefined
  /**
   * Told, in a sentence, what is not the usual start: a server that was adopted, waited for or started again, a lock
   * file that was removed. May be logged. Default: nobody is told.
   */
  readonly onNotice?: ((text: string) => void) | undefined
}

/** A server of this process's own. Nothing of it is a secret: only the owner of the directory can connect. */
export type EmbeddedPostgres = {
  /** Logins of the database `uec`: for openPostgres(). */
  readonly connections: PostgresConnections & {
    readonly worker: ConnectionTarget
    readonly migrate: ConnectionTarget
  }
  /** The directory of the Unix socket, and its number. */
  readonly host: string
  readonly port: number
  /** Whether the server of an earlier process, which was killed, still ran. */
  readonly isAdopted: boolean
  /** Stops the server. Calling it again gives the same promise. */
  readonly close: () => Promise<void>
}

/**
 * Starts a PostgreSQL 18 server in a directory, from the programs that npm installed: no root, no service, no TCP port.
 * It listens on a Unix socket in a directory that only its owner can enter. As root it runs as the owner of the
 * directory or as nobody. It is started again when it ends by itself, and outlives a kill -9 of this process: the next
 * start adopts it.
 *
 * One process a directory: a second one is refused.
 *
 * @param options - The directory.
 * @throws {ContextError} `ERR_CONTEXT_DATABASE_UNAVAILABLE` where no program for this platform is installed, or where
 *   it does not start; `ERR_CONTEXT_STORE_IN_USE` where another process uses the directory;
 *   `ERR_CONTEXT_STORE_UNREADABLE` for data of another major version; `ERR_CONTEXT_INVALID_OPTIONS`.
 * @example
 * ```ts
 * import { openEmbeddedPostgres, openPostgres } from '@user-execution-context/postgres'
 *
 * export async function openDatabase(directory: string) {
 *   const server = await openEmbeddedPostgres({ directory, onNotice: console.error })
 *   const postgres = await openPostgres({ connections: server.connections })
 *   return { server, postgres }
 * }
 * ```
 */
export const openEmbeddedPostgres: (options: EmbeddedPostgresOptions) => Promise<EmbeddedPostgres> = async (
  options,
) => {
  const { directory: given, maxConnections, startTimeoutMs, onNotice } = parseEmbedded(options)
  const account = prepareDirectory(resolve(given))
  const directory = realpathSync(given)
  const lock = await lockDirectory(directory, account, () => onNotice('The lock of the directory was lost.'))
  try {
    const data = join(directory, 'data')
    assertVersion(data)
    const installation = prepareInstallation(directory, account, onNotice)
    initialiseCluster(installation, data, account)
    const socketDirectory = prepareSocketDirectory(directory, account)
    const place: ServerPlace = { installation, directory, data, socketDirectory, account, maxConnections }
    const first = await bringUp(place, startTimeoutMs, onNotice)
    await makeDatabase(socketDirectory)
    const supervised = superviseServer(first.postmaster, () => bringUp(place, startTimeoutMs, onNotice), onNotice)
    const target = (user: string) => ({ host: socketDirectory, port: 5432, user, database: databaseName })
    let closed: Promise<void> | undefined
    return Object.freeze({
      connections: { service: target('uec_service'), worker: target('uec_worker'), migrate: target(adminName) },
      host: socketDirectory,
      port: 5432,
      isAdopted: first.isAdopted,
      close: () => (closed ??= supervised.stop().finally(lock.release)),
    })
  } catch (error) {
    lock.release()
    throw error
  }
}

const databaseName = 'uec'

async function makeDatabase(host: string): Promise<void> {
  const client = new pg.Client(toDriverConfig({ host, user: adminName, database: 'postgres' }) as pg.ClientConfig)
  // What breaks between two statements is told by the next.
  client.on('error', () => {})
  await client.connect()
  try {
    const { rowCount } = await client.query('SELECT FROM pg_catalog.pg_database WHERE datname = $1', [databaseName])
    if (rowCount === 0) await client.query(`CREATE DATABASE ${databaseName}`)
  } finally {
    await client.end()
  }
}

type Parsed = Required<{ [Key in keyof EmbeddedPostgresOptions]: NonNullable<EmbeddedPostgresOptions[Key]> }>

function parseEmbedded(options: EmbeddedPostgresOptions): Parsed {
  const own = parseOptions(options, {
    directory: text(),
    maxConnections: optional(count(10, 1_000)),
    startTimeoutMs: optional(count(100, dayMs)),
    onNotice: optional(callable),
  })
  if (process.platform === 'win32')
    throw new ContextError('ERR_CONTEXT_DATABASE_UNAVAILABLE', {
      fix: 'The embedded server does not run on Windows yet. Set DATABASE_URL to a PostgreSQL server, 15 to 18.',
    })
  const { directory, maxConnections = 100, startTimeoutMs = 60_000, onNotice } = own
  return { directory, maxConnections, startTimeoutMs, onNotice: telling(onNotice) }
}
