/**
 * The pools of a process over one database.
 */
import pg from 'pg'
import { ContextError } from 'user-execution-context'
import { migratePostgres } from '../migrations/migrate-postgres.ts'
import { assertKnownSchema } from '../migrations/schema-version.ts'
import { callable, count, optional, type Checks } from '../options/parse-options.ts'
import { everyMs } from '../options/port-checks.ts'
import { telling } from '../options/telling.ts'
import { assertWrites } from './assert-writes.ts'
import { dropSilentConnections } from './drop-silent.ts'
import { askWhoAnswers, PooledClient } from './pooled-client.ts'
import { surviveLostConnections } from './survive-lost-connections.ts'
import { toRefusal } from './unreachable.ts'
import { keepAlive, toDriverConfig, type ConnectionTarget, type PostgresConnections } from './connection-target.ts'

/** Options of openPostgres(). */
export type PostgresOptions = {
  /** Where the server is, and who logs in. */
  readonly connections: PostgresConnections
  /** Connections of each pool, 1 to 1,000. Default 10. Sign-outs have one more, of their own. */
  readonly maxConnections?: number | undefined
  /** How long to wait for a free connection, or for a new one, milliseconds, 1 to 3,600,000. Default 10,000. */
  readonly connectTimeoutMs?: number | undefined
  /**
   * How long a statement may take to be answered before its connection counts as lost and is closed, milliseconds: a
   * network that forgot a connection answers nothing, and says nothing either. What runs in withUserSession() has the
   * time of its session instead. The server may finish a statement that is given up. 1 to 86,400,000. Default 30,000.
   */
  readonly answerTimeoutMs?: number | undefined
  /** Told of a connection that broke while nobody used it. The pool makes a new one. Default: nobody is told. */
  readonly onConnectionError?: ((error: Error) => void) | undefined
}

/** A table of the options, without those that say where the server is. */
export const poolChecks: Checks<Omit<PostgresOptions, 'connections'>> = {
  maxConnections: optional(count(1, 1_000)),
  connectTimeoutMs: optional(count(1, 3_600_000)),
  answerTimeoutMs: optional(everyMs),
  onConnectionError: optional(callable),
}

/** The pools of a process. Nothing of it may be logged. */
export type Postgres = {
  /** Connections of the role `uec_service`: what serves users. */
  readonly service: pg.Pool
  /**
   * One connection of the role `uec_service`: what hears of sign-outs, and writes those that could not be written.
   * Users whose statements take all others keep nobody signed in.
   */
  readonly revocations: pg.Pool
  /** Connections of the role `uec_worker`: what takes jobs. Throws where no such login was given. */
  readonly worker: pg.Pool
  /** Whether there is a worker's login. */
  readonly hasWorker: boolean
  /** Where to LISTEN. */
  readonly listen: ConnectionTarget
  /** Closes all connections that are free, and the others once they are. Calling it again gives the same promise. */
  readonly close: () => Promise<void>
}

/**
 * Opens the pools of one database, after it has brought the schema up to date (where `connections.migrate` is given)
 * and found it to be one that this version knows.
 *
 * @throws {ContextError} `ERR_CONTEXT_DATABASE_SCHEMA`; `ERR_CONTEXT_DATABASE_UNAVAILABLE`.
 */
export const openDatabase = async (options: PostgresOptions): Promise<Postgres> => {
  const { connections, maxConnections = 10 } = options
  const onConnectionError = telling(options.onConnectionError)
  const { connectTimeoutMs = 10_000, answerTimeoutMs = 30_000 } = options
  if (connections.migrate !== undefined) await migratePostgres({ connection: connections.migrate })
  const pools: pg.Pool[] = []
  const dropSilent = dropSilentConnections()
  const openPool = (target: ConnectionTarget, max = maxConnections): pg.Pool => {
    const pool = new pg.Pool({
      ...toDriverConfig(target),
      max,
      connectionTimeoutMillis: connectTimeoutMs,
      query_timeout: answerTimeoutMs,
      ...keepAlive,
      Client: PooledClient,
      verify: (client, done) => askWhoAnswers(client, connectTimeoutMs, done),
    })
    // Without a listener a connection that breaks while it is free ends the process.
    pool.on('error', onConnectionError)
    surviveLostConnections(pool)
    dropSilent(pool)
    pools.push(pool)
    return pool
  }
  // The driver throws for one that somebody has ended already.
  const close = async (): Promise<void> =>
    void (await Promise.all(pools.filter(({ ending }) => !ending).map((pool) => pool.end())))
  const service = openPool(connections.service)
  const revocations = openPool(connections.service, 1)
  const worker = connections.worker === undefined ? undefined : openPool(connections.worker)
  try {
    for (const pool of [service, worker]) if (pool !== undefined) await assertServes(pool)
  } catch (error) {
    await close()
    throw toRefusal(error)
  }
  let closed: Promise<void> | undefined
  return Object.freeze({
    service,
    revocations,
    get worker(): pg.Pool {
      if (worker === undefined)
        throw new ContextError('ERR_CONTEXT_INVALID_OPTIONS', {
          issues: [{ path: 'connections.worker', kind: 'missing' }],
        })
      return worker
    },
    hasWorker: worker !== undefined,
    listen: connections.listen ?? connections.service,
    close: () => (closed ??= close()),
  })
}

async function assertServes(pool: pg.Pool): Promise<void> {
  await assertKnownSchema(pool)
  await assertWrites(pool)
}
