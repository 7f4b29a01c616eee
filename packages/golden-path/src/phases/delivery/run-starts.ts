/**
 * How the connections of this process hear of the runs that their users start.
 */
import { isPending, type Awaitable } from '../ports/awaitable.ts'
import type { EventLog, RunKey, Unfollow } from '../ports/event-log.ts'
import { followStarts } from '../ports/in-process-event-log.ts'

/** One listener for all users at the log of this process, one for each user with connections at another. */
export class RunStarts {
  readonly #log: EventLog
  readonly #listener: (run: RunKey) => void
  readonly #hearsAll: boolean
  readonly #following = new Map<string, Awaitable<Unfollow>>()

  constructor(log: EventLog, listener: (run: RunKey) => void) {
    this.#log = log
    this.#listener = listener
    this.#hearsAll = followStarts(log, listener)
  }

  /** Hears of the runs of a user from the time when it has answered. Asking again waits for the same answer. */
  follow(ownerKey: string): Awaitable<unknown> {
    if (this.#hearsAll) return undefined
    const known = this.#following.get(ownerKey)
    if (known !== undefined) return known
    const following = this.#log.followOwner(ownerKey, this.#listener)
    this.#following.set(ownerKey, following)
    // The next connection asks again.
    if (isPending(following))
      following.then(undefined, () => {
        if (this.#following.get(ownerKey) === following) this.#following.delete(ownerKey)
      })
    return following
  }

  /** Hears no more of a user: their last connection has closed. */
  unfollow(ownerKey: string): void {
    const following = this.#following.get(ownerKey)
    this.#following.delete(ownerKey)
    if (isPending(following))
      following.then(
        (stop) => stop(),
        () => undefined,
      )
    else following?.()
  }
}
