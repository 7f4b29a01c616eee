/**
 * One call of a tool, a resource or a prompt: for a live user, with the permissions that it needs, in a scope.
 */
import { assertLive, ContextError, runInScope, type Scope, type UserExecutionContext } from 'user-execution-context'
import type { Settings } from '../options/options.ts'
import type { UserLoad } from './user-load.ts'

/** What a user needs to see and call something. */
export type Guarded = { readonly permissions: readonly string[] }

/** Whether a user may see and call it: all of its permissions, compared by equality. */
export const isAllowed = ({ permissions }: Guarded, context: UserExecutionContext): boolean =>
  permissions.every((permission) => context.permissions.includes(permission))

/** The parts of a server that calls need. */
export type CallParts = { readonly settings: Settings; readonly load: UserLoad }

/**
 * Runs a handler. The scope ends with the request, with the limit of time and with the identity; what a user asked for
 * who was signed out meanwhile is not answered.
 *
 * @throws {ContextError} `ERR_CONTEXT_TOO_MANY_CALLS`, what assertLive() and runInScope() throw; what the handler
 *   throws, unchanged.
 */
export const runCall = async <Result>(
  context: UserExecutionContext,
  guarded: Guarded,
  signal: AbortSignal,
  { settings, load }: CallParts,
  body: (scope: Scope) => Promise<Result> | Result,
): Promise<Result> => {
  // A session of SDK 1 outlives the token that it began with: rights are those of the token of this request.
  if (!isAllowed(guarded, context)) throw new ContextError('ERR_CONTEXT_ISOLATION')
  const release = load.hold(context, 'concurrentCalls')
  let running: Promise<unknown> = Promise.resolve()
  try {
    const { ambient, limits } = settings
    const result = await runInScope(context, { timeoutMs: limits.callMs, signal }, (scope) => {
      const outcome = ambient === undefined ? body(scope) : ambient(scope.context, () => body(scope))
      running = Promise.resolve(outcome)
      return outcome
    })
    assertLive(context)
    return result
  } finally {
    // A scope that was given up leaves its handler running: as many as a user gives up would run at once.
    void running.then(release, release)
  }
}
