/**
 * What somebody's code threw, as a framework takes it for an error. Express calls the next handler for `undefined`,
 * `null`, `false`, `0` and `''`, and leaves a route or a router for `'route'` and `'router'`: a check that rejects with
 * the `err` of a callback, which is null where a user was refused, would let everybody in.
 */

/** The error itself, or one in its place whose cause is what was thrown. */
export const toError = (thrown: unknown): object =>
  typeof thrown === 'object' && thrown !== null
    ? thrown
    : new Error('A check or a handler threw something that is no error. Throw an Error.', { cause: thrown })
