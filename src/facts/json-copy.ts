/**
 * A deep, frozen copy of plain JSON data; everything that is not plain JSON is reported with its path.
 *
 * The attack it stops: a live object (a socket, a database session, another user's record) smuggled into a context
 * inside a metadata record, and a record changed by its giver after the checks.
 */
import { toIssuePath, type Issue, type IssueKind } from '../errors/issue.ts'

/** A JSON value that nobody can change. */
export type FrozenJson = string | number | boolean | null | readonly FrozenJson[] | FrozenJsonRecord
/** A JSON object that nobody can change. */
export type FrozenJsonRecord = { readonly [key: string]: FrozenJson }

/** Bounds of one record: nesting, values, and characters of all strings and keys together. */
export const jsonLimits = { maxDepth: 16, maxValues: 10_000, maxCharacters: 262_144 } as const

/** The record of everyone who has none: one object for all, so that it costs nothing. */
export const emptyRecord: FrozenJsonRecord = Object.freeze({})

const { freeze, getPrototypeOf, prototype: objectPrototype } = Object
const { isArray } = Array

type Copying = { readonly issues: Issue[]; readonly ancestors: object[]; values: number; characters: number }

/**
 * Copies a record. Each property is read once, so a getter cannot answer twice. A property that is `undefined` counts
 * as absent, as in JSON. Symbol keys and non-enumerable properties are not data and are not copied.
 *
 * @returns The frozen copy. Worthless when issues were added.
 */
export const copyRecord = (record: unknown, path: string, issues: Issue[]): FrozenJsonRecord => {
  if (!isPlainObject(record)) {
    issues.push({ path, kind: 'not a plain object' })
    return emptyRecord
  }
  return copyObject(record, path, { issues, ancestors: [], values: 0, characters: 0 })
}

/** Adds a record to a frozen one without copying what is already frozen. Later keys win. */
export const mergeRecords = (base: FrozenJsonRecord, added: FrozenJsonRecord): FrozenJsonRecord => {
  if (base === emptyRecord) return added
  if (added === emptyRecord) return base
  const merged: Record<string, FrozenJson> = {}
  // Own keys only: what a polluted Object.prototype adds must not become data.
  for (const key of Object.keys(base)) merged[key] = base[key]!
  for (const key of Object.keys(added)) merged[key] = added[key]!
  return freeze(merged)
}

/** Whether a value is an object literal or JSON.parse result, of this realm or another, and no class instance. */
export const isPlainObject = (value: unknown): value is Record<string, unknown> => {
  if (typeof value !== 'object' || value === null) return false
  const prototype = getPrototypeOf(value)
  return prototype === objectPrototype || prototype === null || isForeignObjectPrototype(prototype)
}

// An object of another realm (vm, a test runner) has that realm's Object.prototype: parentless, with its own
// hasOwnProperty.
// An array is never plain: its prototype has a parent.
function isForeignObjectPrototype(prototype: object): boolean {
  return getPrototypeOf(prototype) === null && Object.hasOwn(prototype, 'hasOwnProperty')
}

function copyObject(source: Record<string, unknown>, path: string, copying: Copying): FrozenJsonRecord {
  if (!enter(source, path, copying)) return emptyRecord
  const copy: Record<string, FrozenJson> = {}
  let position = 0
  let isEmpty = true
  for (const key in source) {
    if (!Object.hasOwn(source, key)) continue
    const value = source[key]
    if (value === undefined) continue
    copying.characters += key.length
    if (key === '__proto__') add(copying, toIssuePath(path, key, position), 'illegal key')
    else copy[key] = copyValue(value, path, key, position, copying)
    position++
    isEmpty = false
  }
  copying.ancestors.pop()
  return isEmpty ? emptyRecord : freeze(copy)
}

function copyArray(source: readonly unknown[], path: string, copying: Copying): readonly FrozenJson[] {
  if (!enter(source, path, copying)) return []
  const copy: FrozenJson[] = []
  // The length is read once: a Proxy or a getter must not make this loop endless.
  const length = Math.min(source.length, jsonLimits.maxValues + 1)
  for (let index = 0; index < length; index++) copy.push(copyValue(source[index], path, index, index, copying))
  copying.ancestors.pop()
  return freeze(copy)
}

function copyValue(
  value: unknown,
  parent: string,
  key: string | number,
  position: number,
  copying: Copying,
): FrozenJson {
  copying.values++
  if (typeof value === 'string') copying.characters += value.length
  if (copying.values > jsonLimits.maxValues || copying.characters > jsonLimits.maxCharacters) {
    if (!copying.issues.some((issue) => issue.kind === 'too large'))
      add(copying, toIssuePath(parent, key, position), 'too large')
    return null
  }
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value
    case 'number':
      if (!Number.isFinite(value)) add(copying, toIssuePath(parent, key, position), 'not finite')
      return value
    case 'object':
      if (value === null) return null
      if (isArray(value)) return copyArray(value, toIssuePath(parent, key, position), copying)
      if (isPlainObject(value)) return copyObject(value, toIssuePath(parent, key, position), copying)
      add(copying, toIssuePath(parent, key, position), 'live object')
      return null
    default:
      // A function is a live object too; undefined in an array, bigint and symbol have no JSON form.
      add(copying, toIssuePath(parent, key, position), typeof value === 'function' ? 'live object' : 'not JSON')
      return null
  }
}

function enter(source: object, path: string, copying: Copying): boolean {
  const isCycle = copying.ancestors.includes(source)
  if (isCycle || copying.ancestors.length >= jsonLimits.maxDepth) {
    add(copying, path, isCycle ? 'cycle' : 'too deep')
    return false
  }
  copying.ancestors.push(source)
  return true
}

function add(copying: Copying, path: string, kind: IssueKind): void {
  copying.issues.push({ path, kind })
}
