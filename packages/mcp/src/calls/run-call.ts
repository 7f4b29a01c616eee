/**
 * One call of a tool, a resource or a prompt: for a live user, with the permissions that it needs, in a scope.
 */
import {
  abortScope,
  assertLive,
  ContextError,
  runInScope,
  type Scope,
  type UserExecutionContext,
} from 'user-execution-context'
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
  let running: Running | undefined
  try {
    signal.throwIfAborted()
    const { ambient, limits } = settings
    const result = await runInScope(context, {}, (scope) => {
      const outcome = ambient === undefined ? body(scope) : ambient(scope.context, () => body(scope))
      if (isPromise(outcome)) running = new Running(scope, outcome, signal, limits.callMs, release)
      return outcome
    })
    assertLive(context)
    return result
  } finally {
    // A scope that was given up leaves its handler running: as many as a user gives up would run at once.
    if (running === undefined) release()
    else running.stopWaiting()
  }
}

/**
 * A handler that has not answered yet. What may end its scope is listened to only then: most handlers of a busy server
 * answer at once, and a timer and a listener for each cost more than all else that a call does here.
 */
class Running {
  readonly #scope: Scope
  readonly #signal: AbortSignal
  #isOver = false
  #timer: NodeJS.Timeout | undefined

  constructor(scope: Scope, outcome: PromiseLike<unknown>, signal: AbortSignal, callMs: number, release: () => void) {
    this.#scope = scope
    this.#signal = signal
    const end = (): void => {
      this.#isOver = true
      release()
    }
    outcome.then(end, end)
    // After what has settled already.
    queueMicrotask(() => this.#wait(callMs))
  }

  stopWaiting(): void {
    this.#isOver = true
    if (this.#timer === undefined) return
    clearTimeout(this.#timer)
    this.#signal.removeEventListener('abort', this.#give)
  }

  #wait(callMs: number): void {
    if (this.#isOver) return
    if (this.#signal.aborted) return this.#give()
    this.#timer = setTimeout(() => abortScope(this.#scope, new ContextError('ERR_CONTEXT_SCOPE_TIMEOUT')), callMs)
    this.#signal.addEventListener('abort', this.#give, { once: true })
  }

  readonly #give = (): void => abortScope(this.#scope, this.#signal.reason)
}

function isPromise(outcome: unknown): outcome is PromiseLike<unknown> {
  return typeof (outcome as PromiseLike<unknown> | null | undefined)?.then === 'function'
}
