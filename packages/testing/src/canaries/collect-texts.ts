/**
 * Every text that an output holds, with its place: strings and bytes, in properties and keys, in collections and
 * errors, inside JSON, and what the getters of an object answer. What cannot be searched is refused, so that nothing
 * hides there.
 */
import { toBytesText } from './bytes-text.ts'

/** A text and where it stands. */
export type PlacedText = {
  /** Such as `output.events[3].text`. */
  readonly place: string
  /** The same with every index left open: chunks of one stream share it. */
  readonly stream: string
  readonly text: string
}

type Place = { readonly place: string; readonly stream: string; readonly depth: number }
type Walk = { readonly texts: PlacedText[]; readonly seen: Set<object>; readonly isSecret: (key: string) => boolean }

/** How deep JSON inside of JSON is read. */
const maxJsonDepth = 8
/** How deep properties are followed: a getter may answer a new object each time. */
const maxDepth = 200

/**
 * Collects the texts of an output.
 *
 * @param isSecret - Whether a key must not be shown in a place.
 * @throws {TypeError} For what cannot be searched: a promise, a stream, an iterator, compressed bytes.
 */
export const collectTexts = (output: unknown, isSecret: (key: string) => boolean): readonly PlacedText[] => {
  const walk: Walk = { texts: [], seen: new Set(), isSecret }
  visit(output, { place: 'output', stream: 'output', depth: 0 }, walk, 0)
  return walk.texts
}

function visit(value: unknown, at: Place, walk: Walk, jsonDepth: number): void {
  if (typeof value === 'string') return visitText(value, at, walk, jsonDepth)
  if (typeof value === 'symbol') return visitText(value.description ?? '', at, walk, jsonDepth)
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null || walk.seen.has(value)) return
  if (at.depth > maxDepth) throw new TypeError(`${at.place} is nested too deep to be searched.`)
  walk.seen.add(value)
  const bytes = toBytesText(value, at.place)
  if (bytes !== undefined) visitText(bytes, at, walk, jsonDepth)
  if (ArrayBuffer.isView(value)) return visitNamed(value, at, walk, jsonDepth)
  if (bytes !== undefined) return
  refuseUnsearchable(value, at)
  if (tagOf(value) === 'WeakRef') visit((value as WeakRef<object>).deref(), inside(at, '.deref()'), walk, jsonDepth)
  if (!Array.isArray(value) && Symbol.iterator in value) {
    visit([...(value as Iterable<unknown>)], inside(at, '(entries)'), walk, jsonDepth)
  }
  visitProperties(value, at, walk, jsonDepth)
}

/** What somebody has put on bytes beside the bytes. */
function visitNamed(value: object, at: Place, walk: Walk, jsonDepth: number): void {
  const named = Reflect.ownKeys(value).filter((key) => typeof key === 'symbol' || !/^\d+$/.test(key))
  if (named.length > 0)
    visit(
      named.map((key) => [key, tryRead(value, key)]),
      inside(at, '(properties)'),
      walk,
      jsonDepth,
    )
}

function visitText(text: string, at: Place, walk: Walk, jsonDepth: number): void {
  walk.texts.push({ place: at.place, stream: at.stream, text })
  if (jsonDepth >= maxJsonDepth) return
  const whole = parseJson(text)
  if (whole !== undefined) return visit(whole, inside(at, '(JSON)'), walk, jsonDepth + 1)
  if (!text.includes('\n')) return
  // JSON lines, and events of a stream (`data: {…}`): chunks of a longer text.
  text.split(/\r?\n/).forEach((line, index) => {
    const [, content = line] = /^[\w-]{1,16}:\s?(.*)$/.exec(line) ?? []
    const parsed = parseJson(content)
    const place = element(inside(at, '(lines)'), index)
    if (parsed !== undefined) visit(parsed, place, walk, jsonDepth + 1)
    else if (content !== line) walk.texts.push({ place: place.place, stream: place.stream, text: content })
  })
}

function visitProperties(value: object, at: Place, walk: Walk, jsonDepth: number): void {
  const own = Reflect.ownKeys(value)
  own.forEach((key, position) => {
    const name = String(typeof key === 'symbol' ? (key.description ?? '') : key)
    const shown = /^[A-Za-z_$][\w$]{0,63}$/.test(name) && !walk.isSecret(name) ? `.${name}` : `[key ${position + 1}]`
    const isIndex = Array.isArray(value) && /^\d+$/.test(name)
    const place = isIndex ? element(at, Number(name)) : inside(at, shown)
    if (!isIndex) visitText(name, inside(place, '(key)'), walk, maxJsonDepth)
    visit(tryRead(value, key), place, walk, jsonDepth)
  })
  // What the getters of a class answer, what stands on a prototype, and what JSON.stringify would print.
  for (const key of inheritedNames(value)) {
    if (!own.includes(key)) visit(tryRead(value, key), inside(at, `.${key}`), walk, jsonDepth)
  }
  const toJson = tryRead(value, 'toJSON')
  if (typeof toJson === 'function') visit(tryCall(toJson, value), inside(at, '.toJSON()'), walk, jsonDepth)
}

function inheritedNames(value: object): readonly string[] {
  const names = new Set<string>()
  let prototype: object | null = Object.getPrototypeOf(value) as object | null
  while (prototype !== null && !Object.hasOwn(prototype, 'hasOwnProperty')) {
    for (const [name, { get, value: held }] of Object.entries(Object.getOwnPropertyDescriptors(prototype))) {
      if ((get !== undefined || isShown(held)) && name !== '__proto__') names.add(name)
    }
    prototype = Object.getPrototypeOf(prototype) as object | null
  }
  return [...names]
}

/** A method of a class holds no data; neither does a setter alone. */
const isShown = (held: unknown): boolean => held !== undefined && typeof held !== 'function'

function refuseUnsearchable(value: object, { place }: Place): void {
  const next = tryRead(value, 'next')
  if (typeof tryRead(value, 'then') === 'function')
    throw new TypeError(`${place} is a promise. Await it, then check what it gives.`)
  if (Symbol.asyncIterator in value || typeof next === 'function' || isBody(value)) {
    throw new TypeError(
      `${place} is a stream, an iterator or a body that was not read. Read it to its end, then check what came.`,
    )
  }
  if (/^Weak(Map|Set)$/.test(tagOf(value))) {
    throw new TypeError(`${place} is a WeakMap or a WeakSet, which nothing can search.`)
  }
}

/** A Blob, a Request or a Response: its content is behind a promise. */
function isBody(value: object): boolean {
  return typeof tryRead(value, 'arrayBuffer') === 'function' && typeof tryRead(value, 'text') === 'function'
}

const tagOf = (value: object): string => Object.prototype.toString.call(value).slice('[object '.length, -1)

function parseJson(text: string): object | string | undefined {
  if (!/^\s*[[{"]/.test(text)) return undefined
  try {
    return JSON.parse(text) as object | string
  } catch {
    return undefined
  }
}

/** A getter of somebody's class may throw: then a reader gets nothing from it either. */
function tryRead(value: object, key: string | symbol): unknown {
  try {
    return Reflect.get(value, key) as unknown
  } catch {
    return undefined
  }
}

function tryCall(call: Function, value: object): unknown {
  try {
    return call.call(value) as unknown
  } catch {
    return undefined
  }
}

function inside({ place, stream, depth }: Place, part: string): Place {
  return { place: `${place}${part}`, stream: `${stream}${part}`, depth: depth + 1 }
}

function element({ place, stream, depth }: Place, index: number): Place {
  return { place: `${place}[${index}]`, stream: `${stream}[]`, depth: depth + 1 }
}
