/**
 * Floor 8. Ends what outlives the check that let its user in: sockets and streams, when a token expires or a session is
 * signed out. One timer and one set for all of them, because most sockets idle and each byte of them counts.
 */
import type { SessionRegistry } from '../login/session-registry.ts'
import type { VerifiedUser } from 'user-execution-context'

/** A socket or a stream of a user. */
export type Lasting = {
  /** Whose it is, as the newest token says. */
  readonly user: VerifiedUser
  /** Called when the user's proof has ended. It may be called again. */
  end(): void
  /** Called at each look while the proof lasts. */
  look?(nowMs: number): void
}

/** Watches over what lasts. One per server. */
export class ProofWatch {
  readonly #lasting = new Set<Lasting>()
  readonly #sessions: SessionRegistry
  readonly #timer: NodeJS.Timeout
  readonly #unwatch: () => void

  /** @param lookEveryMs - How late, at most, an expiry is acted on. What a client asks for is checked at once anyway. */
  constructor(sessions: SessionRegistry, lookEveryMs = 250) {
    this.#sessions = sessions
    this.#timer = setInterval(() => this.#look(), lookEveryMs).unref()
    this.#unwatch = sessions.watch((sessionId) => {
      for (const lasting of this.#lasting) if (lasting.user.sessionId === sessionId) lasting.end()
    })
  }

  /** Watches over one more. */
  add(lasting: Lasting): void {
    this.#lasting.add(lasting)
    this.recheck(lasting)
  }

  /** Looks for a sign-out between the check of a token and now. Call it after a renewal. */
  recheck(lasting: Lasting): void {
    const { sessionId } = lasting.user
    if (sessionId === undefined) return
    // What cannot be looked up counts as signed out. A rejection that nobody takes would end the process.
    void this.#sessions
      .isRevoked(sessionId)
      .catch(() => true)
      .then((isRevoked) => {
        if (isRevoked) lasting.end()
      })
  }

  /** Forgets one that has closed. */
  delete(lasting: Lasting): void {
    this.#lasting.delete(lasting)
  }

  /** Watches over nothing more. */
  close(): void {
    clearInterval(this.#timer)
    this.#unwatch()
    this.#lasting.clear()
  }

  #look(): void {
    const nowMs = Date.now()
    for (const lasting of this.#lasting) {
      const { expiresAtMs } = lasting.user
      if (expiresAtMs !== undefined && expiresAtMs <= nowMs) lasting.end()
      else lasting.look?.(nowMs)
    }
  }
}
