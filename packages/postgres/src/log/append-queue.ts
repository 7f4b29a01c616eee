/**
 * All events that this process appends, in batches: what comes while one batch is on its way goes in the next.
 */
import type { Pool } from 'pg'
import { ContextError, encodeKey } from 'user-execution-context'
import type { LoggedEvent } from '@user-execution-context/golden-path'
import { isTransient, retryTransient } from '../connection/transient.ts'
import { queryDatabase } from '../connection/unreachable.ts'
import type { Appended } from './appended.ts'
import { RelaxedEvents } from './relaxed-events.ts'

const maxBatch = 1_000
/** How long a server that restarts is waited for, milliseconds. */
const retryMs = 4_000

const appendSql =
  'SELECT place, reason, held_sequence FROM uec.append($1, $2, $3::integer[], $4::bigint[], $5, $6, $7::boolean)'

/** Whether an event may be answered before it is on disk. */
export const isPiece = ({ type }: LoggedEvent): boolean => type === 'agent_message_delta' || type === 'agent_thinking'

/** Sends batches, one after the other, so that the events of a run keep their order. */
export class AppendQueue {
  readonly #pool: Pool
  readonly #onAdded: (added: readonly Appended[]) => void
  readonly #relaxed = new RelaxedEvents()
  #waiting: Appended[] = []
  #sending: Promise<void> | undefined

  /** @param onAdded - Told of events that readers can be told of. */
  constructor(pool: Pool, onAdded: (added: readonly Appended[]) => void) {
    this.#pool = pool
    this.#onAdded = onAdded
  }

  add(appended: Appended): void {
    this.#waiting.push(appended)
    this.#sending ??= this.#send()
  }

  /** Resolves when nothing is on its way. */
  async idle(): Promise<void> {
    while (this.#sending !== undefined) await this.#sending
  }

  async #send(): Promise<void> {
    // What the other runs of this tick append goes along.
    await new Promise(setImmediate)
    while (this.#waiting.length > 0) {
      await this.#appendOrFail(this.#waiting.splice(0, maxBatch))
    }
    this.#sending = undefined
  }

  /** What the database refuses of one user is not refused of the others: each run is tried on its own then. */
  async #appendOrFail(batch: readonly Appended[]): Promise<void> {
    try {
      await this.#append(batch)
    } catch (cause) {
      const runs = isTransient(cause) ? [] : splitByRun(batch)
      if (runs.length > 1) for (const run of runs) await this.#appendOrFail(run)
      else for (const { settle } of batch) settle(new ContextError('ERR_CONTEXT_EVENT_LOG_FAILED', { cause }))
    }
  }

  async #append(batch: readonly Appended[]): Promise<void> {
    const isDurable = batch.some(({ event }) => !isPiece(event))
    const columns = [
      batch.map(({ run }) => run.ownerKey),
      batch.map(({ run }) => run.runId),
      batch.map(({ event }) => event.epoch),
      batch.map(({ event }) => event.sequence),
      batch.map(({ event }) => event.type),
      batch.map(({ event }) => event.text),
      isDurable,
    ]
    const { rows } = await retryTransient(retryMs, () =>
      queryDatabase<Refused>(this.#pool, { name: 'uec-append', text: appendSql, values: columns }),
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
    this.#waiting.unshift(...again)
  }
}

function splitByRun(batch: readonly Appended[]): readonly (readonly Appended[])[] {
  const runs = new Map<string, Appended[]>()
  for (const appended of batch) {
    const key = encodeKey([appended.run.ownerKey, appended.run.runId])
    const run = runs.get(key)
    if (run === undefined) runs.set(key, [appended])
    else run.push(appended)
  }
  return [...runs.values()]
}

type Refused = { readonly place: string; readonly reason: string; readonly held_sequence: string }

function toRefusal({ event }: Appended, reason: string, heldSequence: number): ContextError {
  if (reason === 'missing') return new ContextError('ERR_CONTEXT_RUN_NOT_FOUND')
  if (reason === 'fenced' || event.sequence <= heldSequence) return new ContextError('ERR_CONTEXT_WRITE_FENCED')
  return new ContextError('ERR_CONTEXT_EVENT_LOG_FAILED')
}
