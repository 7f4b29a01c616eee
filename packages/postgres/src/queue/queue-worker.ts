/** What executes in a queue: claims jobs, says that it lives, hears of cancels, and lets go of what it lost. */
import { randomUUID } from 'node:crypto'
import { encodeKey } from 'user-execution-context'
import { RunCancellation, type CancelReason, type RunKey } from '@user-execution-context/golden-path'
import type { RunWorker, UnexecutedEnd } from '@user-execution-context/golden-path'
import { queryDatabase } from '../connection/unreachable.ts'
import { newRunWriter } from '../log/run-writer.ts'
import { telling } from '../options/telling.ts'
import { toTopic } from '../wakes/wake-channel.ts'
import { unsealJob } from './unseal-job.ts'
import { toRunKey, type ClaimRow } from './claim-row.ts'
import { FilingJobs, type FilingSlot } from './filing-jobs.ts'
import type { PostgresRunQueueOptions } from './queue-options.ts'
import { UnqueuedRuns } from './unqueued-runs.ts'
import type { WorkerSlots } from './worker-slots.ts'

type Running = {
  readonly cancellation: RunCancellation
  readonly takesPlace: boolean
  claim: number
  readonly done: Promise<void>
}

/** Of the polls of an idle worker one in so many asks: wakes say what is new. */
const idlePolls = 3
const toKey = ({ ownerKey, runId }: RunKey): string => encodeKey([ownerKey, runId])

export class QueueWorker {
  readonly #options: PostgresRunQueueOptions
  readonly #id = randomUUID()
  readonly #running = new Map<string, Running>()
  /** Jobs that this process is queueing: they start when that has been said. */
  readonly #held = new Map<string, Promise<void>>()
  readonly #filing = new FilingJobs()
  #done: RunKey[] = []
  #worker: RunWorker | undefined
  #onUnexecutedEnd: (end: UnexecutedEnd) => void = () => {}
  #poll: NodeJS.Timeout | undefined
  #unqueued: UnqueuedRuns | undefined
  #claiming: Promise<void> | undefined
  #isDue = false
  #claims = 0
  /** Count of the calls that said that jobs wait, and that count before the last claim that emptied the queue. */
  #heard = 1
  #claimedUntil = 0
  #isDraining = false
  /** The last claim failed: the next keeps no more than one slot from the other workers of the process. */
  #isAway = false
  /** The last claim took nothing: no job opens while it is not known who has signed out. */
  #isUnheard = false
  #isClosed = false
  readonly #slots: WorkerSlots

  /** @param slots - Of the process: its other workers, of other databases, take them from the same. */
  constructor(options: PostgresRunQueueOptions, slots: WorkerSlots) {
    this.#options = options
    this.#slots = slots
    slots.join(this)
  }

