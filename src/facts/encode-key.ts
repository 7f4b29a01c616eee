/**
 * One string out of several, such that different lists never give the same string.
 *
 * The attack it stops: with a plain `${userId}:${threadId}`, user `a` with thread `b:c` reads what belongs to user
 * `a:b` with thread `c` (measured on the system this one replaces: its session cache did that).
 */

import { ContextError } from '../errors/context-error.ts'

/**
 * Joins parts into one key, injectively: equal keys mean equal lists, also when parts are empty or hold the separator.
 * `%` becomes `%25` and `:` becomes `%3A` inside a part; parts are joined by `:`. An empty list is the empty string's
 * neighbour `%`, which no other list gives.
 *
 * @param parts - Any texts, also empty ones.
 * @throws {ContextError} `ERR_CONTEXT_INVALID_OPTIONS` when it is no list of texts.
 * @example
 * ```ts
 * import { encodeKey } from 'user-execution-context'
 *
 * export const key = encodeKey(['tenant:1', 'note-1']) // 'tenant%3A1:note-1'
 * ```
 */
export const encodeKey = (parts: readonly string[]): string => {
  if (!Array.isArray(parts))
    throw new ContextError('ERR_CONTEXT_INVALID_OPTIONS', { issues: [{ path: 'parts', kind: 'not an array' }] })
  if (parts.length === 0) return '%'
  let key = encodePart(parts[0]!)
  for (let index = 1; index < parts.length; index++) key += `:${encodePart(parts[index]!)}`
  return key
}

/**
 * The list that {@link encodeKey} was given.
 *
 * @param key - What encodeKey() returned.
 * @throws {ContextError} `ERR_CONTEXT_INVALID_OPTIONS` when it is no text.
 * @example
 * ```ts
 * import { decodeKey } from 'user-execution-context'
 *
 * export const parts = decodeKey('tenant%3A1:note-1') // ['tenant:1', 'note-1']
 * ```
 */
export const decodeKey = (key: string): readonly string[] => {
  if (typeof key !== 'string') throw notText('key')
  return key === '%'
    ? []
    : key.split(':').map((part) => part.replace(/%25|%3A/g, (code) => (code === '%25' ? '%' : ':')))
}

/** Namespace, tenant where there is one, and user as one key: what all of an owner's is filed under. */
export const encodeOwner = ({ namespace, tenantId, userId }: Owner): string => {
  // Most owners share their beginning with the one before: V8 then holds it once, and it is encoded once.
  if (group.namespace !== namespace || group.tenantId !== tenantId) {
    const tenant = tenantId === undefined ? '' : `${encodePart(tenantId)}:`
    group = { namespace, tenantId, key: `${encodePart(namespace)}:${tenant}` }
  }
  return group.key + encodePart(userId)
}

type Owner = { readonly namespace: string; readonly tenantId: string | undefined; readonly userId: string }

let group: Omit<Owner, 'userId'> & { readonly key: string } = { namespace: '', tenantId: undefined, key: ':' }

/** One part of a key, such that no part ends where it does not. */
export const encodePart = (part: string): string => {
  // `undefined` and the text "undefined" would share a key.
  if (typeof part !== 'string') throw notText('parts')
  return /[%:]/.test(part) ? part.replace(/[%:]/g, (sign) => (sign === '%' ? '%25' : '%3A')) : part
}

function notText(path: string): ContextError {
  return new ContextError('ERR_CONTEXT_INVALID_OPTIONS', { issues: [{ path, kind: 'not a string' }] })
}
