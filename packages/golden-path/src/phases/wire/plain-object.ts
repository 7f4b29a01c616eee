/**
 * Input that is plain data, and not an object of somebody's code. The core has the same check for itself: so short a
 * function is no reason to widen its public interface.
 */
const { getPrototypeOf } = Object

/** Whether a value is a plain object, of this realm or of another one (vm, a test runner). An array is not. */
export const isPlainObject = (value: unknown): value is Record<string, unknown> => {
  if (typeof value !== 'object' || value === null) return false
  const prototype: object | null = getPrototypeOf(value)
  return prototype === null || (getPrototypeOf(prototype) === null && Object.hasOwn(prototype, 'hasOwnProperty'))
}
