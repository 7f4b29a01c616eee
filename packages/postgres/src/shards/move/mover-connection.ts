/**
 * The two sides of a move, each a connection of its own, and the lock that makes one mover of an owner.
 */
import type pg from 'pg'
import { ContextError } from 'user-execution-context'
import { connectAlone, rollBackAfter } from '../../connection/connect-alone.ts'
import type { ConnectionTarget } from '../../connection/connection-target.ts'
import { assertKnownSchema } from '../../migrations/schema-version.ts'
import { findPlacement, toList } from '../recorded-placement.ts'
import { inShard, unfitShards } from '../shard-errors.ts'
import { textSettings } from './owner-rows.ts'

/** Opens a side, and sees that it is the shard that it was named. */
export const connectTo = async (
  name: string,
  target: ConnectionTarget,
  answerTimeoutMs: number,
): Promise<pg.Client> => {
  const client = await inShard(name, connectAlone(target, answerTimeoutMs))
  try {
    await inShard(name, assertKnownSchema(client as unknown as pg.PoolClient))
    const there = await findPlacement(client)
    if (there?.shard !== name) throw unfitShards(`The database that was named "${name}" is not recorded as that shard.`)
    return client
  } catch (error) {
    await client.end()
    throw error
  }
}

/** Refuses to look for an owner in some of the shards only. */
export const assertAllShards = async (client: pg.Client, given: readonly string[]): Promise<void> => {
  const missing = (await findPlacement(client))!.names.filter((name) => !given.includes(name))
  if (missing.length > 0) throw unfitShards(`The owner may be at home in ${toList(missing)}. Name all shards.`)
}

/** For as long as the connection lasts: one mover of an owner. @throws {ContextError} `ERR_CONTEXT_OWNER_MOVING`. */
export const lockMove = async (client: pg.Client, ownerKey: string): Promise<void> => {
  const { rows } = await client.query<{ readonly is_mine: boolean }>(
    "SELECT pg_try_advisory_lock(hashtextextended('uec.move ' || $1, 0)) AS is_mine",
    [ownerKey],
  )
  if (!rows[0]!.is_mine)
    throw new ContextError('ERR_CONTEXT_OWNER_MOVING', { fix: 'Another process moves this owner. Wait for its end.' })
}

/** A transaction of who moves, with one form of every value and the rows of the owner in sight. */
export const inMove = async <Result>(
  client: pg.Client,
  first: string,
  ownerKey: string,
  run: () => Promise<Result>,
): Promise<Result> => {
  await client.query(`${first}; ${textSettings}`)
  try {
    // Policies of tables of an app show their rows to this owner alone, to the owner of the table, too.
    await client.query("SELECT set_config('uec.owner', $1, true)", [ownerKey])
    const result = await run()
    await client.query('COMMIT')
    return result
  } catch (error) {
    await rollBackAfter(client, error)
    throw error
  }
}

/** Waits for each transaction of the owner that began before, and lets no other begin until the end of this one. */
export const lockHome = async (client: pg.Client, ownerKey: string): Promise<void> =>
  void (await client.query("SELECT pg_advisory_xact_lock(hashtextextended('uec.home ' || $1, 0))", [ownerKey]))

/** Where the home of an owner stands in a shard. */
export const findHome = async (client: pg.Client, ownerKey: string): Promise<Home | undefined> =>
  (await client.query<Home>('SELECT state, destination FROM uec.owner_homes WHERE owner_key = $1', [ownerKey])).rows[0]

export type Home = { readonly state: 'here' | 'draining' | 'moving'; readonly destination: string | null }

/** Changes the state of a home. */
export const setHome = async (client: pg.Client, ownerKey: string, state: Home['state'], destination: string | null) =>
  void (await client.query('UPDATE uec.owner_homes SET state = $2, destination = $3 WHERE owner_key = $1', [
    ...[ownerKey, state, destination],
  ]))
