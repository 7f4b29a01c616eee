/**
 * A subscription that ends with the identity of its user.
 */
import type { Scope } from 'user-execution-context'

/** How a stream runs in its call. */
export type StreamCall = {
  /** Runs one step of the source: where the context is ambient, inside it. */
  readonly enter: <Result>(step: () => Result) => Result
  /** Called when the source has ended or failed, or nobody reads it any more. */
  readonly close: () => void
  /** Gives the error that tRPC answers. */
  readonly fail: (error: unknown, scope: Scope) => unknown
}

/**
 * What a procedure yields, for as long as its scope is open. A generator that awaits the next event does not hear that
 * the user was signed out: without this it would feed them on.
 */
export const streamOfScope = async function* (
  source: AsyncIterable<unknown>,
  scope: Scope,
  { enter, close, fail }: StreamCall,
): AsyncGenerator<unknown, void, void> {
  const iterator = source[Symbol.asyncIterator]()
  try {
    for (;;) {
      const result = await stepOrAbort(() => enter(() => iterator.next()), scope.signal)
      if (result.done === true) return
      yield result.value
    }
  } catch (error) {
    throw fail(error, scope)
  } finally {
    // Not awaited: a generator that waits for an event takes no return() until the event has come.
    void iterator.return?.().then(undefined, () => {})
    close()
  }
}

/** One listener a step, and none that stays: a race against one long promise would keep every step alive. */
function stepOrAbort<Result>(step: () => Promise<Result>, signal: AbortSignal): Promise<Result> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason as Error)
    if (signal.aborted) return abort()
    signal.addEventListener('abort', abort, { once: true })
    step()
      .then(resolve, reject)
      .finally(() => signal.removeEventListener('abort', abort))
  })
}
