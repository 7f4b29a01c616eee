/**
 * Writes the events of one run through the batches of its process.
 */
import { randomUUID } from 'node:crypto'
import { ContextError, type RequestId } from 'user-execution-context'
import type { EventWriter, LoggedEvent, RunKey } from '@user-execution-context/golden-path'
import type { Pool, PoolClient } from 'pg'
import { asOwner } from '../connection/as-owner.ts'
import { retryTransient } from '../connection/transient.ts'
import { isPiece, type AppendQueue } from './append-queue.ts'
import { isLockTimeout } from './rows-held.ts'

/** What writers of a log share. */
export type WriterParts = {
  readonly pool: Pool
  readonly queue: AppendQueue
  /** Told of a run that was opened. */
  readonly onOpened: (run: RunKey) => void
}

/** Where a writer begins. */
export type Opened = { readonly epoch: number; readonly lastSequence: number; readonly requestId: string }

/** Text of one run that may be on its way before its agent has to wait, bytes. */
const maxPiecesBytes = 262_144

/** The writer of a run that is open. */
export const newRunWriter = (run: RunKey, opened: Opened, parts: WriterParts): EventWriter => {
  const { epoch, lastSequence, requestId } = opened
  const token = randomUUID()
  let failed: unknown
  let piecesBytes = 0

  const send = (event: LoggedEvent): Promise<void> =>
    new Promise((resolve, reject) => {
      const settle = (error: unknown): void => {
        if (error === undefined) return resolve()
        failed ??= error
        reject(error)
      }
      parts.queue.add({ run, event, settle })
    })
  return Object.freeze({
    epoch,
    lastSequence,
    requestId: requestId as RequestId,
    append: (event: LoggedEvent) => {
      // A piece before this one was lost.
      if (failed !== undefined) throw failed
      const sent = send(event)
      if (!isPiece(event) || piecesBytes > maxPiecesBytes) return sent
      piecesBytes += event.bytes
      const settled = (): void => void (piecesBytes -= event.bytes)
      sent.then(settled, settled)
      return undefined
    },
    reopen: async () => newRunWriter(run, await beginRun(run, token, epoch, parts), parts),
  })
}

type Row = { readonly epoch: number; readonly last_sequence: string; readonly request_id: string }

/**
 * Opens a run: raises its epoch in a durable commit.
 *
 * @param token - Of this opening: asked again because the answer was lost, it is one and the same.
 * @param replaces - The epoch that must be the newest. Undefined: any.
 */
export const beginRun = async (
  { ownerKey, runId }: RunKey,
  token: string,
  replaces: number | undefined,
  { pool, onOpened }: WriterParts,
): Promise<Opened> => {
  const open = async (client: PoolClient): Promise<Row> => {
    const { rows } = await client.query<Row>({
      name: 'uec-open-run',
      text: `
        UPDATE uec.runs SET
          epoch_starts = CASE WHEN writer = $3::uuid THEN epoch_starts ELSE epoch_starts || (last_sequence + 1) END,
          writer = $3::uuid, opened_at = coalesce(opened_at, clock_timestamp())
        WHERE owner_key = $1 AND run_id = $2 AND ended_at IS NULL
          AND ($4::integer IS NULL OR cardinality(epoch_starts) = $4 OR writer = $3::uuid)
        RETURNING cardinality(epoch_starts) AS epoch, last_sequence, request_id`,
      values: [ownerKey, runId, token, replaces ?? null],
    })
    if (rows[0] !== undefined) return rows[0]
    const found = await client.query('SELECT FROM uec.runs WHERE owner_key = $1 AND run_id = $2', [ownerKey, runId])
    throw new ContextError(found.rowCount === 0 ? 'ERR_CONTEXT_RUN_NOT_FOUND' : 'ERR_CONTEXT_WRITE_FENCED')
  }
  // Between two tries the connection is free: rows of one user that a hung process holds keep nobody else waiting.
  const row = await retryTransient(4_000, () => asOwner(pool, ownerKey, open, { isImpatient: true })).catch(
    (error: unknown) => {
      throw isLockTimeout(error) ? toRefusal(error) : error
    },
  )
  onOpened({ ownerKey, runId })
  return { epoch: row.epoch, lastSequence: Number(row.last_sequence), requestId: row.request_id }
}

function toRefusal(cause: unknown): ContextError {
  // Not always its rows: a move of its owner holds the lock of the owner.
  const fix =
    'Another transaction holds what the run needs. Try again; where it lasts, look for one that was left open.'
  return new ContextError('ERR_CONTEXT_EVENT_LOG_FAILED', { cause, fix })
}
