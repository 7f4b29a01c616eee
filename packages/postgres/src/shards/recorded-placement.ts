/**
 * What a shard has recorded of itself and the others, and whether that fits what a process was given.
 */
import type pg from 'pg'
import { unfitShards } from './shard-errors.ts'

/** The row of uec.placement. */
export type RecordedPlacement = {
  readonly shard: string
  /** All shards. The first is the home of what no owner has. */
  readonly names: readonly string[]
  /** Those that new owners are placed on. */
  readonly placing: readonly string[]
  readonly is_changing: boolean
}

/** What a database has recorded; undefined for one that is no shard. */
export const findPlacement = async (
  client: Pick<pg.Client, 'query'> | pg.Pool,
): Promise<RecordedPlacement | undefined> => {
  const { rows } = await (client as pg.Pool).query<RecordedPlacement>(
    'SELECT shard, names, placed_on AS "placing", is_changing FROM uec.placement',
  )
  return rows[0]
}

/**
 * Refuses shards that do not fit what their databases have recorded.
 *
 * @param recorded - For each name that was given, what the database under it has.
 * @returns What all of them have.
 * @throws {ContextError} `ERR_CONTEXT_DATABASE_SHARDS`.
 */
export const parseFitting = (
  recorded: ReadonlyMap<string, RecordedPlacement | undefined>,
): Pick<RecordedPlacement, 'names' | 'placing'> => {
  const given = [...recorded.keys()]
  for (const [name, there] of recorded) {
    if (there === undefined)
      throw unfitShards(`The database of the shard "${name}" is recorded as none. Run record-shards once.`)
    if (there.shard !== name)
      throw unfitShards(`The database that was named "${name}" is recorded as the shard "${there.shard}".`)
  }
  const [first] = recorded.values()
  for (const there of recorded.values())
    if (!isSame(there!.names, first!.names) || !isSame(there!.placing, first!.placing) || there!.is_changing)
      throw unfitShards('A change of the shards was cut off: the databases disagree. Run record-shards again.')
  const missing = first!.names.filter((name) => !given.includes(name))
  if (missing.length > 0)
    throw unfitShards(`Owners may be at home in ${toList(missing)}, which was not named. Name all shards.`)
  return first!
}

/** Refuses a shard that is opened alone: owners who are at home elsewhere would begin anew here. */
export const assertNoShard = async (pool: pg.Pool): Promise<void> => {
  const there = await findPlacement(pool)
  if (there !== undefined && there.names.length > 1)
    throw unfitShards(`This database is the shard "${there.shard}" of several. Open all with the option shards.`)
}

/** Whether two lists have the same names in the same order. */
export const isSame = (one: readonly string[], other: readonly string[]): boolean =>
  one.length === other.length && one.every((name, index) => name === other[index])

/** Names, for a sentence. */
export const toList = (names: readonly string[]): string => names.map((name) => `"${name}"`).join(', ')
