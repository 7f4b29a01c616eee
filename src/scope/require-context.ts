/**
 * Floor 4. The door check of every service above the core: a real context, and not one that contradicts the ambient one.
 */
import { assertUserExecutionContext, type UserExecutionContext } from '../context/user-execution-context.ts'
import { ContextError } from '../errors/context-error.ts'

let findAmbient: (() => UserExecutionContext | undefined) | undefined

/** Set once by the ambient reader when it is first used. Who never imports it pays for one comparison. */
export const watchAmbient = (find: () => UserExecutionContext | undefined): void => {
  findAmbient = find
}

/**
 * Asserts a context at the door of a service. When an ambient context is active it must be of the same user, thread and
 * run: an emitter, a pool or a memoised promise that carries another caller's ambient context is found out here
 * instead of acting for the wrong user.
 *
 * @throws {ContextError} `ERR_CONTEXT_NOT_ISSUED`, `ERR_CONTEXT_MISMATCH`.
 */
export const requireContext: (context: unknown) => asserts context is UserExecutionContext = (context) => {
  assertUserExecutionContext(context)
  const ambient = findAmbient?.()
  if (ambient !== undefined && !isSameRun(ambient, context)) throw new ContextError('ERR_CONTEXT_MISMATCH')
}

function isSameRun(one: UserExecutionContext, other: UserExecutionContext): boolean {
  return (
    one.userId === other.userId &&
    one.tenantId === other.tenantId &&
    one.threadId === other.threadId &&
    one.runId === other.runId
  )
}
