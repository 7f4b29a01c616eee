/**
 * Ends sockets and streams when the token of their user expires or its session is signed out. One timer and one set for
 * all of them, because most sockets idle and each byte of them counts.
 */
import type { SessionRegistry } from '../login/session-registry.ts'
import type { VerifiedUser } from 'user-execution-context'

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
  readonly #holders = new Set<ProofHolder>()
  readonly #sessions: SessionRegistry
  readonly #timer: NodeJS.Timeout
  readonly #unwatch: () => void

  /**
   * @param checkEveryMs - How late, at most, an expiry is acted on. What a client asks for is checked at once anyway.
   */
  constructor(sessions: SessionRegistry, checkEveryMs = 250) {
    this.#sessions = sessions
    this.#timer = setInterval(() => this.#endExpired(), checkEveryMs).unref()
    this.#unwatch = sessions.watch((sessionId) => {
      for (const holder of this.#holders) if (holder.user.sessionId === sessionId) holder.end()
    })
  }

  /** Watches over one more. */
  add(holder: ProofHolder): void {
    this.#holders.add(holder)
    this.recheck(holder)
  }

  /** Checks for a sign-out between the check of a token and now. Call it after a renewal. */
  recheck(holder: ProofHolder): void {
    const { sessionId } = holder.user
    if (sessionId === undefined) return
    // A session that cannot be looked up counts as signed out. An unhandled rejection would end the process.
    void this.#sessions
      .isRevoked(sessionId)
      .catch(() => true)
      .then((isRevoked) => {
        if (isRevoked) holder.end()
      })
  }

  /** Stops watching over one that has closed. */
  delete(holder: ProofHolder): void {
    this.#holders.delete(holder)
  }

  /** Watches over nothing more. */
  close(): void {
    clearInterval(this.#timer)
    this.#unwatch()
  }

  #endExpired(): void {
    const nowMs = Date.now()
    for (const holder of this.#holders) {
      const { expiresAtMs } = holder.user
      if (expiresAtMs !== undefined && expiresAtMs <= nowMs) holder.end()
      else holder.remind?.(nowMs)
    }
  }
}
