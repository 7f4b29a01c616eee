/**
 * The event log on Postgres: runs and events that survive any process, readable from every one.
 */
import { randomUUID } from 'node:crypto'
import { ContextError } from 'user-execution-context'
import { findLostEvents, type EventLog, type LoggedEvent } from '@user-execution-context/golden-path'
import type { EventPage, RunKey, RunPosition, RunRecord, Unfollow } from '@user-execution-context/golden-path'
import type { PoolClient } from 'pg'
import { asOwner, type Keeping } from '../connection/as-owner.ts'
import type { Postgres } from '../connection/open-database.ts'
import { callable, optional, parseOptions, type Checks } from '../options/parse-options.ts'
import { everyMs, pools, wakes as wakesCheck } from '../options/port-checks.ts'
import { telling } from '../options/telling.ts'
import { toTopic, type Topic, type WakeChannel } from '../wakes/wake-channel.ts'
import { AppendQueue } from './append-queue.ts'
import { Followers } from './followers.ts'
import { FreshRuns } from './fresh-runs.ts'
import { recordColumns, toRecord, type RecordRow } from './run-record.ts'
import { retentionCheck, toRetention, type RetentionOptions } from './retention.ts'
import { beginRun, newRunWriter, type WriterParts } from './run-writer.ts'
import { Trimmer } from './trimmer.ts'

/** Options of {@link postgresEventLog}. */
export type PostgresEventLogOptions = {
  readonly postgres: Postgres
  readonly wakes: WakeChannel
  /** How often followers look without a wake, milliseconds, 1 to 86,400,000. Default 1,000. */
  readonly pollMs?: number | undefined
  /** What is kept of runs. Every process with a worker's login trims, one at a time. Default: see the type. */
  readonly retention?: RetentionOptions | undefined
  /** Told of what nobody waits for, such as a round of trimming that failed. Default: nobody is told. */
  readonly onError?: ((error: unknown) => void) | undefined
}

/** A table of the options, without the parts of one database. */
export const eventLogChecks: Checks<Omit<PostgresEventLogOptions, 'postgres' | 'wakes'>> = {
  pollMs: optional(everyMs),
  retention: optional(retentionCheck),
  onError: optional(callable),
}

/** An event log on Postgres, and what its queue needs of it. */
export type PostgresEventLog = EventLog & {
  readonly writerParts: () => WriterParts
  /** Tells readers, here and elsewhere, that there is something new of topics. */
  readonly wake: (topics: ReadonlySet<Topic>) => void
  /** Tells readers, here and elsewhere, of a run that a worker of this process has opened for the first time. */
  readonly open: (run: RunRecord, firstEvent: string) => void
}

/**
 * The event log on Postgres. Text may be lost with the last moments of a server that crashes, and a reader is told;
 * tool calls, results and ends are on disk when they are acknowledged.
 *
 * @throws {ContextError} `ERR_CONTEXT_INVALID_OPTIONS`.
 * @example
 * ```ts
 * import { openWakeChannel, postgresEventLog, type Postgres } from '@user-execution-context/postgres'
 *
 * export const openLog = (postgres: Postgres) =>
 *   postgresEventLog({ postgres, wakes: openWakeChannel({ pool: postgres.service, listen: postgres.listen }) })
 * ```
 */
