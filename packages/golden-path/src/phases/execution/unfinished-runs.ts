/**
 * The runs that execute in this process, so that a process that stops can let them finish.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'

/** Counts runs until they have ended. */
export class UnfinishedRuns {
  readonly #runs = new Set<Promise<void>>()

  /** Takes a run, and gives it back. */
  add(run: Promise<void>): Promise<void> {
    this.#runs.add(run)
    const remove = (): void => void this.#runs.delete(run)
    run.then(remove, remove)
    return run
  }

  /** Resolves when no run is left, queued ones of this process included, or when the time is over. */
  async wait(timeMs: number): Promise<void> {
    if (timeMs <= 0) return
    let timer: NodeJS.Timeout | undefined
    let isLate = false
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(() => {
        isLate = true
        resolve()
      }, timeMs)
    })
    while (this.#runs.size > 0 && !isLate) {
      await Promise.race([Promise.allSettled(this.#runs), late])
      // A queue starts its next run in a turn of its own.
      await nextTurn()
      await nextTurn()
    }
    clearTimeout(timer)
  }
}
