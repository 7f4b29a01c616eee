/**
 * The port for the memory of texts that may be opened once.
 */

/** What an implementation may return: the value or a promise of it. */
export type Awaitable<Value> = Value | Promise<Value>

/** What a claim comes to: let in, used by another attempt or completed, or refused because the memory is full. */
export type ReplayClaim = 'claimed' | 'used' | 'full'

/**
 * Remembers texts that may be opened once. An attempt claims a text; the same attempt may claim it again (a job that is
 * retried) until the text is completed. Everybody else finds it used.
 *
 * An implementation is one statement a call: two claims at the same time must not both be let in. It keeps a text until
 * `untilMs`, when the text ends by itself, and forgets none before, also when it is full. replayMemoryContract()
 * tests one.
 */
export type ReplayMemory = {
  /**
   * Claims a text for an attempt. Rejects when the memory cannot be asked: then nothing is opened.
   *
   * @param textId - Of the text (`jti`): a UUID.
   * @param attemptKey - Of the attempt: 1 to 256 characters.
   * @param untilMs - When it may be forgotten, milliseconds since the epoch.
   */
  readonly claim: (textId: string, attemptKey: string, untilMs: number) => Awaitable<ReplayClaim>
  /** Ends a text for every attempt, if this attempt has claimed it. Again it changes nothing. */
  readonly complete: (textId: string, attemptKey: string) => Awaitable<void>
}
