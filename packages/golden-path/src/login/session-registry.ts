/**
 * The port of the session registry: which sessions were signed out before their tokens end.
 */

/** Knows the sessions that were signed out before their tokens end. */
export type SessionRegistry = {
  /**
   * Ends a session: from now on isRevoked() says so, and each watcher is told.
   *
   * @param sessionId - The `sid` of its tokens. Do not log.
   * @param untilMs - Milliseconds since the epoch after which no token of the session can be valid.
   */
  readonly revoke: (sessionId: string, untilMs: number) => Promise<void>
  readonly isRevoked: (sessionId: string) => Promise<boolean>
  /** Calls back with each session that is revoked from now on. Returns a function that stops the calls. */
  readonly watch: (onRevoked: (sessionId: string) => void) => () => void
}
