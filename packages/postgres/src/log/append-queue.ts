/**
 * All events that this process appends, in batches: what comes while one batch is on its way goes in the next.
 */
import type { Pool } from 'pg'
import { ContextError, encodeKey } from 'user-execution-context'
import type { LoggedEvent } from '@user-execution-context/golden-path'
import { isTransient, retryTransient } from '../connection/transient.ts'
import { queryDatabase } from '../connection/unreachable.ts'
import { maxBatch, type Appended } from './appended.ts'
import { OwnerLanes } from './owner-lanes.ts'
import { RelaxedEvents } from './relaxed-events.ts'
import { RowsHeld, isLockTimeout } from './rows-held.ts'

/** How long a server that restarts is waited for, milliseconds. */
const retryMs = 4_000
/** How long a batch of many users waits for the rows of one, milliseconds, and one of a user whose rows are held. */
const lockMs = 500
const heldLockMs = 20

// The limit counts for this statement alone, and is set before the function is called: that takes its answer.
const appendSql = `SELECT a.place, a.reason, a.held_sequence
  FROM (SELECT pg_catalog.set_config('lock_timeout', $8, true) OFFSET 0) AS s (lock_timeout) CROSS JOIN LATERAL
    uec.append($1, $2, $3::integer[], $4::bigint[], $5, $6, $7::boolean AND s.lock_timeout IS NOT NULL) AS a`

/** Whether an event may be answered before it is on disk. */
export const isPiece = ({ type }: LoggedEvent): boolean => type === 'agent_message_delta' || type === 'agent_thinking'

/**
 * Sends batches, one after the other, so that the events of a run keep their order. Those of a user whose rows another
 * statement holds, such as forgetUser(), wait in a lane of their own: nobody else waits with them.
 */
export class AppendQueue {
  readonly #pool: Pool
  readonly #onAdded: (added: readonly Appended[]) => void
  readonly #relaxed = new RelaxedEvents()
  readonly #lanes = new OwnerLanes((batch) => this.#appendOrFail(batch, heldLockMs))
  #waiting: Appended[] = []
  #sending: Promise<void> | undefined

  /** @param onAdded - Told of events that readers can be told of. */
  constructor(pool: Pool, onAdded: (added: readonly Appended[]) => void) {
    this.#pool = pool
    this.#onAdded = onAdded
  }

  add(appended: Appended): void {
    if (this.#lanes.add(appended)) return
    this.#waiting.push(appended)
    this.#sending ??= this.#send()
  }

  /** Resolves when nothing is on its way. */
  async idle(): Promise<void> {
    // What is answered in a lane may add an event to the queue, and the other way round.
    while (this.#sending !== undefined || !this.#lanes.isEmpty) {
      await this.#sending
      await this.#lanes.idle()
    }
  }

  async #send(): Promise<void> {
    // What the other runs of this tick append goes along.
    await new Promise(setImmediate)
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, maxBatch)
      await this.#takeAside(await this.#appendOrFail(batch, lockMs))
    }
    this.#sending = undefined
  }

  /**
   * Events of one owner whose rows are held, or of several, of whom one or more are. All of an owner at once: what
   * comes behind them in their lane must not overtake one of them.
   */
  async #takeAside(held: readonly Appended[]): Promise<void> {
    const owners = split(held, ({ run }) => run.ownerKey)
    if (owners.length > 1)
      for (const batch of owners) await this.#takeAside(await this.#appendOrFail(batch, heldLockMs))
    else if (owners.length === 1) {
      const { ownerKey } = held[0]!.run
      const isOwn = ({ run }: Appended): boolean => run.ownerKey === ownerKey
      const behind = this.#waiting.filter(isOwn)
      this.#waiting = this.#waiting.filter((appended) => !isOwn(appended))
      this.#lanes.open(ownerKey, [...held, ...behind])
    }
  }

  /**
   * What the database refuses of one user is not refused of the others: each run is tried on its own then.
   *
   * @returns What was not tried, because rows are held, in the order of the batch.
   */
  async #appendOrFail(batch: readonly Appended[], waitMs: number): Promise<readonly Appended[]> {
    try {
      await this.#append(batch, waitMs)
    } catch (cause) {
      if (cause instanceof RowsHeld) return batch
      const runs = isTransient(cause) ? [] : split(batch, ({ run }) => encodeKey([run.ownerKey, run.runId]))
      const held: Appended[] = []
      if (runs.length > 1)
        // One wait is enough to know that rows are held: everybody waits meanwhile.
        for (const run of runs) held.push(...(await this.#appendOrFail(run, held.length > 0 ? heldLockMs : waitMs)))
      else for (const { settle } of batch) settle(new ContextError('ERR_CONTEXT_EVENT_LOG_FAILED', { cause }))
      return held
    }
    return []
  }

  async #append(batch: readonly Appended[], waitMs: number): Promise<void> {
    const isDurable = batch.some(({ event }) => !isPiece(event))
    const columns = [
      batch.map(({ run }) => run.ownerKey),
      batch.map(({ run }) => run.runId),
      batch.map(({ event }) => event.epoch),
      batch.map(({ event }) => event.sequence),
      batch.map(({ event }) => event.type),
      batch.map(({ event }) => event.text),
      isDurable,
      `${waitMs}ms`,
    ]
    const ask = () => queryDatabase<Refused>(this.#pool, { name: 'uec-append', text: appendSql, values: columns })
    const { rows } = await retryTransient(retryMs, () =>
      ask().catch((error: unknown) => {
        throw isLockTimeout(error) ? new RowsHeld() : error
      }),
    )
    // In the order of the batch, which the server does not keep: what is added again is found behind what is before it.
    const inOrder = rows.toSorted((one, other) => Number(one.place) - Number(other.place))
    const refused = new Map(inOrder.map((row) => [Number(row.place) - 1, row]))
    const added = refused.size === 0 ? batch : batch.filter((_, index) => !refused.has(index))
    if (isDurable) this.#relaxed.forget(added)
    else this.#relaxed.add(added)
    this.#onAdded(added)
    for (const { settle } of added) settle(undefined)
    const again: Appended[] = []
    for (const [index, { reason, held_sequence: held }] of refused) {
      const appended = batch[index]!
      const missing = reason === 'hole' ? this.#relaxed.find(appended, Number(held), again) : undefined
      if (missing === undefined) appended.settle(toRefusal(appended, reason, Number(held)))
      else again.push(...missing, appended)
    }
    this.#waiting.unshift(...again.filter((appended) => !this.#lanes.has(appended)))
    this.#lanes.putBack(again.filter((appended) => this.#lanes.has(appended)))
  }
}

/** In the order of the batch. */
function split(batch: readonly Appended[], toName: (appended: Appended) => string): readonly (readonly Appended[])[] {
  const parts = new Map<string, Appended[]>()
  for (const appended of batch) {
    const name = toName(appended)
    const part = parts.get(name)
    if (part === undefined) parts.set(name, [appended])
    else part.push(appended)
  }
  return [...parts.values()]
}

type Refused = { readonly place: string; readonly reason: string; readonly held_sequence: string }

function toRefusal({ event }: Appended, reason: string, heldSequence: number): ContextError {
  if (reason === 'missing') return new ContextError('ERR_CONTEXT_RUN_NOT_FOUND')
  if (reason === 'fenced' || event.sequence <= heldSequence) return new ContextError('ERR_CONTEXT_WRITE_FENCED')
  return new ContextError('ERR_CONTEXT_EVENT_LOG_FAILED')
}
