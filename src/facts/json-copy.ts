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

const { maxDepth, maxValues, maxCharacters } = jsonLimits
// Captured before any other code can replace them.
const { keys, hasOwn, freeze, getPrototypeOf, prototype: objectPrototype } = Object
const { hasOwnProperty } = objectPrototype
const { isArray } = Array

type Copying = { readonly issues: Issue[]; values: number; characters: number }
/** An object that is being copied, and where it stands: no path is written out before there is something to report. */
type Place = {
  readonly source: object
  readonly outer: Place | undefined
  readonly key: string | number
  readonly position: number
  readonly depth: number
}

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
  const place: Place = { source: record, outer: undefined, key: path, position: 0, depth: 1 }
  return copyObject(record, place, { issues, values: 0, characters: 0 })
}

/** Adds a record to a frozen one without copying what is already frozen. Later keys win. */
export const mergeRecords = (base: FrozenJsonRecord, added: FrozenJsonRecord): FrozenJsonRecord => {
  if (base === emptyRecord) return added
  if (added === emptyRecord) return base
  const merged: Record<string, FrozenJson> = {}
  // Own keys only: what a polluted Object.prototype adds must not become data.
  for (const key of keys(base)) merged[key] = base[key]!
  for (const key of keys(added)) merged[key] = added[key]!
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
  return getPrototypeOf(prototype) === null && hasOwn(prototype, 'hasOwnProperty')
}

function copyObject(source: Record<string, unknown>, place: Place, copying: Copying): FrozenJsonRecord {
  const copy: Record<string, FrozenJson> = {}
  let position = 0
  let isEmpty = true
  for (const key in source) {
    if (!hasOwnProperty.call(source, key)) continue
    const value = source[key]
    if (value === undefined) continue
    copying.characters += key.length
    if (key === '__proto__') add(copying, 'illegal key', place, key, position)
    else copy[key] = copyValue(value, place, key, position, copying)
    position++
    isEmpty = false
  }
  return isEmpty ? emptyRecord : freeze(copy)
}

function copyArray(source: readonly unknown[], place: Place, copying: Copying): readonly FrozenJson[] {
  // The length is read once: a Proxy must not make this loop endless, nor the list one of no length at all.
  const claimed = source.length
  const length = claimed > 0 ? Math.min(Math.ceil(claimed), maxValues + 1) : 0
  // One list of the right length: one that grows keeps room for 17 values.
  const copy = new Array<FrozenJson>(length)
  for (let index = 0; index < length; index++) copy[index] = copyValue(source[index], place, index, index, copying)
  return freeze(copy)
}

function copyValue(value: unknown, outer: Place, key: string | number, position: number, copying: Copying): FrozenJson {
  copying.values++
  if (typeof value === 'string') copying.characters += value.length
  if (copying.values > maxValues || copying.characters > maxCharacters) {
    if (!copying.issues.some((issue) => issue.kind === 'too large')) add(copying, 'too large', outer, key, position)
    return null
  }
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value
    case 'number':
      if (!Number.isFinite(value)) add(copying, 'not finite', outer, key, position)
      return value
    case 'object':
      return value === null ? null : copyNested(value, outer, key, position, copying)
    default:
      // A function is a live object too; undefined in an array, bigint and symbol have no JSON form.
      add(copying, typeof value === 'function' ? 'live object' : 'not JSON', outer, key, position)
      return null
  }
}

function copyNested(
  source: object,
  outer: Place,
  key: string | number,
  position: number,
  copying: Copying,
): FrozenJson {
  const isList = isArray(source)
  const kind = isList || isPlainObject(source) ? findNestingIssue(source, outer) : 'live object'
  if (kind !== undefined) {
    add(copying, kind, outer, key, position)
    return null
  }
  const place: Place = { source, outer, key, position, depth: outer.depth + 1 }
  return isList ? copyArray(source, place, copying) : copyObject(source as Record<string, unknown>, place, copying)
}

function findNestingIssue(source: object, outer: Place): IssueKind | undefined {
  for (let place: Place | undefined = outer; place !== undefined; place = place.outer) {
    if (place.source === source) return 'cycle'
  }
  return outer.depth >= maxDepth ? 'too deep' : undefined
}

function add(copying: Copying, kind: IssueKind, outer: Place, key: string | number, position: number): void {
  copying.issues.push({ path: toPathBelow(toPath(outer), key, position), kind })
}

function toPath({ outer, key, position }: Place): string {
  return outer === undefined ? String(key) : toPathBelow(toPath(outer), key, position)
}

/** The keys of a record are data of its giver, such as the name of a customer: an error counts them. */
function toPathBelow(path: string, key: string | number, position: number): string {
  return typeof key === 'number' ? toIssuePath(path, key) : toIssuePath(path, '', position)
}