  start(worker: RunWorker, onUnexecutedEnd: (end: UnexecutedEnd) => void = () => {}): void {
    this.#worker = worker
    this.#onUnexecutedEnd = telling(onUnexecutedEnd, this.#options.onError)
    const { pollMs = 1_000, leaseMs = 15_000, sessions } = this.#options
    let sinceMs = performance.now()
    const poll = (): void => {
      // Half a poll less: a timer is a little early or late.
      const isDue = this.#running.size > 0 || performance.now() - sinceMs > (idlePolls - 0.5) * pollMs
      if (!isDue && !(this.#isUnheard && sessions.isLivenessKnown)) return
      sinceMs = performance.now()
      this.look()
    }
    // A lease that ends between two polls would give what runs to several workers at once.
    this.#poll = setInterval(poll, Math.min(pollMs, leaseMs / 3)).unref()
    this.#unqueued = new UnqueuedRuns(this.#options, this.#onUnexecutedEnd)
    this.look()
  }

  /** Looks for jobs soon. */
  look(): void {
    if (this.#worker === undefined || this.#isClosed) return
    this.#isDue = true
    this.#claiming ??= this.#claimWhileDue()
  }

  /** Hears that jobs wait. */
  hear(): void {
    this.#heard++
    this.look()
  }

  /** Keeps a job from starting here until what is returned is called. */
  hold(key: RunKey): () => void {
    let release!: () => void
    this.#held.set(toKey(key), new Promise((resolve) => (release = resolve)))
    return () => {
      this.#held.delete(toKey(key))
      release()
    }
  }

  /** Takes a slot for a job that is about to be filed: where one is free now, and nobody is known to wait for it. */
  takeSlot(row: ClaimRow): FilingSlot | undefined {
    if (this.#isClosed || this.#isDraining || !this.#options.sessions.isLivenessKnown) return undefined
    const key = toKey(toRunKey(row))
    if (this.#filing.has(key) || this.#running.has(key)) return undefined
    // So it is until the first claim, too.
    if (this.#claimedUntil < this.#heard || !this.#slots.take(this)) return undefined
    const decided = this.#filing.add(key, {
      // A claim that was sent before cannot know of it.
      run: () => this.#run(row, this.#claims),
      free: () => this.#slots.tell(),
      doubt: () => {
        // A worker that stops gives it back with the others.
        if (this.#isClosed) this.#done.push(toRunKey(row))
        else this.#filing.doubt(key, row, this.#claims)
        this.look()
      },
    })
    return { claimer: this.#id, ...decided }
  }

  /** Cancels what runs here, at once. */
  cancel(key: RunKey, reason: CancelReason): void {
    this.#running.get(toKey(key))?.cancellation.cancel(reason)
  }

  /** How many runs here take a slot of the process. */
  get slotsTaken(): number {
    return this.#filing.size + [...this.#running.values()].filter(({ takesPlace }) => takesPlace).length
  }

  /** Claims nothing more, and says on that it lives. */
  drain(): void {
    this.#isDraining = true
  }

  /** @param letGo - What happens to each run that is not done: it is abandoned to another worker, or cancelled. */
  async close(letGo: (cancellation: RunCancellation) => void): Promise<void> {
    this.#isClosed = true
    clearInterval(this.#poll)
    await this.#unqueued?.close()
    await this.#claiming
    await this.#filing.decided()
    this.#slots.leave(this)
    for (const { cancellation } of this.#running.values()) letGo(cancellation)
    await Promise.all([...this.#running.values()].map(({ done }) => done))
    // What has no end goes to another worker now, and not when its lease is over.
    if (this.#done.length > 0) await this.#ask(0).catch(() => undefined)
  }

  async #claimWhileDue(): Promise<void> {
    while (this.#isDue && !this.#isClosed) {
      this.#isDue = false
      this.#isUnheard = !this.#options.sessions.isLivenessKnown
      const slots = this.#isDraining || this.#isUnheard ? 0 : this.#slots.reserve(this, this.#isAway ? 1 : undefined)
      try {
        await this.#claim(slots)
        this.#isAway = false
      } catch (error) {
        this.#isAway = true
        this.#options.onError?.(error)
        break
      } finally {
        this.#slots.settle(this)
      }
    }
    this.#claiming = undefined
  }

  async #claim(slots: number): Promise<void> {
    const claim = ++this.#claims
    const heard = this.#heard
    const rows = await this.#ask(slots)
    const held = new Map(rows.filter(({ kind }) => kind === 'held').map((row) => [toKey(toRunKey(row)), row]))
    for (const [key, running] of this.#running) {
      const row = held.get(key)
      if (row !== undefined && row.cancel_reason !== null) running.cancellation.cancel(row.cancel_reason)
      // Its lease is over, or its end is written: nothing more of it is this worker's.
      if (row === undefined && running.claim < claim) running.cancellation.abandon()
    }
    const claimed = rows.filter(({ kind }) => kind === 'claimed')
    if (claimed.length < slots) this.#claimedUntil = heard
    for (const [key, row] of held) {
      if (this.#running.has(key) || this.#filing.has(key)) continue
      const filed = this.#filing.find(key)
      // Of a claim whose answer was lost: nobody executes what is held so.
      if (filed === undefined) this.#done.push(toRunKey(row))
      else claimed.push({ ...filed, cancel_reason: row.cancel_reason })
    }
    this.#filing.forgetBefore(claim)
    if (this.#done.length > 0) this.#isDue = true
    if (claimed.length === 0) return
    const topics = claimed.flatMap((row) => [toTopic(row.owner_key), toTopic(row.owner_key, row.run_id)])
    this.#options.eventLog.wake(new Set(topics))
    for (const row of claimed) this.#run(row, claim)
    // There may be more, when all that was asked for came.
    if (claimed.length >= slots && slots > 0) this.#isDue = true
  }

  async #ask(slots: number): Promise<readonly ClaimRow[]> {
    const { postgres, limits, leaseMs = 15_000 } = this.#options
    const done = this.#done
    this.#done = []
    try {
      const { rows } = await queryDatabase<ClaimRow>(postgres.worker, {
        name: 'uec-claim',
        text: 'SELECT * FROM uec.claim($1, $2, $3, $4, $5, $6)',
        values: [
          this.#id,
          slots,
          limits.concurrentRunsPerUser,
          leaseMs,
          done.map(({ ownerKey }) => ownerKey),
          done.map(({ runId }) => runId),
        ],
      })
      return rows
    } catch (error) {
      this.#done.unshift(...done)
      throw error
    }
  }

  #run(row: ClaimRow, claim: number): void {
    const run = toRunKey(row)
    const cancellation = new RunCancellation()
    if (row.cancel_reason !== null) cancellation.cancel(row.cancel_reason)
    const key = toKey(run)
    const end = (): void => {
      if (this.#running.get(key)?.done === done) this.#running.delete(key)
      this.#done.push(run)
      this.look()
      this.#slots.tell()
    }
    const done: Promise<void> = this.#execute(row, run, cancellation).then(end, (error: unknown) => {
      this.#options.onError?.(error)
      end()
    })
    this.#running.set(key, { cancellation, takesPlace: row.cancel_reason === null, claim, done })
  }

  async #execute(row: ClaimRow, run: RunKey, cancellation: RunCancellation): Promise<void> {
    await this.#held.get(toKey(run))
    const opened = { epoch: row.epoch, lastSequence: Number(row.last_sequence), requestId: row.request_id }
    const writer = newRunWriter(run, opened, this.#options.eventLog.writerParts())
    const job = await unsealJob(row, writer, cancellation, this.#options, this.#onUnexecutedEnd)
    if (job !== undefined) await this.#worker!(job, cancellation)
  }
}
