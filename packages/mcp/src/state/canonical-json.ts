/**
 * One text for each JSON value, whatever the order of its keys: what a state is bound to.
 */
import { ContextError } from 'user-execution-context'

/**
 * The canonical text: keys sorted by code unit, no white space (RFC 8785). A property that is undefined is left out.
 *
 * @throws {ContextError} `ERR_CONTEXT_INVALID_OPTIONS` for what JSON cannot hold: two of such values, a Map and another
 *   Map, would have one text, and a state of the one would open for the other.
 */
export const toCanonicalJson = (value: unknown, depth = 0): string => {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return JSON.stringify(value)
  if (typeof value === 'number' && Number.isFinite(value)) return JSON.stringify(value)
  if (typeof value !== 'object' || depth > maxDepth) throw notJson()
  if (Array.isArray(value)) return `[${value.map((entry) => toCanonicalJson(entry, depth + 1)).join(',')}]`
  // No JSON: no text and no object has the same.
  if (value instanceof Date) return `date ${JSON.stringify(value)}`
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) throw notJson()
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([key, member]) => `${JSON.stringify(key)}:${toCanonicalJson(member, depth + 1)}`)
  return `{${members.join(',')}}`
}

/** Deeper than this is no input of a tool, and would exhaust the stack. */
const maxDepth = 100

function notJson(): ContextError {
  return new ContextError('ERR_CONTEXT_INVALID_OPTIONS', { issues: [{ path: 'input', kind: 'not JSON' }] })
}
