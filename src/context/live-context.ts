/**
 * Whether the identity behind a context still holds, and how to be told of its end.
 */
import { ContextError } from '../errors/context-error.ts'
import { unwatchProof, watchProof, type Proof } from '../identity/liveness-registry.ts'
import { assertProofLive, isProofLive, type IdentityEndListener } from '../identity/proof.ts'
import { isVerifiedUser, proofOf, type VerifiedUser } from '../identity/verified-user.ts'
import { assertUserExecutionContext, findContextProof, type UserExecutionContext } from './user-execution-context.ts'

/**
 * Refuses a context whose identity has ended: the first line of whatever begins something. Without a registry it reads
 * the clock; with one (liveSessions()) it reads a flag, which a timer flips at most 250 ms after the end.
 *
 * Functions that end, record or print something assert the seal only (assertUserExecutionContext()), so that a cleanup
 * or an audit record of a user who was signed out still works.
 *
 * @param context - From createForUser() or deriveChild(); or a verified user.
 * @throws {ContextError} `ERR_CONTEXT_IDENTITY_EXPIRED`, `ERR_CONTEXT_IDENTITY_REVOKED`,
 *   `ERR_CONTEXT_LIVENESS_UNKNOWN` (503) while the registry hears nothing of other processes, `ERR_CONTEXT_NOT_ISSUED`.
 * @example
 * ```ts
 * import { assertLive, type UserExecutionContext } from 'user-execution-context'
 *
 * export async function sendInvoice(context: UserExecutionContext, send: () => Promise<void>): Promise<void> {
 *   assertLive(context)
 *   await send()
 * }
 * ```
 */
export const assertLive: (context: UserExecutionContext | VerifiedUser) => void = (context) => {
  assertProofLive(findContextProof(context) ?? toProof(context))
}

/**
 * Whether the identity behind a context still holds, as assertLive() asks it. False for what is no context and no user,
 * and while it is not known.
 *
 * @param context - Anything.
 * @example
 * ```ts
 * import { isLive, type UserExecutionContext } from 'user-execution-context'
 *
 * export const toStatus = (context: UserExecutionContext): string => (isLive(context) ? 'signed in' : 'signed out')
 * ```
 */
export const isLive: (context: unknown) => boolean = (context) => {
  const proof = findContextProof(context) ?? (isVerifiedUser(context) ? proofOf(context) : undefined)
  return proof !== undefined && isProofLive(proof)
}

/**
 * Calls back once when the identity behind a context ends: with the error to close or abort with, and the reason. At
 * once when it has ended already. It costs no timer of its own, and holds the context until it is called or stopped.
 * For thousands of objects, such as sockets, {@link addIdentityWatcher} takes less memory.
 *
 * @param context - From createForUser() or deriveChild(); or a verified user.
 * @param onEnd - Must not throw: what it throws is reported as an uncaught error, after all others were called.
 * @returns A function that stops it. Call it when what you would close has closed.
 * @throws {ContextError} `ERR_CONTEXT_NOT_ISSUED`, `ERR_CONTEXT_INVALID_OPTIONS`.
 * @example
 * ```ts
 * import { watchIdentity, type UserExecutionContext } from 'user-execution-context'
 *
 * export const closeAtSignOut = (context: UserExecutionContext, socket: { close(code: number): void }): (() => void) =>
 *   watchIdentity(context, () => socket.close(4401))
 * ```
 */
export const watchIdentity: (context: UserExecutionContext | VerifiedUser, onEnd: IdentityEndListener) => () => void = (
  context,
  onEnd,
) => {
  const proof = toProof(context)
  if (typeof onEnd !== 'function')
    throw new ContextError('ERR_CONTEXT_INVALID_OPTIONS', { issues: [{ path: 'onEnd', kind: 'not a function' }] })
  // An object of its own, so that one listener given twice is called twice and taken back once.
  const watcher = { identityEnded: onEnd }
  watchProof(proof, watcher)
  return () => unwatchProof(proof, watcher)
}

/** What a context or a user was proven by. @throws {ContextError} `ERR_CONTEXT_NOT_ISSUED`. */
export function toProof(value: UserExecutionContext | VerifiedUser): Proof {
  if (isVerifiedUser(value)) return proofOf(value)
  assertUserExecutionContext(value)
  return findContextProof(value)!
}
