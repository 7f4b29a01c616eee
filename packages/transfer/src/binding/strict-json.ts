/**
 * JSON that every parser reads alike (RFC 7493, I-JSON): what is approved is what is run.
 *
 * The attack it stops: `{"to":"alice","to":"mallory"}`, where the page of the approver shows the first and the tool
 * takes the last; a number that two languages round differently; half a surrogate pair that one of them replaces.
 */
import type { ContextError, FrozenJson, IssueKind } from 'user-execution-context'
import { invalidOption, refusedText } from '../text/refused.ts'

const strictDecoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const lenientDecoder = new TextDecoder('utf-8')

/**
 * The value of JSON bytes that were bound, read the one way in which they can be read. Run a tool from what this
 * gives and nothing else: a second serialisation is other bytes.
 *
 * @param bytes - UTF-8, as they were passed to `bind`.
 * @returns The value, frozen through and through.
 * @throws {ContextError} `ERR_CONTEXT_SEAL_AMBIGUOUS_JSON` for duplicate keys, unsafe integers, numbers that lose
 *   digits, lone surrogates, no UTF-8 and no JSON.
 * @example
 * ```ts
 * import { parseBoundJson } from '@user-execution-context/transfer'
 *
 * export const parameters = parseBoundJson(new TextEncoder().encode('{"to":"alice","cents":100}'))
 * ```
 */
export const parseBoundJson = (bytes: Uint8Array): FrozenJson => {
  if (!(bytes instanceof Uint8Array)) throw invalidOption('bytes', 'does not fit')
  const text = decodeStrictly(bytes)
  if (text === undefined) throw ambiguous('bytes', 'does not fit')
  const value = parse(text)
  const fault = value === undefined ? 'not JSON' : findFault(text)
  if (fault !== undefined) throw ambiguous('bytes', fault)
  return deepFreeze(value!)
}

/**
 * Refuses bytes that a tool could take for JSON and that can be read in two ways: what parseBoundJson() would refuse.
 * Bytes that are no JSON pass.
 *
 * @param path - Of the bytes among the options, for the issue.
 * @throws {ContextError} `ERR_CONTEXT_SEAL_AMBIGUOUS_JSON`.
 */
export const refuseAmbiguousJson = (bytes: Uint8Array, path: string): void => {
  // Read as a careless tool would: a byte-order mark dropped, bad bytes replaced.
  const text = lenientDecoder.decode(bytes)
  if (parse(text) === undefined) return
  const strict = decodeStrictly(bytes)
  const fault = strict === undefined || parse(strict) === undefined ? 'does not fit' : findFault(strict)
  if (fault !== undefined) throw ambiguous(path, fault)
}

/** The tokens of a text that JSON.parse accepts. */
const tokens = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*|[{}[\]:,]/g

/**
 * What of a text that JSON.parse accepts others would read otherwise: a number that loses digits (`too large`), half a
 * surrogate pair (`illegal character`), a key that stands twice (`duplicate`) or sets a prototype (`illegal key`).
 * Undefined when all read the same.
 */
function findFault(text: string): IssueKind | undefined {
  // One set of keys for each object that is open; undefined for a list.
  const open: (Set<string> | undefined)[] = []
  let expectsKey = false
  for (const [token] of text.matchAll(tokens)) {
    if (token === '{' || token === '[') {
      open.push(token === '{' ? new Set() : undefined)
      expectsKey = token === '{'
    } else if (token === '}' || token === ']') {
      open.pop()
      expectsKey = false
    } else if (token === ',') expectsKey = open.at(-1) !== undefined
    else if (token === ':') expectsKey = false
    else if (!token.startsWith('"')) {
      if (!keepsItsValue(token)) return 'too large'
    } else {
      const words = JSON.parse(token) as string
      if (/\p{Surrogate}/u.test(words)) return 'illegal character'
      if (!expectsKey) continue
      const keys = open.at(-1)!
      if (keys.has(words)) return 'duplicate'
      // Object.assign() makes it the prototype of a copy, which then says what no page of an approver has shown.
      if (words === '__proto__') return 'illegal key'
      keys.add(words)
    }
  }
  return undefined
}

/** Whether a number is the same in every language: a safe integer, or a fraction that a double holds digit by digit. */
function keepsItsValue(literal: string): boolean {
  const value = Number(literal)
  if (!Number.isFinite(value)) return false
  if (Number.isInteger(value) && !Number.isSafeInteger(value)) return false
  return toDigits(literal) === toDigits(String(value))
}

/** A decimal as its significant digits and the place of the point, so that 1.50e1 and 15 are one. */
function toDigits(literal: string): string {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(literal) ?? []
  const digits = (whole + fraction).replace(/^0+/, '')
  const significant = digits.replace(/0+$/, '')
  if (significant === '') return '0'
  return `${sign}${significant}e${Number(exponent) - fraction.length + (digits.length - significant.length)}`
}

function decodeStrictly(bytes: Uint8Array): string | undefined {
  try {
    return strictDecoder.decode(bytes)
  } catch {
    return undefined
  }
}

function parse(text: string | undefined): FrozenJson | undefined {
  try {
    return text === undefined ? undefined : (JSON.parse(text) as FrozenJson)
  } catch {
    return undefined
  }
}

/** Without recursion: what was nested deeply must not end the process. */
function deepFreeze(value: FrozenJson): FrozenJson {
  const waiting: FrozenJson[] = [value]
  for (let one = waiting.pop(); one !== undefined; one = waiting.pop()) {
    if (typeof one !== 'object' || one === null) continue
    Object.freeze(one)
    for (const inner of Object.values(one)) waiting.push(inner)
  }
  return value
}

function ambiguous(path: string, kind: IssueKind): ContextError {
  return refusedText('ERR_CONTEXT_SEAL_AMBIGUOUS_JSON', path, kind)
}
