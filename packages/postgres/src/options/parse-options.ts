/**
 * The one check of what this package is given: a table that says of each option of which kind it is. What a table does
 * not name is refused, since a misspelt option would be an option that is not set. An issue names where, never a value:
 * a connection holds a password.
 */
import { ContextError, toIssuePath, type Issue, type IssueKind } from 'user-execution-context'

/** Says what is wrong with what was given at a path. */
export type Check = (value: unknown, path: string) => readonly Issue[]

/** A check for each option. */
export type Checks<Options> = { readonly [Name in keyof Options]-?: Check }

/** The options, each read once, without what a prototype adds. @throws {ContextError} `ERR_CONTEXT_INVALID_OPTIONS`. */
export const parseOptions = <Options extends object>(options: Options, checks: Checks<Options>): Options => {
  const own = isRecord(options) ? (Object.assign(Object.create(null), options) as Options) : options
  assertFits(own, '', fields(checks))
  return own
}

/** @throws {ContextError} `ERR_CONTEXT_INVALID_OPTIONS`. */
export const assertFits = (value: unknown, path: string, check: Check): void => {
  const issues = check(value, path)
  if (issues.length > 0) throw new ContextError('ERR_CONTEXT_INVALID_OPTIONS', { issues })
}

/** What may be left out. */
export const optional =
  (check: Check): Check =>
  (value, path) =>
    value === undefined ? [] : check(value, path)

/** An object whose options are those of a table. */
export const fields =
  <Options>(checks: Checks<Options>): Check =>
  (value, path) => {
    if (!isRecord(value)) return notObject(value, path)
    const known = Object.entries<Check>(checks)
    return [
      ...known.flatMap(([name, check]) => check(value[name], toIssuePath(path, name))),
      ...Object.keys(value).flatMap((name, position): readonly Issue[] =>
        Object.hasOwn(checks, name) ? [] : [{ path: toIssuePath(path, name, position), kind: 'unknown key' }],
      ),
    ]
  }

/** An object of any names, such as shards. */
export const byName =
  (check: Check): Check =>
  (value, path) =>
    isRecord(value)
      ? Object.entries(value).flatMap(([name, each], position) => check(each, toIssuePath(path, name, position)))
      : notObject(value, path)

/** A list. */
export const listOf =
  (check: Check): Check =>
  (value, path) =>
    Array.isArray(value)
      ? value.flatMap((each: unknown, index) => check(each, toIssuePath(path, index)))
      : [{ path, kind: value === undefined ? 'missing' : 'not an array' }]

/** An object of the caller's, of which some parts are used. */
export const having =
  (parts: Readonly<Record<string, Check>>): Check =>
  (value, path) =>
    isRecord(value)
      ? Object.entries(parts).flatMap(([name, check]) => check(value[name], toIssuePath(path, name)))
      : notObject(value, path)

/** A whole number: 2 to the power of 31 and more is none to a timer, and none to an `integer` of the database. */
export const count =
  (least: number, most: number): Check =>
  (value, path) => {
    if (typeof value !== 'number' || Number.isNaN(value))
      return [{ path, kind: value === undefined ? 'missing' : 'not a number' }]
    if (value < least) return [{ path, kind: 'too small' }]
    if (value > most) return [{ path, kind: 'too large' }]
    return Number.isSafeInteger(value) ? [] : [{ path, kind: 'does not fit' }]
  }

/** A text, which is not empty. */
export const text =
  (mostCharacters = Infinity): Check =>
  (value, path) => {
    const kind = findTextIssue(value, mostCharacters)
    return kind === undefined ? [] : [{ path, kind }]
  }

/** A function. */
export const callable: Check = (value, path) =>
  typeof value === 'function' ? [] : [{ path, kind: value === undefined ? 'missing' : 'not a function' }]

/** `true` or `false`. */
export const flag: Check = (value, path) => (typeof value === 'boolean' ? [] : [{ path, kind: 'not a boolean' }])

function findTextIssue(value: unknown, mostCharacters: number): IssueKind | undefined {
  if (typeof value !== 'string') return value === undefined ? 'missing' : 'not a string'
  if (value === '') return 'empty'
  if (value.length > mostCharacters) return 'too long'
  return value.includes('\0') ? 'illegal character' : undefined
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function notObject(value: unknown, path: string): readonly Issue[] {
  return [{ path, kind: value === undefined && path !== '' ? 'missing' : 'not an object' }]
}
