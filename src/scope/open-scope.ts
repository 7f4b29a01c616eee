/**
 * Opens the lifetime of a piece of work, for code that closes it itself.
 */
import { assertLive } from '../context/live-context.ts'
import type { UserExecutionContext } from '../context/user-execution-context.ts'
import { requireContext } from './require-context.ts'
import { openCheckedScope, type Scope } from './scope.ts'
import { parseScopeOptions, type ScopeOptions } from './scope-options.ts'

/**
 * Opens the lifetime of a piece of work. Close it with `await using`, or with close().
 *
 * @param context - Whose work it is. From createForUser() or deriveChild().
 * @param options - `timeoutMs` and `signal`, both optional. Default: no limit.
 * @returns An open scope. It holds nothing until defer() or child() is called.
 * @throws {ContextError} `ERR_CONTEXT_NOT_ISSUED`, `ERR_CONTEXT_MISMATCH`, `ERR_CONTEXT_INVALID_OPTIONS`, what
 *   assertLive() throws.
 * @example
 * ```ts
 * import { openScope, type UserExecutionContext } from 'user-execution-context'
 *
 * export async function report(context: UserExecutionContext, session: { end: () => Promise<void> }): Promise<void> {
 *   const scope = openScope(context, { timeoutMs: 30_000 })
 *   scope.defer(() => session.end())
 *   await scope.close()
 * }
 * ```
 */
export const openScope: (context: UserExecutionContext, options?: ScopeOptions) => Scope = (context, options = {}) => {
  requireContext(context)
  assertLive(context)
  return openCheckedScope(context, parseScopeOptions(options))
}
