/**
 * Functions of a caller that are only to be told something. What one throws must not end the work behind it, nor the
 * process with the runs of all users.
 */

type Listener<Given extends readonly unknown[]> = (...given: Given) => unknown

/**
 * The same listener, which throws and rejects no more. (An async function fits a type that returns nothing.)
 *
 * @param onFailure - Told of what it threw. Default: it is dropped.
 */
export const telling =
  <Given extends readonly unknown[]>(
    listener: Listener<Given> | undefined,
    onFailure: (error: unknown) => void = () => {},
  ): ((...given: Given) => void) =>
  (...given) => {
    try {
      const answer = listener?.(...given)
      if (isThenable(answer)) answer.then(undefined, onFailure)
    } catch (error) {
      onFailure(error)
    }
  }

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as { readonly then?: unknown } | null | undefined)?.then === 'function'
}
