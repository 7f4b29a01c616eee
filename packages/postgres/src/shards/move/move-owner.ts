/**
 * Moves one owner to another shard: drain, copy, compare, switch, delete.
 *
 * The switch is one commit, at the destination: the rows, compared, and the home come together. Before it the owner is
 * at home where they were, after it where they go, and never in both. Cut off at any instant the same move is run again
 * and goes on; a move back to where the owner still is lets them in there again.
 */
import { setTimeout as pause } from 'node:timers/promises'
import type pg from 'pg'
import { ContextError } from 'user-execution-context'
import { defaultAnswerTimeoutMs } from '../../connection/connect-alone.ts'
import type { ConnectionTarget } from '../../connection/connection-target.ts'
import { begin } from '../../connection/in-transaction.ts'
import { callable, count, optional, parseOptions, text, type Checks } from '../../options/parse-options.ts'
import { connection, dayMs, everyMs } from '../../options/port-checks.ts'
import { findOddTables, findOwnerTables, type OwnerTable } from '../owner-tables.ts'
import { unfitShards } from '../shard-errors.ts'
import { namedShards } from '../shard-names.ts'
import { drainOwner } from './drain-owner.ts'
import { assertAllShards, connectTo, findHome, inMove, lockHome, lockMove, setHome } from './mover-connection.ts'
import { assertSameTables, copyRows, digestRows, inOrder, type RowDigest } from './owner-rows.ts'
import { passCopiedNumbers } from './owner-sequences.ts'
import { wakeAll } from './wake-all.ts'

/** A step of a move, as it is told of. */
export type MoveStep = 'drain' | 'copy' | 'switch' | 'settle' | 'delete'

/** Options of {@link moveOwner}. */
export type MoveOwnerOptions = {
  /** All shards by name, each with the login that runs the migrations and may use tables of yours: no pooler. */
  readonly shards: Readonly<Record<string, ConnectionTarget>>
  /** Of toOwnerKey(). Personal data. */
  readonly ownerKey: string
  /** The name of the shard. */
  readonly to: string
  /** How long runs may go on before they are cancelled, milliseconds, 0 to 86,400,000. Default 60,000. */
  readonly waitMs?: number | undefined
  /** How long cancelled runs may take to end, milliseconds, 0 to 86,400,000. Default 30,000. */
  readonly endMs?: number | undefined
  /**
   * How long nodes are given to hear of it before new runs begin and the old rows go, milliseconds, 0 to 86,400,000.
   * Default 5,000.
   */
  readonly settleMs?: number | undefined
  /**
   * How long a statement of the move may take to be answered before its connection counts as lost, milliseconds. One of
   * them compares all rows of a table. 1 to 86,400,000. Default 600,000.
   */
  readonly answerTimeoutMs?: number | undefined
  /** Told of each step before it is taken. Default: nobody is told. */
  readonly onStep?: ((step: MoveStep) => void | Promise<void>) | undefined
}

const checks: Checks<MoveOwnerOptions> = {
  shards: namedShards(connection),
  ownerKey: text(),
  to: text(),
  waitMs: optional(count(0, dayMs)),
  endMs: optional(count(0, dayMs)),
  settleMs: optional(count(0, dayMs)),
  answerTimeoutMs: optional(everyMs),
  onStep: optional(callable),
}

/** What was moved. May be logged. */
export type MovedOwner = { readonly from: string; readonly to: string; readonly rows: number }

/**
 * Moves one owner to another shard, under load: their new runs are refused with `ERR_CONTEXT_OWNER_MOVING` (503) until
 * it is done, runs that go on end first, and all else of theirs waits for the copy. Nobody else is kept from anything.
 * Every table with a column `owner_key` goes along, yours too, and is compared by count and digest.
 *
 * @throws {ContextError} `ERR_CONTEXT_INVALID_OPTIONS`; `ERR_CONTEXT_DATABASE_SHARDS` for what does not fit;
 *   `ERR_CONTEXT_OWNER_MOVING` where another process moves the owner, or their runs do not end. What the driver throws
 *   is thrown unchanged. After any of them the owner is at home where they were, or the move is run again.
 * @example
 * ```ts
 * import { toOwnerKey, type UserExecutionContext } from 'user-execution-context'
 * import { moveOwner, type MovedOwner, type MoveOwnerOptions } from '@user-execution-context/postgres'
 *
 * export const move = (ownerKey: string, shards: MoveOwnerOptions['shards']): Promise<MovedOwner> =>
 *   moveOwner({ shards, ownerKey, to: 'b' })
 * ```
 */
