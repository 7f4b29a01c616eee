/**
 * Drains an owner: no new run, what runs and waits may end, and then nothing of theirs changes any more.
 */
import { setTimeout as pause } from 'node:timers/promises'
import type pg from 'pg'
import { ContextError } from 'user-execution-context'
import { begin } from '../../connection/in-transaction.ts'
import { wakeAll } from './wake-all.ts'
import { inMove, lockHome, setHome } from './mover-connection.ts'

/** How often it is looked whether the runs have ended, milliseconds. */
const lookMs = 100

/**
 * Lets the runs of an owner end, cancels those that go on for too long, and stops all that is the owner's. It takes a
 * moment in which no transaction of theirs is open.
 *
 * @throws {ContextError} `ERR_CONTEXT_OWNER_MOVING` where runs go on after they were cancelled: there is no worker.
 */
export const drainOwner = async (
  client: pg.Client,
  ownerKey: string,
  destination: string,
  { waitMs, endMs }: { readonly waitMs: number; readonly endMs: number },
): Promise<void> => {
  await setHome(client, ownerKey, 'draining', destination)
  if (await stopWithin(client, ownerKey, destination, waitMs, 'jobs and writers')) return
  await client.query(
    `WITH cancelled AS (
      UPDATE uec.jobs SET cancel_reason = 'shutdown', takes_place = takes_place AND worker IS NOT NULL
      WHERE owner_key = $1 AND cancel_reason IS NULL RETURNING worker IS NULL AS was_waiting
    )
    UPDATE uec.queue_owners SET waiting = waiting - (SELECT count(*) FROM cancelled WHERE was_waiting)
    WHERE owner_key = $1`,
    [ownerKey],
  )
  await wakeAll(client, ['queue'])
  // A writer without a job is of no queue, and may be lost: it can write nothing more.
  await client.query(
    `UPDATE uec.runs AS r SET epoch_starts = epoch_starts || (last_sequence + 1), writer = NULL
      WHERE owner_key = $1 AND ended_at IS NULL AND opened_at IS NOT NULL
        AND NOT EXISTS (SELECT FROM uec.jobs AS j WHERE j.owner_key = r.owner_key AND j.run_id = r.run_id)`,
    [ownerKey],
  )
  if (await stopWithin(client, ownerKey, destination, endMs, 'jobs')) return
  throw new ContextError('ERR_CONTEXT_OWNER_MOVING', {
    fix: 'Runs of the owner went on after they were cancelled, so nothing was moved. See that a worker runs.',
  })
}

/** A writer without a job is lost, or one that a cancel has fenced: from then on jobs alone count. */
type BusyBy = 'jobs' | 'jobs and writers'

async function stopWithin(
  client: pg.Client,
  ownerKey: string,
  destination: string,
  timeMs: number,
  busyBy: BusyBy,
): Promise<boolean> {
  const endsAtMs = performance.now() + timeMs
  for (;;) {
    if (await tryStop(client, ownerKey, destination, busyBy)) return true
    if (performance.now() > endsAtMs) return false
    await pause(lookMs)
  }
}

/** Stops all that is the owner's, where nothing runs. Whoever came before is waited for, and seen. */
async function tryStop(client: pg.Client, ownerKey: string, destination: string, busyBy: BusyBy): Promise<boolean> {
  if (await isBusy(client, ownerKey, busyBy)) return false
  await setHome(client, ownerKey, 'moving', destination)
  return inMove(client, begin, ownerKey, async () => {
    await lockHome(client, ownerKey)
    if (!(await isBusy(client, ownerKey, busyBy))) return true
    await setHome(client, ownerKey, 'draining', destination)
    return false
  })
}

async function isBusy(client: pg.Client, ownerKey: string, busyBy: BusyBy): Promise<boolean> {
  const { rows } = await client.query<{ readonly is_busy: boolean }>(
    `SELECT EXISTS (SELECT FROM uec.jobs WHERE owner_key = $1) OR NOT $2 AND EXISTS (
      SELECT FROM uec.runs WHERE owner_key = $1 AND ended_at IS NULL AND opened_at IS NOT NULL) AS is_busy`,
    [ownerKey, busyBy === 'jobs'],
  )
  return rows[0]!.is_busy
}
