/**
 * The rows of one owner in one table: counted, read and added. All values go as text, which every type has and which
 * keeps each of them as it is.
 */
import type pg from 'pg'
import { unfitShards } from '../shard-errors.ts'
import { quoteName } from '../../migrations/roles.ts'
import type { OwnerTable } from '../owner-tables.ts'

/** What two sides must agree on. May be logged. */
export type RowDigest = { readonly rows: number; readonly digest: string }

/** Rows of one round trip. */
const rowsAtOnce = 500

/** One form of each value, whatever the databases and logins have as their own. */
export const textSettings = `SET LOCAL timezone = 'UTC'; SET LOCAL datestyle = 'ISO, YMD';
  SET LOCAL intervalstyle = 'postgres'; SET LOCAL bytea_output = 'hex'; SET LOCAL extra_float_digits = 1;
  SET LOCAL xmloption = 'content'; SET LOCAL lc_monetary = 'C'`

const namesOf = ({ columns }: OwnerTable): string => columns.map(({ name }) => quoteName(name)).join(', ')
const textsOf = ({ columns }: OwnerTable): string => columns.map(({ name }) => `${quoteName(name)}::text`).join(', ')

/** How many rows, and a digest of all of them, in whatever order they are. */
export const digestRows = async (client: pg.Client, table: OwnerTable, ownerKey: string): Promise<RowDigest> => {
  const { rows } = await client.query<{ readonly count: string; readonly digest: string }>(
    `SELECT count(*) AS count, encode(sha256(coalesce(string_agg(d, ''::bytea ORDER BY d), ''::bytea)), 'hex') AS digest
      FROM (SELECT sha256(convert_to(ROW(${textsOf(table)})::text, 'UTF8')) AS d
        FROM ${table.sql} WHERE owner_key = $1) AS r`,
    [ownerKey],
  )
  return { rows: Number(rows[0]!.count), digest: rows[0]!.digest }
}

/** Adds the rows of one side to the other, some at a time. Both are in a transaction. */
export const copyRows = async (from: pg.Client, to: pg.Client, table: OwnerTable, ownerKey: string): Promise<void> => {
  const cursor = 'uec_moved'
  await from.query({
    text: `DECLARE ${cursor} NO SCROLL CURSOR FOR SELECT ${textsOf(table)} FROM ${table.sql}
      WHERE owner_key = $1`,
    values: [ownerKey],
  })
  const values = table.columns.map(({ name, type }, index) => `u.c${index}::${type} AS ${quoteName(name)}`).join(', ')
  const given = table.columns.map((_, index) => `$${index + 1}::text[]`).join(', ')
  const names = table.columns.map((_, index) => `c${index}`).join(', ')
  // Of a table that refers to itself a row may come before the one that it refers to: its rows are added all at once.
  const isGathered = table.refersTo.includes(table.name)
  if (isGathered)
    await to.query(`CREATE TEMP TABLE ${gathered} ON COMMIT DROP AS SELECT ${namesOf(table)} FROM ${table.sql} LIMIT 0`)
  const copied = `SELECT ${values} FROM unnest(${given}) AS u(${names})`
  for (;;) {
    const { rows } = await from.query<(string | null)[]>({
      text: `FETCH ${rowsAtOnce} FROM ${cursor}`,
      rowMode: 'array',
    })
    if (rows.length === 0) break
    await to.query(
      isGathered ? `INSERT INTO ${gathered} ${copied}` : insertInto(table, copied),
      table.columns.map((_, index) => rows.map((row) => row[index])),
    )
  }
  await from.query(`CLOSE ${cursor}`)
  if (!isGathered) return
  await to.query(insertInto(table, `SELECT * FROM ${gathered}`))
  await to.query(`DROP TABLE ${gathered}`)
}

const gathered = 'pg_temp.uec_gathered'
const insertInto = (table: OwnerTable, rows: string): string =>
  `INSERT INTO ${table.sql} (${namesOf(table)}) OVERRIDING SYSTEM VALUE ${rows}`

/** What refers to another table comes behind it. */
export const inOrder = (tables: readonly OwnerTable[]): readonly OwnerTable[] => {
  const ordered: OwnerTable[] = []
  let left = [...tables]
  while (left.length > 0) {
    const names = new Set(left.map(({ name }) => name))
    const next = left.filter(({ name, refersTo }) => !refersTo.some((other) => other !== name && names.has(other)))
    if (next.length === 0)
      throw unfitShards(`Tables that refer to each other cannot be copied in an order: ${[...names].join(', ')}.`)
    ordered.push(...next)
    left = left.filter((table) => !next.includes(table))
  }
  return ordered
}

/** Tables of two shards, where they are the same. @throws {ContextError} `ERR_CONTEXT_DATABASE_SHARDS`. */
export const assertSameTables = (from: readonly OwnerTable[], to: readonly OwnerTable[]): void => {
  const toText = ({ name, columns }: OwnerTable) =>
    `${name} ${columns.map((each) => `${each.name} ${each.type}`).join()}`
  const [here, there] = [from.map(toText), to.map(toText)]
  const odd = [...here.filter((each) => !there.includes(each)), ...there.filter((each) => !here.includes(each))]
  if (odd.length > 0)
    throw unfitShards(
      `Tables with owner_key differ between the two: ${odd.map((each) => each.split(' ')[0]).join(', ')}.`,
    )
}
