/**
 * What is wrong with an input: where and of what kind, never which value.
 */

// Captured before any other code can replace them.
const { keys } = Object

/** The kinds of fault that parsing reports. */
export type IssueKind =
  | 'missing'
  | 'not a string'
  | 'not a number'
  | 'not a boolean'
  | 'not a function'
  | 'not an array'
  | 'not an object'
  | 'not an abort signal'
  | 'not a plain object'
  | 'empty'
  | 'too long'
  | 'too small'
  | 'too large'
  | 'too deep'
  | 'illegal character'
  | 'uninitialised value'
  | 'unknown key'
  | 'illegal key'
  | 'reserved'
  | 'not finite'
  | 'not JSON'
  | 'live object'
  | 'cycle'
  | 'refused by policy'
  | 'duplicate'
  | 'seconds, not milliseconds'
  | 'does not fit'

/**
 * One fault of an input. Both fields may be logged.
 *
 * @property path - Dotted path from the input's root, such as `limits.runTimeMs`. A key that is not a short identifier
 *   is shown by its position, so that a crafted key cannot write into a log, and so is each key of a record or a
 *   message, which is data as its value is: `agentContext[key 2]`.
 * @property kind - What is wrong there.
 */
export type Issue = { readonly path: string; readonly kind: IssueKind }

const plainKey = /^[A-Za-z_$][\w$-]{0,63}$/

/**
 * Appends a key to a path.
 *
 * @param parent - The path so far; empty for the root.
 * @param key - The next key, or the index of a list. Of a record whose keys are data: `''`.
 * @param position - Stands in for a key that is not a short identifier. Default 0.
 * @example
 * ```ts
 * import { toIssuePath } from 'user-execution-context'
 *
 * export const path = toIssuePath('limits', 'runTimeMs') // 'limits.runTimeMs'
 * // The keys of what somebody sent are theirs: count them.
 * export const place = toIssuePath('headers', '', 1) // 'headers[key 2]'
 * ```
 */
export const toIssuePath = (parent: string, key: string | number, position = 0): string => {
  if (typeof parent !== 'string' || typeof position !== 'number') return toIssuePath('', key)
  if (typeof key === 'number') return `${parent}[${key}]`
  // A key that is no text has no name to show; nothing of it may reach a message.
  if (typeof key !== 'string' || !plainKey.test(key)) return `${parent}[key ${position + 1}]`
  return parent === '' ? key : `${parent}.${key}`
}

/**
 * What is wrong with an object that has named keys and no others: an issue for each key that none of them is, which a
 * misspelt option is, or one when it is no object. No value is read.
 *
 * @param given - The options that a caller gave.
 * @param known - The keys that they may have.
 * @param parent - The path of the object; empty for the root, which is the default.
 * @example
 * ```ts
 * import { findUnknownKeys } from 'user-execution-context'
 *
 * export const issues = findUnknownKeys({ timeMs: 5 }, ['timeoutMs']) // [{ path: 'timeMs', kind: 'unknown key' }]
 * ```
 */
export const findUnknownKeys = (given: unknown, known: readonly string[], parent = ''): Issue[] => {
  if (!Array.isArray(known)) return findUnknownKeys(given, [], parent)
  if (typeof given !== 'object' || given === null) return [{ path: parent, kind: 'not an object' }]
  return keys(given).flatMap((key, position): Issue[] =>
    known.includes(key) ? [] : [{ path: toIssuePath(parent, key, position), kind: 'unknown key' }],
  )
}
