/**
 * Who in this process follows which runs and owners. What is new is asked for in one statement for all of them: when a
 * wake says so, and from time to time, because a wake can be lost.
 */
import type { Pool } from 'pg'
import type { LoggedEvent, RunKey, RunPosition, RunRecord, Unfollow } from '@user-execution-context/golden-path'
import { asOwner } from '../connection/as-owner.ts'
import { isTransient } from '../connection/transient.ts'
import { queryDatabase } from '../connection/unreachable.ts'
import { telling } from '../options/telling.ts'
import { toTopic, type Topic, type WakeChannel, type WakeListener } from '../wakes/wake-channel.ts'
import { recordColumns, toRecord, type RecordRow } from './run-record.ts'

type RunListener = (event: LoggedEvent) => void
type OwnerListener = (run: RunRecord) => void
type FollowedRun = { readonly key: RunKey; position: RunPosition; readonly listeners: Set<RunListener>; isDue: boolean }
type FollowedOwner = {
  readonly ownerKey: string
  readonly listeners: Set<OwnerListener>
  /** Runs that were told of, or open before, and when they were seen. */
  readonly known: Map<string, Moment>
  /** When all that had been opened was known. */
  lookedAt: Moment
  isDue: boolean
}
type FeedRow = {
  readonly kind: 'event' | 'run' | 'queue'
  readonly place: string
  readonly epoch: number
  readonly sequence: string
  readonly type: LoggedEvent['type']
  readonly text: string
} & RecordRow

const maxEventsPerRun = 256
/** The feed gives runs for a minute after their first opening. A look that comes later requests what it missed. */
const fedMs = 45_000
/** For how long before the last look a run is known, so that it is told of once. */
const knownMs = 120_000

export class Followers {
  readonly #pool: Pool
  readonly #runs = new Map<Topic, FollowedRun>()
  readonly #owners = new Map<Topic, FollowedOwner>()
  readonly #poll: NodeJS.Timeout
  readonly #wakes: WakeChannel
  readonly #hearWake: WakeListener
  readonly #unhear: () => void
  readonly #onError: (error: unknown) => void
  #looking: Promise<void> | undefined

  /** @param onError - Told of what a listener threw. */
  constructor(pool: Pool, wakes: WakeChannel, pollMs: number, onError: (error: unknown) => void) {
    this.#pool = pool
    this.#onError = onError
    this.#wakes = wakes
    this.#hearWake = (topics) => (topics === undefined ? this.#lookAtAll() : this.#lookAt(topics))
    this.#unhear = wakes.hear(this.#hearWake)
    this.#poll = setInterval(() => this.#lookAtAll(), pollMs).unref()
  }