export const postgresEventLog = (options: PostgresEventLogOptions): PostgresEventLog => {
  const checks = { postgres: pools, wakes: wakesCheck, ...eventLogChecks }
  const { postgres, wakes, pollMs = 1_000, retention, ...own } = parseOptions(options, checks)
  const onError = telling(own.onError)
  const trimmer = postgres.hasWorker ? new Trimmer(postgres.worker, toRetention(retention), onError) : undefined
  const followers = new Followers(postgres.service, wakes, pollMs, onError)
  const fresh = new FreshRuns()
  let parts: WriterParts | undefined
  const writerParts = (): WriterParts =>
    (parts ??= {
      pool: postgres.worker,
      queue: new AppendQueue(postgres.worker, (added) => {
        for (const { run, event } of added) {
          fresh.add(run, event)
          followers.tell(run, event)
        }
        followers.sayToOthers(new Set(added.map(({ run }) => toTopic(run.ownerKey, run.runId))))
      }),
      onOpened: ({ ownerKey }) => followers.say(new Set([toTopic(ownerKey)])),
    })
  const inRun = <Result>(
    { ownerKey }: RunKey,
    run: (client: PoolClient) => Promise<Result>,
    keeping?: Keeping,
  ): Promise<Result> => asOwner(postgres.service, ownerKey, run, keeping)

  const read = async (key: RunKey, after: RunPosition, maxEvents: number): Promise<EventPage> => {
    const { rows } = await inRun(key, (client) =>
      client.query<PageRow>({
        name: 'uec-read',
        text: pageSql,
        values: [key.ownerKey, key.runId, after.sequence, Math.min(after.epoch, maxEpoch), maxEvents],
      }),
    )
    const [run] = rows
    if (run === undefined) throw new ContextError('ERR_CONTEXT_RUN_NOT_FOUND')
    const starts = run.epoch_starts.map(Number)
    const lastSequence = Number(run.last_sequence)
    const lost = findLostEvents(starts, lastSequence, after)
    return {
      events: rows.flatMap(toEvent),
      epoch: Math.max(1, starts.length),
      firstSequence: Number(run.first_sequence),
      lastSequence,
      ...(lost && { lost }),
    }
  }
  const follow = async (key: RunKey, listener: (event: LoggedEvent) => void): Promise<Unfollow> => {
    const { rows } = await inRun(key, (client) =>
      client.query<{ readonly epoch: number; readonly last_sequence: string }>({
        name: 'uec-follow',
        text: `SELECT greatest(cardinality(epoch_starts), 1) AS epoch, last_sequence
          FROM uec.runs WHERE owner_key = $1 AND run_id = $2`,
        values: [key.ownerKey, key.runId],
      }),
    )
    const [run] = rows
    if (run === undefined) throw new ContextError('ERR_CONTEXT_RUN_NOT_FOUND')
    return followers.followRun(key, { epoch: run.epoch, sequence: Number(run.last_sequence) }, listener)
  }

  return Object.freeze({
    writerParts,
    wake: (topics) => followers.say(topics),
    open: (run, text) => {
      fresh.open(run, { epoch: 1, sequence: 1, type: 'agent_started', text, bytes: Buffer.byteLength(text) })
      followers.tellOf(run)
      followers.sayToOthers(new Set([toTopic(run.ownerKey), toTopic(run.ownerKey, run.runId)]))
    },
    create: async ({ ownerKey, runId, threadId, requestId, createdAtMs }) => {
      const file = (client: PoolClient) =>
        client.query({
          name: 'uec-create-run',
          text: `INSERT INTO uec.runs (owner_key, run_id, thread_id, request_id, created_at_ms)
            VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`,
          values: [ownerKey, runId, threadId, requestId, createdAtMs],
        })
      // Nobody is told of a run before it is queued, or opened, on disk.
      const { rowCount } = await inRun({ ownerKey, runId }, file, { isRelaxed: true })
      if (rowCount === 0) throw new ContextError('ERR_CONTEXT_RUN_EXISTS')
    },
    // A run that is queued stays: only the answer that says so was lost, and a worker may have it.
    discard: (key) => {
      fresh.forget(key)
      return inRun(key, async (client) => {
        const { rowCount } = await client.query(
          'DELETE FROM uec.runs WHERE owner_key = $1 AND run_id = $2 AND start_data IS NULL',
          [key.ownerKey, key.runId],
        )
        if (rowCount === 0) return
        await client.query('DELETE FROM uec.events WHERE owner_key = $1 AND run_id = $2', [key.ownerKey, key.runId])
      })
    },
    find: async (key) => {
      const { rows } = await inRun(key, (client) =>
        client.query<RecordRow>({
          name: 'uec-find-run',
          text: `SELECT ${recordColumns} FROM uec.runs WHERE owner_key = $1 AND run_id = $2`,
          values: [key.ownerKey, key.runId],
        }),
      )
      return rows[0] && toRecord(key.ownerKey, rows[0])
    },
    list: async (ownerKey) => {
      const { rows } = await asOwner(postgres.service, ownerKey, (client) =>
        client.query<RecordRow>({
          name: 'uec-list-runs',
          text: `SELECT ${recordColumns} FROM uec.runs WHERE owner_key = $1 ORDER BY created_at_ms, run_id`,
          values: [ownerKey],
        }),
      )
      return rows.map((row) => toRecord(ownerKey, row))
    },
    openWriter: async (key) => {
      const given = writerParts()
      return newRunWriter(key, await beginRun(key, randomUUID(), undefined, given), given)
    },
    read: (key, after, maxEvents) => fresh.findPage(key, after, maxEvents) ?? read(key, after, maxEvents),
    follow: (key, listener) => {
      const last = fresh.findLast(key)
      return last === undefined ? follow(key, listener) : followers.followRun(key, toPlace(last), listener)
    },
    followOwner: (ownerKey, listener) => followers.followOwner(ownerKey, listener),
    close: async () => {
      await trimmer?.close()
      await parts?.queue.idle()
      await followers.close()
    },
  } satisfies PostgresEventLog)
}

/** Of an integer of SQL, less the one that is added. A reader may say any: all that no run has mean the same. */
const maxEpoch = 2_147_483_646

const pageSql = `
  SELECT r.epoch_starts, r.first_sequence, r.last_sequence, e.epoch, e.sequence, e.type, e.text
  FROM uec.runs AS r LEFT JOIN LATERAL (
    SELECT epoch, sequence, type, text FROM uec.events AS e
    WHERE e.owner_key = r.owner_key AND e.run_id = r.run_id
      AND e.sequence > least($3::bigint, coalesce(r.epoch_starts[$4::integer + 1] - 1, r.last_sequence))
    ORDER BY sequence LIMIT $5
  ) AS e ON true
  WHERE r.owner_key = $1 AND r.run_id = $2
  ORDER BY e.sequence`

type PageRow = {
  readonly epoch_starts: readonly string[]
  readonly first_sequence: string
  readonly last_sequence: string
  readonly epoch: number
  readonly sequence: string | null
  readonly type: LoggedEvent['type']
  readonly text: string
}

function toPlace({ epoch, sequence }: RunPosition): RunPosition {
  return { epoch, sequence }
}

// A run without events after the place has one row without an event.
function toEvent({ epoch, sequence, type, text }: PageRow): readonly LoggedEvent[] {
  return sequence === null ? [] : [{ epoch, sequence: Number(sequence), type, text, bytes: Buffer.byteLength(text) }]
}
