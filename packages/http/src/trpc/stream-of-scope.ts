/**
 * What goes on after a procedure has answered, and ends with the identity of its user.
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
 *
 * @param toPart - What is told of a value. Default: the value.
 */
export const streamOfScope = async function* (
  source: AsyncIterable<unknown>,
  scope: Scope,
  { enter, close, fail }: StreamCall,
  toPart: (value: unknown) => unknown = (value) => value,
): AsyncGenerator<unknown, unknown, void> {
  const iterator = source[Symbol.asyncIterator]()
  try {
    for (;;) {
      const result = await stepOrAbort(() => enter(() => iterator.next()), scope.signal)
      if (result.done === true) return toPart(result.value)
      yield toPart(result.value)
    }
  } catch (error) {
    throw fail(error, scope)
  } finally {
    // Not awaited: a generator that waits for an event takes no return() until the event has come.
    void iterator.return?.().then(undefined, () => {})
    close()
  }
}

/**
 * An answer of which tRPC streams parts (`httpBatchStreamLink`): promises and streams that stand in it, and in what
 * those give. Each ends with the scope, and `close` of the call is called when the last has ended.
 *
 * @returns The answer to stream, or undefined where nothing of it goes on.
 */
export const partsOfScope = (data: unknown, scope: Scope, call: StreamCall): unknown => {
  let open = 0
  const close = (): void => {
    open -= 1
    if (open === 0) call.close()
  }
  const toAsyncPart = (value: unknown): unknown => {
    if (!isStream(value) && !isPromise(value)) return value
    open += 1
    if (isStream(value)) return streamOfScope(value, scope, { ...call, close }, toPart)
    const part = stepOrAbort(() => Promise.resolve(value), scope.signal)
      .then(toPart)
      .catch((error: unknown) => Promise.reject(call.fail(error, scope) as Error))
      .finally(close)
    // Nobody awaits it where the client has gone: the process must live.
    part.catch(() => {})
    return part
  }
  // tRPC looks for parts in a value and in the members of a plain object, and no deeper.
  const toPart = (value: unknown): unknown => {
    if (!isPlainObject(value)) return toAsyncPart(value)
    const members = Object.entries(value)
    if (!members.some(([, member]) => isStream(member) || isPromise(member))) return value
    return Object.fromEntries(members.map(([key, member]) => [key, toAsyncPart(member)]))
  }
  const held = toPart(data)
  return open > 0 ? held : undefined
}

/** Whether tRPC takes a value for a stream. */
export const isStream = (value: unknown): value is AsyncIterable<unknown> =>
  typeof value === 'object' && value !== null && Symbol.asyncIterator in value

function isPromise(value: unknown): value is Promise<unknown> {
  const { then, catch: fails } = (value ?? {}) as { readonly then?: unknown; readonly catch?: unknown }
  return typeof value === 'object' && typeof then === 'function' && typeof fails === 'function'
}

function isPlainObject(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || prototype === Object.prototype
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
