/**
 * The first line of every service above the core: a real context, and none that contradicts the ambient one.
 */
import { assertUserExecutionContext, type UserExecutionContext } from '../context/user-execution-context.ts'
import { isChainOver } from '../facts/actor.ts'
import { ContextError } from '../errors/context-error.ts'

let findAmbient: (() => UserExecutionContext | undefined) | undefined

/** Set once by the ambient reader when it is first used. A program that never imports it pays for one comparison. */
export const watchAmbient = (find: () => UserExecutionContext | undefined): void => {
  findAmbient = find
}

/**
 * Asserts a context at the entry of a service. When an ambient context is active, it must be of the same user
 * (namespace, tenant and id), thread and run, with no more rights and no fewer actors: an emitter, a pool or a memoised
 * promise that carries another caller's ambient context is found out here instead of acting for the wrong user.
 *
 * @param context - Anything. After the call its type is UserExecutionContext.
 * @throws {ContextError} `ERR_CONTEXT_NOT_ISSUED`, `ERR_CONTEXT_MISMATCH`.
 * @example
 * ```ts
 * import { requireContext, type UserExecutionContext } from 'user-execution-context'
 *
 * export function renameThread(context: UserExecutionContext, titles: Map<string, string>, title: string) {
 *   requireContext(context)
 *   titles.set(context.threadId, title)
 * }
 * ```
 */
export const requireContext: (context: unknown) => asserts context is UserExecutionContext = (context) => {
  assertUserExecutionContext(context)
  const ambient = findAmbient?.()
  if (ambient !== undefined && ambient !== context && !(isSameRun(ambient, context) && isNoWider(ambient, context)))
    throw new ContextError('ERR_CONTEXT_MISMATCH')
}

function isSameRun(one: UserExecutionContext, other: UserExecutionContext): boolean {
  return (
    one.userId === other.userId &&
    one.namespace === other.namespace &&
    one.tenantId === other.tenantId &&
    one.threadId === other.threadId &&
    one.runId === other.runId
  )
}

/** A tool whose rights were narrowed must not call a service with the context of its parent that it kept somewhere. */
function isNoWider(ambient: UserExecutionContext, context: UserExecutionContext): boolean {
  return (
    (context.permissions === ambient.permissions ||
      context.permissions.every((permission) => ambient.permissions.includes(permission))) &&
    isChainOver(context.actors, ambient.actors)
  )
}
