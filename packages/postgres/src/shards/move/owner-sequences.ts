/**
 * The sequences that number the rows of a table: after a copy they go on behind what came along.
 */
import type pg from 'pg'
import { quoteName } from '../../migrations/roles.ts'
import type { OwnerTable } from '../owner-tables.ts'

type Numbered = {
  readonly column: string
  /** As regclass writes it, quoted. */
  readonly sequence: string
  readonly increment: string
}

/**
 * Sees that the next number of each sequence is one that no copied row has. No sequence is ever set back: others draw
 * from it meanwhile, so a short way is gone number by number, and a long one leaves them thousands before they pass it.
 * A sequence is of no transaction: one that went ahead of a copy which is rolled back has left numbers out.
 */
export const passCopiedNumbers = async (to: pg.Client, table: OwnerTable, ownerKey: string): Promise<void> => {
  const { rows } = await to.query<Numbered>(numberedSql, [table.sql])
  for (const { column, sequence, increment } of rows) {
    const farthest = increment.startsWith('-') ? 'min' : 'max'
    await to.query(
      `WITH copied AS (SELECT ${farthest}(${quoteName(column)})::bigint AS last FROM ${table.sql} WHERE owner_key = $2),
        way AS (
          SELECT last, ceil((last - last_value)::numeric / $3) + CASE WHEN is_called THEN 0 ELSE 1 END AS steps
          FROM copied, ${sequence}
        )
      SELECT CASE WHEN steps > 10000 THEN setval($1, last)
        ELSE (SELECT max(nextval($1)) FROM generate_series(1, steps)) END FROM way WHERE steps > 0`,
      [sequence, ownerKey, increment],
    )
  }
}

// Identity columns and serial ones, and those with a default that draws from a sequence of whatever owner.
const numberedSql = `
  SELECT a.attname AS column, s.seqrelid::pg_catalog.regclass::text AS sequence, s.seqincrement::text AS increment
  FROM pg_catalog.pg_attribute AS a
  LEFT JOIN pg_catalog.pg_attrdef AS f ON f.adrelid = a.attrelid AND f.adnum = a.attnum
  JOIN pg_catalog.pg_depend AS d ON d.deptype = 'i' AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
      AND d.refobjid = a.attrelid AND d.refobjsubid = a.attnum
    OR d.classid = 'pg_catalog.pg_attrdef'::pg_catalog.regclass AND d.objid = f.oid
  JOIN pg_catalog.pg_sequence AS s ON s.seqrelid IN (d.objid, d.refobjid)
  WHERE a.attrelid = $1::pg_catalog.regclass AND a.attnum > 0 AND NOT a.attisdropped
    AND a.atttypid IN ('int2'::pg_catalog.regtype, 'int4'::pg_catalog.regtype, 'int8'::pg_catalog.regtype,
      'numeric'::pg_catalog.regtype)`
