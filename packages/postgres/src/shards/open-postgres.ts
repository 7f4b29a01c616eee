/**
 * The pools of a process: over one database, or over several.
 */
import { connectionsCheck } from '../connection/connection-target.ts'
import { openDatabase, poolChecks, type Postgres, type PostgresOptions } from '../connection/open-database.ts'
import { parseOptions } from '../options/parse-options.ts'
import { openShards, shardsChecks } from './open-shards.ts'
import { assertNoShard } from './recorded-placement.ts'
import type { PostgresShards, PostgresShardsOptions } from './shards.ts'

/**
 * Opens the pools of a process, after it has brought the schema up to date (where `connections.migrate` is given) and
 * found it to be one that this version knows.
 *
 * With `shards` it opens several databases, and each owner is at home in one: see docs/shards.md.
 *
 * @param options - Where the server is, and how many connections; or where each of them is, by name.
 * @throws {ContextError} `ERR_CONTEXT_INVALID_OPTIONS`, before anything is opened; `ERR_CONTEXT_DATABASE_SCHEMA` where
 *   the schema is missing, older or newer; `ERR_CONTEXT_DATABASE_SHARDS` for a shard that is missing, has another name,
 *   or is opened as a single database; `ERR_CONTEXT_DATABASE_UNAVAILABLE`, with what there is to do, where a server
 *   cannot be reached, lets a login not in, or only reads.
 * @example
 * ```ts
 * import { openPostgres, type Postgres, type PostgresShards } from '@user-execution-context/postgres'
 *
 * export const openDatabase = (url: string): Promise<Postgres> => openPostgres({ connections: { service: url } })
 *
 * export const openDatabases = (a: string, b: string): Promise<PostgresShards> =>
 *   openPostgres({ shards: { a: { service: a }, b: { service: b } } })
 * ```
 */
export const openPostgres: {
  /**
   * Opens the pools of one database.
   *
   * @param options - Where the server is, and how many connections.
   */
  (options: PostgresOptions): Promise<Postgres>
  /**
   * Opens the pools of several databases: each owner is at home in one.
   *
   * @param options - Where each of them is, by name.
   */
  (options: PostgresShardsOptions): Promise<PostgresShards>
} = (async (options: PostgresOptions | PostgresShardsOptions) => {
  if (isOfShards(options)) return openShards(parseOptions(options, shardsChecks))
  const postgres = await openDatabase(parseOptions(options, { connections: connectionsCheck, ...poolChecks }))
  try {
    await assertNoShard(postgres.service)
    return postgres
  } catch (error) {
    await postgres.close()
    throw error
  }
}) as never

function isOfShards(
  options: PostgresOptions | PostgresShardsOptions | null | undefined,
): options is PostgresShardsOptions {
  return typeof options === 'object' && options !== null && Object.hasOwn(options, 'shards')
}
