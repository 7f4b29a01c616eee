/**
 * What all runs together may take of one turn of the event loop. Agents may yield without end, and each event costs
 * what its log and its readers cost: a bound for each run alone would multiply by the runs of everybody who floods.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'

/** How long runs may hold one turn, milliseconds: short beside what a run that waits for a model takes. */
const shareMs = 1
/** And how many events, whatever the clock says. */
const shareEvents = 256
/** How often the clock is read. */
const eventsPerLook = 8

/** The budget of one golden path. */
export class TurnBudget {
  #turn: Promise<void> | undefined
  #startedAtMs = performance.now()
  #events = 0

  /** Counts an event. Gives the next turn to wait for when this one has been shared out. */
  take(): Promise<void> | undefined {
    if (this.#turn !== undefined) return this.#turn
    if (++this.#events % eventsPerLook !== 0) return undefined
    if (this.#events < shareEvents && performance.now() - this.#startedAtMs < shareMs) return undefined
    this.#turn = nextTurn().then(() => {
      this.#turn = undefined
      this.#events = 0
      this.#startedAtMs = performance.now()
    })
    return this.#turn
  }
}
