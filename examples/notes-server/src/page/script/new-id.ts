/**
 * Ids that the page makes.
 */

/** A random id. */
// Not randomUUID(): browsers have it on https and localhost only.
export const newId = (): string =>
  [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('')
