/**
 * The check that options have no key that nobody knows: a misspelt one would be taken for one that was left out.
 */
import { ContextError, findUnknownKeys } from 'user-execution-context'
import { assertNumbers } from './invalid-options.ts'

/** Refuses options with any other key, and what is no object. @throws {ContextError} `ERR_CONTEXT_INVALID_OPTIONS`. */
export const assertKnownKeys = (options: unknown, known: readonly string[]): void => {
  const issues = findUnknownKeys(options, known)
  if (issues.length > 0) throw new ContextError('ERR_CONTEXT_INVALID_OPTIONS', { issues })
}

/**
 * Options of a close(): times, each 0 or more. As a listener of a signal it is given the name of the signal, and closes
 * all the same.
 */
export const toCloseOptions = <Options extends object>(given: Options, known: readonly string[]): Options => {
  if (typeof (given as unknown) === 'string') return {} as Options
  assertKnownKeys(given, known)
  assertNumbers(given, Object.fromEntries(known.map((name) => [name, 0])))
  return given
}
