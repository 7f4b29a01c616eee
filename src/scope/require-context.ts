/**
 * The first line of every service above the core: a real context, and none that contradicts the ambient one.
 */
import { assertWithinAmbient } from '../context/context-parts.ts'
import { assertUserExecutionContext, type UserExecutionContext } from '../context/user-execution-context.ts'

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
  assertWithinAmbient(context)
}
