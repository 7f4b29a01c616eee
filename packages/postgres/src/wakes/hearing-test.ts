/**
 * Whether a connection that listens hears: a notification of its own, sent as all others are.
 *
 * A pooler that keeps no session takes LISTEN and answers it, and no notification ever comes.
 */
import { randomBytes } from 'node:crypto'

/** No topic begins with it. */
const mark = '!'
/** How long a notification may take once the server has it, milliseconds. */
const hearMs = 3_000
/** When one that could not be sent is sent again, milliseconds. */
const againMs = 1_000

/** The test of one connection. */
export class HearingTest {
  readonly #send: (payload: string) => Promise<unknown>
  readonly #onResult: (isHeard: boolean) => void
  /** Of the test under way: what comes of an earlier one comes too late. */
  #payload: string | undefined
  #isAwaited = false
  #timer: NodeJS.Timeout | undefined

  /**
   * @param send - Sends a notification. What it rejects with says nothing of hearing.
   * @param onResult - Told after each test.
   */
  constructor(send: (payload: string) => Promise<unknown>, onResult: (isHeard: boolean) => void) {
    this.#send = send
    this.#onResult = onResult
  }

  /**
   * Whether its notification is awaited. Nothing is to be said on the connection meanwhile: a pooler passes on what
   * came in between together with the next answer, and that is late.
   */
  get isAwaited(): boolean {
    return this.#isAwaited
  }

  /** Asks, unless an answer is awaited. */
  run(): void {
    if (this.#payload !== undefined) return
    const payload = (this.#payload = `${mark}${randomBytes(9).toString('base64url')}`)
    clearTimeout(this.#timer)
    this.#send(payload).then(
      () => {
        // Its own notification may come before the answer to the statement that sent it.
        if (this.#payload !== payload) return
        this.#isAwaited = true
        this.#timer = setTimeout(() => this.#end(false), hearMs).unref()
      },
      () => {
        if (this.#payload !== payload) return
        this.#payload = undefined
        this.#timer = setTimeout(() => this.run(), againMs).unref()
      },
    )
  }

  /** Takes what was heard, and says whether it was of a test: of this one, or of another process. */
  take(payload: string): boolean {
    if (payload === this.#payload) this.#end(true)
    return payload.startsWith(mark)
  }

  /** Awaits nothing more. */
  stop(): void {
    this.#payload = undefined
    this.#isAwaited = false
    clearTimeout(this.#timer)
  }

  #end(isHeard: boolean): void {
    this.stop()
    this.#onResult(isHeard)
  }
}
