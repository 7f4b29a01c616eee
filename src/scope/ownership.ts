/**
 * Ties a session, a socket or a cached value to its user, and finds out when it reaches another.
 */
import { KeptWeakMap } from '../facts/assert-sealed.ts'
import { encodeOwner } from '../facts/encode-key.ts'
import type { UserExecutionContext } from '../context/user-execution-context.ts'
import { assertLive } from '../context/live-context.ts'
import { ContextError } from '../errors/context-error.ts'
import { requireContext } from './require-context.ts'

const owners = new KeptWeakMap<object, string>()

/**
 * Ties a resource to the user of the context (namespace, tenant and user id), for as long as the resource lives. Owning
 * it again for the same user changes nothing.
 *
 * @param context - Whose it is. From createForUser() or deriveChild().
 * @param resource - Any object: a database session, a socket, a record from a cache. The tie is to this object, not to
 *   copies of it.
 * @returns The same resource.
 * @throws {ContextError} `ERR_CONTEXT_ISOLATION` when it is another user's, what assertLive() throws,
 *   `ERR_CONTEXT_INVALID_OPTIONS` when it is no object.
 * @example
 * ```ts
 * import { own, type UserExecutionContext } from 'user-execution-context'
 *
 * export const openNotes = (context: UserExecutionContext) => own(context, new Map<string, string>())
 * ```
 */
export const own: <Resource extends object>(context: UserExecutionContext, resource: Resource) => Resource = (
  context,
  resource,
) => {
  requireContext(context)
  assertLive(context)
  if ((typeof resource !== 'object' && typeof resource !== 'function') || resource === null) {
    throw new ContextError('ERR_CONTEXT_INVALID_OPTIONS', { issues: [{ path: 'resource', kind: 'not an object' }] })
  }
  const ownerKey = encodeOwner(context)
  const known = owners.get(resource)
  if (known !== undefined && known !== ownerKey) throw new ContextError('ERR_CONTEXT_ISOLATION')
  owners.set(resource, ownerKey)
  return resource
}

/**
 * Refuses a resource that is not this user's, and one without an owner: an unknown owner is not a match.
 *
 * @param context - The user's. From createForUser() or deriveChild().
 * @param resource - What own() was given, and no copy of it.
 * @throws {ContextError} `ERR_CONTEXT_ISOLATION`, `ERR_CONTEXT_NOT_ISSUED`.
 * @example
 * ```ts
 * import { assertOwned, type UserExecutionContext } from 'user-execution-context'
 *
 * export function readNote(context: UserExecutionContext, notes: ReadonlyMap<string, string>, id: string) {
 *   assertOwned(context, notes)
 *   return notes.get(id)
 * }
 * ```
 */
export const assertOwned: (context: UserExecutionContext, resource: object) => void = (context, resource) => {
  requireContext(context)
  const owner = owners.get(resource)
  if (owner === undefined) throw new ContextError('ERR_CONTEXT_ISOLATION', { fix: neverOwned })
  if (owner !== encodeOwner(context)) throw new ContextError('ERR_CONTEXT_ISOLATION')
}

const neverOwned =
  'Nobody owns this object: call own(context, resource) where it is made, and pass that object, not a copy of it.'
