/**
 * What everything that belongs to a user is filed under.
 */
import { ContextError } from '../errors/context-error.ts'
import { encodeKey, encodeOwner } from '../facts/encode-key.ts'
import { findIdIssue } from '../facts/ids.ts'
import { toSha256 } from '../facts/sha-256.ts'
import { assertUserExecutionContext, type UserExecutionContext } from './user-execution-context.ts'

/**
 * Namespace, tenant and user as one injective key: what everything that belongs to a user is filed under. Personal
 * data: do not log it, and give it to no other service; see {@link toOwnerDigest}.
 *
 * The attacks it stops: user `1001` of one issuer reads what belongs to user `1001` of another; a tenant and a user id
 * that run together (`a` and `b:c`, `a:b` and `c`); and a structural argument (`{ userId: 'victim' }`), which is
 * refused, because a function that turns strings into owners would be a tool to forge them.
 *
 * @param context - From createForUser() or deriveChild().
 * @returns 3 to 1,538 characters, joined by encodeKey(): namespace, tenant where there is one, user.
 * @throws {ContextError} `ERR_CONTEXT_NOT_ISSUED`.
 * @example
 * ```ts
 * import { encodeKey, toOwnerKey, type UserExecutionContext } from 'user-execution-context'
 *
 * export const toCacheKey = (context: UserExecutionContext, noteId: string): string =>
 *   encodeKey([toOwnerKey(context), noteId])
 * ```
 */
export const toOwnerKey: (context: UserExecutionContext) => string = (context) => {
  assertUserExecutionContext(context)
  return encodeOwner(context)
}

/**
 * A pseudonym of the owner for whatever may be logged or leaves the process: thread ids of another library, names of
 * channels, keys of a shared cache. Joined to a key of yours by `encodeKey([toOwnerDigest(context, purpose), key])`.
 *
 * Digests of two purposes cannot be joined. It is a pseudonym and no secret: anyone who knows a user id can compute it,
 * so it proves nothing about who sends it.
 *
 * @param context - From createForUser() or deriveChild().
 * @param purpose - What it is for, such as `'checkpoints'`: 1 to 128 characters of the id alphabet. A constant.
 * @returns 64 hex digits: SHA-256 over the purpose and the owner key. Stable over time and processes.
 * @throws {ContextError} `ERR_CONTEXT_NOT_ISSUED`, `ERR_CONTEXT_INVALID_OPTIONS`.
 * @example
 * ```ts
 * import { encodeKey, toOwnerDigest, type UserExecutionContext } from 'user-execution-context'
 *
 * export const toCheckpointThread = (context: UserExecutionContext): string =>
 *   encodeKey([toOwnerDigest(context, 'checkpoints'), context.threadId])
 * ```
 */
export const toOwnerDigest: (context: UserExecutionContext, purpose: string) => string = (context, purpose) => {
  assertUserExecutionContext(context)
  const kind = findIdIssue(purpose)
  // 'test' or 'default' are poor ids and fine purposes.
  if (kind !== undefined && kind !== 'uninitialised value')
    throw new ContextError('ERR_CONTEXT_INVALID_OPTIONS', { issues: [{ path: 'purpose', kind }] })
  return toSha256(encodeKey(['owner digest', purpose, encodeOwner(context)]))
}
