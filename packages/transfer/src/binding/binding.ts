/**
 * Ties a text to bytes: to a job and its payload, a tool and its arguments, a thread.
 */
import { createHash } from 'node:crypto'
import { toIssuePath } from 'user-execution-context'
import { maxBoundBytes } from '../text/limits.ts'
import { invalidOption } from '../text/refused.ts'
import { refuseAmbiguousJson } from './strict-json.ts'

/** What a text is bound to: bytes, or several parts of bytes whose borders count. One part equals a list of it. */
export type Binding = Uint8Array | readonly Uint8Array[]

/**
 * A digest of the bound parts, such that other parts give another one, also where two run together to the same bytes.
 *
 * @throws {ContextError} `ERR_CONTEXT_INVALID_OPTIONS`, `ERR_CONTEXT_SEAL_AMBIGUOUS_JSON`.
 */
export const toBindingDigest = (bind: Binding): string => {
  const parts = bind instanceof Uint8Array ? [bind] : bind
  if (!Array.isArray(parts)) throw invalidOption('bind', 'does not fit')
  if (parts.length === 0) throw invalidOption('bind', 'empty')
  const bytes = (parts as readonly unknown[]).map((part, index) => {
    if (!(part instanceof Uint8Array)) throw invalidOption(toIssuePath('bind', index), 'does not fit')
    return part
  })
  const total = bytes.reduce((sum, { length }) => sum + 4 + length, 4)
  if (total > maxBoundBytes) throw invalidOption('bind', 'too large')
  const framed = new Uint8Array(total)
  const view = new DataView(framed.buffer)
  view.setUint32(0, bytes.length)
  let position = 4
  bytes.forEach((part, index) => {
    view.setUint32(position, part.length)
    framed.set(part, position + 4)
    // What is checked is what is hashed.
    refuseAmbiguousJson(framed.subarray(position + 4, position + 4 + part.length), toIssuePath('bind', index))
    position += 4 + part.length
  })
  return createHash('sha256').update(framed).digest('base64url')
}
