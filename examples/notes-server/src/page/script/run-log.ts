/**
 * Keeps the events of runs in order: each exactly once, and none missing. No document needed, so it is tested alone.
 */
import type { RunMessage } from './wire.ts'

/** What became of an event: it was the next one, it was known already, or events before it are missing. */
export type Arrival = 'next' | 'known' | 'gap'

/** Where the page stands in a run: at which event of which writer. */
export type Position = { readonly epoch: number; readonly lastSequence: number }

type Run = { readonly threadId: string; events: RunMessage[]; epoch: number; lastSequence: number; ended: boolean }

const terminalTypes: ReadonlySet<string> = new Set(['agent_completed', 'agent_failed', 'agent_cancelled'])

/** Whether an event is the last one of its run. */
export const isTerminal = ({ type }: Pick<RunMessage, 'type'>): boolean => terminalTypes.has(type)

/** Remembers what was seen of each run. */
export class RunLog {
  readonly #runs = new Map<string, Run>()

  /** Starts to follow a run. A known run keeps its place. */
  follow(runId: string, threadId: string): void {
    if (this.#runs.has(runId)) return
    this.#runs.set(runId, { threadId, events: [], epoch: 1, lastSequence: 0, ended: false })
  }

  /** Decides about an event, and keeps it when it is the next one. */
  accept(message: RunMessage): Arrival {
    this.follow(message.runId, message.threadId)
    const run = this.#runs.get(message.runId)!
    const isOfLater = message.epoch > run.epoch
    if (run.ended || message.epoch < run.epoch) return 'known'
    if (!isOfLater && message.sequence <= run.lastSequence) return 'known'
    // An event that joins several starts before it ends; one that was seen in part cannot be used.
    if ((message.fromSequence ?? message.sequence) !== run.lastSequence + 1) return 'gap'
    run.events.push(message)
    run.epoch = message.epoch
    run.lastSequence = message.sequence
    run.ended = isTerminal(message)
    return 'next'
  }

  /** Accepts that the server no longer has what came up to this sequence number. */
  skipTo(runId: string, sequence: number): void {
    const run = this.#runs.get(runId)
    if (run !== undefined && sequence > run.lastSequence) run.lastSequence = sequence
  }

  /** Accepts that a crash took what came from this sequence number on: other events will have these numbers. */
  forgetFrom(runId: string, sequence: number): void {
    const run = this.#runs.get(runId)
    if (run === undefined || sequence > run.lastSequence) return
    const lost = run.events.findIndex((event) => event.sequence >= sequence)
    // A joined piece that is lost in part is lost as a whole, and what is left of it is asked for again.
    const first = run.events[lost]
    run.lastSequence = Math.min(sequence, first?.fromSequence ?? first?.sequence ?? sequence) - 1
    if (lost >= 0) run.events = run.events.slice(0, lost)
  }

  /** Accepts that the server no longer has the run: nothing more will come. */
  end(runId: string): void {
    const run = this.#runs.get(runId)
    if (run !== undefined) run.ended = true
  }

  /** What was seen of a run, in order. */
  events(runId: string): readonly RunMessage[] {
    return this.#runs.get(runId)?.events ?? []
  }

  /** The last event seen of a run; sequence 0 for none. */
  position(runId: string): Position {
    const { epoch, lastSequence } = this.#runs.get(runId) ?? { epoch: 1, lastSequence: 0 }
    return { epoch, lastSequence }
  }

  /** The runs whose end was not seen: what has to be resumed after a cut. */
  openRuns(): readonly string[] {
    return [...this.#runs].filter(([, run]) => !run.ended).map(([runId]) => runId)
  }

  /** The runs of a thread, in the order in which they were heard of. */
  runsOf(threadId: string): readonly string[] {
    return [...this.#runs].filter(([, run]) => run.threadId === threadId).map(([runId]) => runId)
  }

  /** Whether the run is followed and has not ended. */
  isOpen(runId: string): boolean {
    return this.#runs.get(runId)?.ended === false
  }

  /** Whether the run is followed. */
  isKnown(runId: string): boolean {
    return this.#runs.has(runId)
  }
}