export const moveOwner: (options: MoveOwnerOptions) => Promise<MovedOwner> = async (given) => {
  const options = parseOptions(given, checks)
  const { shards, ownerKey, to, answerTimeoutMs = defaultAnswerTimeoutMs } = options
  if (!Object.hasOwn(shards, to)) throw unfitShards(`There is no shard "${to}".`)
  const sides: Side[] = []
  try {
    for (const name of Object.keys(shards).sort()) {
      const client = await connectTo(name, shards[name]!, answerTimeoutMs)
      sides.push({ name, client })
      await assertAllShards(client, Object.keys(shards))
      await lockMove(client, ownerKey)
    }
    const found = await Promise.all(sides.map(async (side) => ({ side, home: await findHome(side.client, ownerKey) })))
    const known = found.filter(({ home }) => home !== undefined)
    // Two: a move was cut off between switch and delete. What is left behind is removed first.
    const left = known.length > 1 ? known.find(({ home }) => home!.state === 'moving') : undefined
    const from = known.find((each) => each !== left)?.side
    if (from === undefined) throw unfitShards('No shard is the home of this owner.')
    if (left !== undefined) await leave(options, left.side, from, await findOwnerTables(left.side.client))
    const target = sides.find(({ name }) => name === to)!
    if (from !== target) return await move(options, from, target)
    await stay(
      options,
      sides.filter((side) => side !== target),
      target,
    )
    return { from: to, to, rows: 0 }
  } finally {
    await Promise.all(sides.map(({ client }) => client.end().catch(() => undefined)))
  }
}

type Side = { readonly name: string; readonly client: pg.Client }

async function move(options: MoveOwnerOptions, from: Side, target: Side): Promise<MovedOwner> {
  const { ownerKey, to, waitMs = 60_000, endMs = 30_000, onStep = () => {} } = options
  const odd = await findOddTables(from.client)
  if (odd.length > 0) throw unfitShards(`The column of the owner is called owner_key: not so in ${odd.join(', ')}.`)
  const tables = inOrder(await findOwnerTables(from.client))
  assertSameTables(tables, await findOwnerTables(target.client))
  let rows: number
  try {
    await onStep('drain')
    await drainOwner(from.client, ownerKey, to, { waitMs, endMs })
    await onStep('copy')
    rows = await copyAndSwitch(options, from.client, target.client, tables)
  } catch (error) {
    // Of a commit whose answer was lost it is not known: run again, the move finds out.
    const isThere = await findHome(target.client, ownerKey).then(Boolean, () => true)
    if (!isThere) await setHome(from.client, ownerKey, 'here', null).catch(() => undefined)
    throw error
  }
  await leave(options, from, target, tables)
  return { from: from.name, to, rows }
}

/** The owner is at home in the target: nodes hear of it, new runs may begin, and what was left behind goes. */
async function leave(
  { ownerKey, settleMs = 5_000, onStep = () => {} }: MoveOwnerOptions,
  { client: from }: Side,
  { client: target }: Side,
  tables: readonly OwnerTable[],
): Promise<void> {
  await wakeAll(target, ['moves'])
  await onStep('settle')
  await pause(settleMs)
  await setHome(target, ownerKey, 'here', null)
  await onStep('delete')
  await inMove(from, begin, ownerKey, async () => {
    await lockHome(from, ownerKey)
    for (const { sql } of inOrder(tables).toReversed())
      await from.query(`DELETE FROM ${sql} WHERE owner_key = $1`, [ownerKey])
    await from.query('DELETE FROM uec.owner_homes WHERE owner_key = $1', [ownerKey])
  })
}

/** Copies and compares, and makes the owner at home at the destination, in one transaction there. */
async function copyAndSwitch(
  { ownerKey, onStep = () => {} }: MoveOwnerOptions,
  source: pg.Client,
  target: pg.Client,
  tables: readonly OwnerTable[],
): Promise<number> {
  let rows = 0
  await inMove(source, 'BEGIN ISOLATION LEVEL REPEATABLE READ', ownerKey, async () => {
    await inMove(target, begin, ownerKey, async () => {
      // First: whoever would let the owner in at the source again waits for this row. New runs begin after a while.
      await target.query(
        `INSERT INTO uec.owner_homes (owner_key, state, moved_at) VALUES ($1, 'draining', clock_timestamp())`,
        [ownerKey],
      )
      for (const table of tables) {
        await copyRows(source, target, table, ownerKey)
        const [here, there] = [await digestRows(source, table, ownerKey), await digestRows(target, table, ownerKey)]
        assertSame(table, here, there)
        await passCopiedNumbers(target, table, ownerKey)
        rows += here.rows
      }
      await onStep('switch')
      // Held until the switch is done: nobody has let the owner in again, and nobody can before.
      const { rows: held } = await source.query(
        "SELECT FROM uec.owner_homes WHERE owner_key = $1 AND state = 'moving' FOR UPDATE",
        [ownerKey],
      )
      if (held.length === 0)
        throw new ContextError('ERR_CONTEXT_OWNER_MOVING', { fix: 'The move was taken back meanwhile. Run it again.' })
    })
  })
  return rows
}

function assertSame({ name }: OwnerTable, here: RowDigest, there: RowDigest): void {
  if (here.rows !== there.rows || here.digest !== there.digest)
    throw unfitShards(`The rows of ${name} differ after they were copied, so nothing was moved.`)
}

/** The owner is where they should be: a move elsewhere that was cut off is taken back. */
async function stay({ ownerKey }: MoveOwnerOptions, others: readonly Side[], { client: home }: Side): Promise<void> {
  // Of a mover that has lost its lock and goes on: its switch is seen here, or waits until the owner is let in again.
  for (const { client } of others) await client.query(begin)
  try {
    for (const { client } of others)
      await client.query('INSERT INTO uec.owner_homes (owner_key) VALUES ($1)', [ownerKey])
    await setHome(home, ownerKey, 'here', null)
  } finally {
    for (const { client } of others) await client.query('ROLLBACK').catch(() => undefined)
  }
}
