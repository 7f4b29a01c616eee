/**
 * What a port may answer at once, or later.
 *
 * The first `await` costs a process that slept 2 to 3 microseconds and each further one half of that (measured): what
 * is in the same process answers at once, and the first event of a run is on its way before anybody has waited.
 */

/** A value, or the promise of one. */
export type Awaitable<Value> = Value | PromiseLike<Value>

/** Whether an answer has to be awaited. */
export const isPending = <Value>(answer: Awaitable<Value>): answer is PromiseLike<Value> =>
  typeof (answer as { readonly then?: unknown } | undefined | null)?.then === 'function'
