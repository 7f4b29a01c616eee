/**
 * Jobs that a process files for its own worker. A claim of that worker may see one before its process knows whether it
 * was filed; and where the answer is lost, a claim is what tells.
 */
import type { ClaimRow } from './claim-row.ts'

/** What becomes of a job. One of the functions is called, once. */
export type Filed = {
  /** The worker has the job: it runs. */
  readonly run: () => void
  /** The worker has not got it. */
  readonly free: () => void
  /** It is not known. */
  readonly doubt: () => void
}

/** A slot of a worker, for a job that is being filed, and the worker that the job is claimed for. */
export type FilingSlot = Filed & { readonly claimer: string }

export class FilingJobs {
  readonly #filing = new Map<string, Promise<void>>()
  readonly #doubtful = new Map<string, { readonly row: ClaimRow; readonly claim: number }>()

  /** How many are being filed. */
  get size(): number {
    return this.#filing.size
  }

  /** Resolves when what is being filed now is decided. */
  async decided(): Promise<void> {
    await Promise.all(this.#filing.values())
  }

  /** Says that a job is being filed, until one of the functions is called. */
  add(key: string, { run, free, doubt }: Filed): Filed {
    let settle!: () => void
    this.#filing.set(key, new Promise((resolve) => (settle = resolve)))
    const decide = (act: () => void) => (): void => {
      this.#filing.delete(key)
      settle()
      act()
    }
    return { run: decide(run), free: decide(free), doubt: decide(doubt) }
  }

  /** Whether it is not decided yet whose a job is. */
  has(key: string): boolean {
    return this.#filing.has(key)
  }

  /** @param claim - The number of the last claim that was sent: it may know nothing of the job. */
  doubt(key: string, row: ClaimRow, claim: number): void {
    this.#doubtful.set(key, { row, claim })
  }

  /** The job whose answer was lost and that a claim has found. */
  find(key: string): ClaimRow | undefined {
    return this.#doubtful.get(key)?.row
  }

  /** Forgets jobs that a claim was sent after: it has found them, or they were not filed. */
  forgetBefore(claim: number): void {
    for (const [key, doubtful] of this.#doubtful) if (doubtful.claim < claim) this.#doubtful.delete(key)
  }
}
