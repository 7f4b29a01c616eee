/**
 * Runs a body inside a scope and closes the scope after it, whatever happens.
 */
import type { UserExecutionContext } from '../context/user-execution-context.ts'
import { ContextError } from '../errors/context-error.ts'
import { openScope } from './open-scope.ts'
import { isCleanupFailure, onAbort, type Scope } from './scope.ts'
import { invalid, type ScopeOptions } from './scope-options.ts'

/**
 * Runs a body inside a scope and closes the scope after it, whatever happens. A timeout or an abort ends the wait for a
 * body that ignores its signal; such a body then meets a closed scope.
 *
 * @param context - Whose work it is. From createForUser() or deriveChild().
 * @param options - `timeoutMs` and `signal`, both optional. `{}` for no limit.
 * @param body - Gets the scope. It may return a promise.
 * @returns What the body returns.
 * @throws What the body throws; the reason of the abort; `ERR_CONTEXT_SCOPE_TIMEOUT`; or `ERR_CONTEXT_CLEANUP_FAILED`
 *   when cleanups failed, with all failures in `errors`, the body's first. Before the body: what openScope() throws.
 * @example
 * ```ts
 * import { runInScope, type UserExecutionContext } from 'user-execution-context'
 *
 * export const search = (context: UserExecutionContext, url: string): Promise<string> =>
 *   runInScope(context, { timeoutMs: 5_000 }, async ({ signal }) => (await fetch(url, { signal })).text())
 * ```
 */
export const runInScope: <Result>(
  context: UserExecutionContext,
  options: ScopeOptions,
  body: (scope: Scope) => Promise<Result> | Result,
) => Promise<Result> = async (context, options, body) => {
  if (typeof body !== 'function') {
    const fix =
      typeof options === 'function' ? 'Pass options before the body: runInScope(context, {}, body).' : undefined
    throw invalid([{ path: 'body', kind: 'not a function' }], fix)
  }
  const scope = openScope(context, options)
  const outcome = await settle(scope, body)
  try {
    await scope.close()
  } catch (error) {
    const failures = isCleanupFailure(error) ? error.errors : [error]
    const errors = 'failure' in outcome ? [outcome.failure, ...failures] : failures
    throw new ContextError('ERR_CONTEXT_CLEANUP_FAILED', { errors, cause: errors[0] })
  }
  if ('failure' in outcome) throw outcome.failure
  return outcome.result
}

type Outcome<Result> = { readonly result: Result } | { readonly failure: unknown }

function settle<Result>(scope: Scope, body: (scope: Scope) => Promise<Result> | Result): Promise<Outcome<Result>> {
  return new Promise((resolve) => {
    let isAborted = false
    onAbort(scope, (failure) => {
      isAborted = true
      resolve({ failure })
    })
    if (isAborted) return
    const run = async (): Promise<Result> => body(scope)
    run().then(
      (result) => resolve({ result }),
      (failure: unknown) => resolve({ failure }),
    )
  })
}