  followRun(key: RunKey, position: RunPosition, given: RunListener): Unfollow {
    const listener = telling(given, this.#onError)
    const topic = toTopic(key.ownerKey, key.runId)
    const run = this.#runs.get(topic) ?? { key, position, listeners: new Set(), isDue: false }
    this.#runs.set(topic, run)
    run.listeners.add(listener)
    return () => {
      run.listeners.delete(listener)
      if (run.listeners.size === 0 && this.#runs.get(topic) === run) this.#runs.delete(topic)
    }
  }

  async followOwner(ownerKey: string, given: OwnerListener): Promise<Unfollow> {
    const listener = telling(given, this.#onError)
    const topic = toTopic(ownerKey)
    let owner = this.#owners.get(topic)
    if (owner === undefined) {
      const known = new Map<string, Moment>()
      const lookedAt = now()
      for (const { run_id: runId } of await this.#ask([], [{ ownerKey }])) known.set(runId, lookedAt)
      owner = this.#owners.get(topic) ?? { ownerKey, listeners: new Set(), known, lookedAt, isDue: false }
      this.#owners.set(topic, owner)
    }
    const followed = owner
    followed.listeners.add(listener)
    return () => {
      followed.listeners.delete(listener)
      if (followed.listeners.size === 0 && this.#owners.get(topic) === followed) this.#owners.delete(topic)
    }
  }

  /** Tells of an event that this process has added: no need to ask for it. */
  tell(key: RunKey, event: LoggedEvent): void {
    const run = this.#runs.get(toTopic(key.ownerKey, key.runId))
    if (run === undefined) return
    const { epoch, sequence } = run.position
    if (event.epoch === epoch && event.sequence === sequence + 1) this.#hear(run, event)
    else this.#lookAt([toTopic(key.ownerKey, key.runId)])
  }

  /** Tells of a run that this process has opened: no need to ask for it. */
  tellOf(record: RunRecord): void {
    const owner = this.#owners.get(toTopic(record.ownerKey))
    if (owner !== undefined) this.#hearOf(owner, record)
  }

  /** Says that there is something new of topics, which was not told here: it is looked for. */
  say(topics: ReadonlySet<Topic>): void {
    this.#lookAt(topics)
    this.sayToOthers(topics)
  }

  /** Says that there is something new of topics, which was told here: who begins to follow now reads it. */
  sayToOthers(topics: ReadonlySet<Topic>): void {
    this.#wakes.wake(topics, this.#hearWake)
  }

  async close(): Promise<void> {
    clearInterval(this.#poll)
    this.#unhear()
    this.#runs.clear()
    this.#owners.clear()
    await this.#looking
  }

  #lookAtAll(): void {
    for (const run of this.#runs.values()) run.isDue = true
    for (const owner of this.#owners.values()) owner.isDue = true
    this.#start()
  }

  #lookAt(topics: Iterable<Topic>): void {
    for (const topic of topics) {
      const found = this.#runs.get(topic) ?? this.#owners.get(topic)
      if (found !== undefined) found.isDue = true
    }
    this.#start()
  }

  #start(): void {
    this.#looking ??= this.#lookWhileDue()
  }

  async #lookWhileDue(): Promise<void> {
    // What this tick brings is asked for together.
    await Promise.resolve()
    for (;;) {
      const runs = [...this.#runs.values()].filter(({ isDue }) => isDue)
      const owners = [...this.#owners.values()].filter(({ isDue }) => isDue)
      if (runs.length === 0 && owners.length === 0) break
      for (const due of [...runs, ...owners]) due.isDue = false
      try {
        const lookedAt = now()
        // In the order of the question: first the runs that begin, then what they say.
        const rows = await this.#ask(runs, owners)
        for (const row of rows) {
          const owner = row.kind === 'run' ? owners[Number(row.place) - 1]! : undefined
          if (owner !== undefined) this.#hearOf(owner, toRecord(owner.ownerKey, row))
        }
        for (const row of rows) if (row.kind === 'event') this.#take(runs[Number(row.place) - 1]!, row, rows.length)
        for (const owner of owners) await this.#hearMissed(owner, lookedAt)
      } catch {
        // The server is away. What is due is asked for again by the next wake, or the next round.
        break
      }
    }
    this.#looking = undefined
  }

  async #ask(
    runs: readonly FollowedRun[],
    owners: readonly Pick<FollowedOwner, 'ownerKey'>[],
  ): Promise<readonly FeedRow[]> {
    const { rows } = await queryDatabase<FeedRow>(this.#pool, {
      name: 'uec-feed',
      text: 'SELECT * FROM uec.feed($1, $2, $3::integer[], $4::bigint[], $5, $6, false)',
      values: [
        runs.map(({ key }) => key.ownerKey),
        runs.map(({ key }) => key.runId),
        runs.map(({ position }) => position.epoch),
        runs.map(({ position }) => position.sequence),
        owners.map(({ ownerKey }) => ownerKey),
        maxEventsPerRun,
      ],
    })
    return rows
  }

  /** Tells of the runs that were opened while this process was cut off for longer than the feed gives them. */
  async #hearMissed(owner: FollowedOwner, lookedAt: Moment): Promise<void> {
    if (Math.max(...msBetween(owner.lookedAt, lookedAt)) > fedMs) {
      try {
        const { rows } = await asOwner(this.#pool, owner.ownerKey, (client) => {
          // Counted back from here: others were asked before, and this one may have waited for a connection.
          const missedMs = Math.max(...msBetween(owner.lookedAt, now()))
          return client.query<RecordRow>(missedSql, [owner.ownerKey, missedMs + fedMs])
        })
        for (const row of rows) this.#hearOf(owner, toRecord(owner.ownerKey, row))
      } catch (error) {
        if (isTransient(error)) throw error
        // An owner who is being moved to another shard is followed there. The others are heard of all the same.
        return
      }
    }
    owner.lookedAt = lookedAt
  }

  #take(run: FollowedRun, { epoch, sequence, type, text }: FeedRow, rowCount: number): void {
    // There may be more of it.
    if (rowCount >= maxEventsPerRun) run.isDue = true
    const event: LoggedEvent = { epoch, sequence: Number(sequence), type, text, bytes: Buffer.byteLength(text) }
    const { position } = run
    const isNew = epoch === position.epoch ? event.sequence > position.sequence : epoch > position.epoch
    if (isNew) this.#hear(run, event)
  }

  #hear(run: FollowedRun, event: LoggedEvent): void {
    run.position = { epoch: event.epoch, sequence: event.sequence }
    for (const listener of run.listeners) listener(event)
  }

  #hearOf(owner: FollowedOwner, record: RunRecord): void {
    for (const [runId, seenAt] of owner.known) {
      if (Math.min(...msBetween(seenAt, owner.lookedAt)) < knownMs) break
      owner.known.delete(runId)
    }
    if (owner.known.has(record.runId)) return
    owner.known.set(record.runId, now())
    for (const listener of owner.listeners) listener(record)
  }
}

const missedSql = `SELECT ${recordColumns} FROM uec.runs
  WHERE owner_key = $1 AND opened_at > now() - make_interval(secs => $2::double precision / 1000)
  ORDER BY opened_at`

/** By two clocks: one stands still while the machine sleeps, the other can be set. */
type Moment = { readonly wallMs: number; readonly upMs: number }
const now = (): Moment => ({ wallMs: Date.now(), upMs: performance.now() })

function msBetween(earlier: Moment, later: Moment): readonly [number, number] {
  return [later.wallMs - earlier.wallMs, later.upMs - earlier.upMs]
}
