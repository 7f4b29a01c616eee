/**
 * Ends sockets and streams when the token of their user expires or its session is signed out. One timer and one set for
 * all of them, because most sockets idle and each byte of them counts.
 */
import { watchIdentity, type VerifiedUser } from 'user-execution-context'

/** A socket or a stream, open as long as the proof of its user's identity holds. */
export type ProofHolder = {
  /** Whose it is, as the newest token says. */
  readonly user: VerifiedUser
  /** Called when the user's proof has ended. It may be called again. */
  end(): void
  /** Called at each check while the proof holds, so that a client can be reminded to renew it. */
  remind?(nowMs: number): void
}

/** Watches over the sockets and streams of a server. One per server. */
export class ProofWatch {
  readonly #holders = new Map<ProofHolder, () => void>()
  readonly #timer: NodeJS.Timeout

  /**
   * @param checkEveryMs - How late, at most, an expiry is acted on. What a client asks for is checked at once anyway.
   */
  constructor(checkEveryMs = 250) {
    this.#timer = setInterval(() => this.#endExpired(), checkEveryMs).unref()
  }

  /** Watches over one more. One whose proof has ended since its token was checked ends at once. */
  add(holder: ProofHolder): void {
    this.#holders.set(
      holder,
      watchIdentity(holder.user, () => holder.end()),
    )
  }

  /** Watches the proof that the holder has now. Call it after a renewal. */
  recheck(holder: ProofHolder): void {
    if (!this.#holders.has(holder)) return
    this.#holders.get(holder)!()
    this.add(holder)
  }

  /** Stops watching over one that has closed. */
  delete(holder: ProofHolder): void {
    this.#holders.get(holder)?.()
    this.#holders.delete(holder)
  }

  /** Watches over nothing more. */
  close(): void {
    clearInterval(this.#timer)
    for (const stop of this.#holders.values()) stop()
  }

  #endExpired(): void {
    const nowMs = Date.now()
    for (const holder of this.#holders.keys()) {
      const { expiresAtMs } = holder.user
      if (expiresAtMs !== undefined && expiresAtMs <= nowMs) holder.end()
      else holder.remind?.(nowMs)
    }
  }
}
