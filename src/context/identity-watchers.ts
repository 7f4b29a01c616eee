/**
 * Objects that wait for the end of an identity: for what there are thousands of and each byte counts, such as sockets.
 */
import { ContextError } from '../errors/context-error.ts'
import type { IdentityWatcher } from '../identity/proof.ts'
import { unwatchProof, watchProof } from '../identity/liveness-registry.ts'
import type { VerifiedUser } from '../identity/verified-user.ts'
import { toProof } from './live-context.ts'
import type { UserExecutionContext } from './user-execution-context.ts'

/**
 * Calls `watcher.identityEnded(error, reason)` once when the identity behind a context ends: what watchIdentity() does,
 * without a function for each (200 bytes less). At once when it has ended already. A watcher that is added again is
 * called once. It is held until it is called or removed.
 *
 * @param context - From createForUser() or deriveChild(); or a verified user.
 * @param watcher - Its method must not throw: what it throws is reported as an uncaught error.
 * @throws {ContextError} `ERR_CONTEXT_NOT_ISSUED`, `ERR_CONTEXT_INVALID_OPTIONS`.
 * @example
 * ```ts
 * import { addIdentityWatcher, removeIdentityWatcher, type UserExecutionContext } from 'user-execution-context'
 *
 * export class Upload {
 *   readonly #context: UserExecutionContext
 *
 *   constructor(context: UserExecutionContext) {
 *     this.#context = context
 *     addIdentityWatcher(context, this)
 *   }
 *
 *   identityEnded(): void {
 *     this.close()
 *   }
 *
 *   close(): void {
 *     removeIdentityWatcher(this.#context, this)
 *   }
 * }
 * ```
 */
export const addIdentityWatcher: (context: UserExecutionContext | VerifiedUser, watcher: IdentityWatcher) => void = (
  context,
  watcher,
) => {
  const proof = toProof(context)
  if (!isWatcher(watcher))
    throw new ContextError('ERR_CONTEXT_INVALID_OPTIONS', {
      issues: [{ path: 'watcher.identityEnded', kind: 'not a function' }],
    })
  watchProof(proof, watcher)
}

/**
 * Takes a watcher back. One that was not added, or was called, changes nothing.
 *
 * @param context - That of addIdentityWatcher(), or another of the same proof.
 * @throws {ContextError} `ERR_CONTEXT_NOT_ISSUED`.
 * @example
 * ```ts
 * import { removeIdentityWatcher, type IdentityWatcher, type UserExecutionContext } from 'user-execution-context'
 *
 * export const leave = (context: UserExecutionContext, watcher: IdentityWatcher): void =>
 *   removeIdentityWatcher(context, watcher)
 * ```
 */
export const removeIdentityWatcher: (context: UserExecutionContext | VerifiedUser, watcher: IdentityWatcher) => void = (
  context,
  watcher,
) => {
  unwatchProof(toProof(context), watcher)
}

function isWatcher(value: unknown): value is IdentityWatcher {
  try {
    return typeof (value as IdentityWatcher | null | undefined)?.identityEnded === 'function'
  } catch {
    // A getter or a proxy threw.
    return false
  }
}
