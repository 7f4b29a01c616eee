/**
 * Floor 4. A lifetime for one context: cleanups, an abort signal, child scopes. A context is data and owns nothing.
 */
import {
  assertUserExecutionContext,
  deriveChild,
  type UserExecutionContext,
} from '../context/user-execution-context.ts'
import { ContextError } from '../errors/context-error.ts'
import { requireContext } from './require-context.ts'
import {
  assertOptions,
  invalid,
  parseScopeOptions,
  type ChildScopeOptions,
  type ScopeOptions,
} from './scope-options.ts'

/** Frees something. What it returns is awaited; what it throws is collected. */
export type Cleanup = () => unknown

type Entry = { readonly close: Cleanup; readonly abort?: (reason: unknown) => void }

let abortNow: (scope: Scope, reason: unknown) => void
let onAbort: (scope: Scope, listener: (reason: unknown) => void) => void

/**
 * The lifetime of one piece of work. Made by openScope() and runInScope(); closes itself at the end of `await using`.
 */
class Scope implements AsyncDisposable {
  /** Whose work it is. */
  readonly context: UserExecutionContext
  readonly #entries = new Set<Entry>()
  #aborted: { readonly reason: unknown } | undefined
  #controller: AbortController | undefined
  #listener: ((reason: unknown) => void) | undefined
  #timer: NodeJS.Timeout | undefined
  #closing: Promise<void> | undefined
  #leave: (() => void) | undefined

  constructor(context: UserExecutionContext, options: ScopeOptions, join?: (scope: Entry) => () => void) {
    // Who holds a scope may trust scope.context: `new scope.constructor(forged)` and `scope.context = other` end here.
    assertUserExecutionContext(context)
    this.context = context
    Object.freeze(this)
    const { timeoutMs, signal } = options
    const leaveParent = join?.({ close: () => this.close(), abort: (reason) => this.#abort(reason) })
    const abort = (): void => this.#abort(signal?.reason)
    if (signal?.aborted) abort()
    else signal?.addEventListener('abort', abort, { once: true })
    this.#leave = () => {
      leaveParent?.()
      // Without this, every scope would stay reachable from a long-lived signal (80 bytes each with AbortSignal.any).
      signal?.removeEventListener('abort', abort)
    }
    if (timeoutMs !== undefined && this.#aborted === undefined) {
      this.#timer = setTimeout(() => this.#abort(new ContextError('ERR_CONTEXT_SCOPE_TIMEOUT')), timeoutMs)
    }
  }

  static {
    abortNow = (scope, reason) => {
      if (typeof scope !== 'object' || scope === null || !(#aborted in scope))
        throw invalid([{ path: 'scope', kind: 'does not fit' }])
      scope.#abort(reason)
    }
    onAbort = (scope, listener) => {
      if (scope.#aborted) listener(scope.#aborted.reason)
      else scope.#listener = listener
    }
    delete (Scope.prototype as { constructor?: unknown }).constructor
    Object.freeze(Scope.prototype)
    Object.freeze(Scope)
  }

  /** Aborts when the scope closes, runs out of time, or its parent or caller aborts. Made on first use: it is dear. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController()
      if (this.#aborted) this.#controller.abort(toReason(this.#aborted.reason))
    }
    return this.#controller.signal
  }

  /** Whether close() was called. A closed scope takes no cleanups and no children. */
  get isClosed(): boolean {
    return this.#closing !== undefined
  }

  /**
   * Runs a cleanup when the scope closes: exactly once, last in first out, awaited, whatever the others do.
   *
   * @throws {ContextError} `ERR_CONTEXT_SCOPE_CLOSED` when it is too late: free the resource yourself.
   */
  defer(cleanup: Cleanup): void {
    if (typeof cleanup !== 'function') throw invalid([{ path: 'cleanup', kind: 'not a function' }])
    this.#assertOpen()
    this.#entries.add({ close: cleanup })
  }

  /**
   * Opens a scope for a sub-agent or a tool, with a child context. It closes before this one, aborts with this one, and
   * frees nothing of this one's.
   *
   * @throws {ContextError} `ERR_CONTEXT_SCOPE_CLOSED`, and what deriveChild() throws.
   */
  child(operation: string, options: ChildScopeOptions = {}): Scope {
    this.#assertOpen()
    const { timeoutMs, signal, ...additions } = assertOptions(options)
    const lifetime = parseScopeOptions({ timeoutMs, signal })
    const child = new Scope(deriveChild(this.context, operation, additions), lifetime, (entry) => {
      this.#entries.add(entry)
      return () => this.#entries.delete(entry)
    })
    if (this.#aborted) child.#abort(this.#aborted.reason)
    return child
  }

  /**
   * Aborts the signal, then closes children and runs cleanups, last in first out. A second call waits for the first, so
   * a cleanup must not await it.
   *
   * @throws {ContextError} `ERR_CONTEXT_CLEANUP_FAILED`, with every failure in `errors`.
   */
  close(): Promise<void> {
    if (this.#closing === undefined) {
      // Set before anything runs: a cleanup or a listener that comes back here must find the scope closed.
      let follow: (closing: Promise<void>) => void = () => {}
      this.#closing = new Promise((resolve) => (follow = resolve))
      follow(this.#close())
    }
    return this.#closing
  }

  /** Closes the scope: what `await using` calls. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #close(): Promise<void> {
    clearTimeout(this.#timer)
    this.#listener = undefined
    this.#abort(closedReason)
    const errors: unknown[] = []
    for (const entry of [...this.#entries].reverse()) {
      // A child that closed by itself meanwhile has taken itself out.
      if (!this.#entries.delete(entry)) continue
      try {
        await entry.close()
      } catch (error) {
        errors.push(...(isCleanupFailure(error) ? error.errors : [error]))
      }
    }
    this.#leave?.()
    this.#leave = undefined
    if (errors.length > 0) throw new ContextError('ERR_CONTEXT_CLEANUP_FAILED', { errors, cause: errors[0] })
  }

  #abort(reason: unknown): void {
    if (this.#aborted) return
    this.#aborted = { reason }
    clearTimeout(this.#timer)
    for (const entry of [...this.#entries]) entry.abort?.(reason)
    this.#controller?.abort(toReason(reason))
    this.#listener?.(reason)
  }

  #assertOpen(): void {
    if (this.#closing) throw new ContextError('ERR_CONTEXT_SCOPE_CLOSED')
  }
}

export type { Scope }

/** The reason of a scope that closed in good order. */
const closedReason = Symbol('closed')

/**
 * Aborts a scope with a reason: its signal aborts, its children abort, and it stays open for its cleanups until it closes.
 * For the code that opened the scope; cheaper than an AbortController for each.
 */
export const abortScope: (scope: Scope, reason: unknown) => void = (scope, reason) => abortNow(scope, reason)

/**
 * Opens the lifetime of a piece of work. Close it with `await using`, or with close().
 *
 * @throws {ContextError} `ERR_CONTEXT_NOT_ISSUED`, `ERR_CONTEXT_MISMATCH`, `ERR_CONTEXT_INVALID_OPTIONS`.
 */
export const openScope: (context: UserExecutionContext, options?: ScopeOptions) => Scope = (context, options = {}) => {
  requireContext(context)
  return new Scope(context, parseScopeOptions(options))
}

/**
 * Runs a body inside a scope and closes the scope after it, whatever happens. A timeout or an abort ends the wait for a
 * body that ignores its signal; such a body then meets a closed scope.
 *
 * @returns What the body returns.
 * @throws What the body throws; the reason of the abort; `ERR_CONTEXT_SCOPE_TIMEOUT`; or `ERR_CONTEXT_CLEANUP_FAILED`
 *   when cleanups failed, with all failures in `errors`, the body's first.
 */
export const runInScope: <Result>(
  context: UserExecutionContext,
  options: ScopeOptions,
  body: (scope: Scope) => Promise<Result> | Result,
) => Promise<Result> = async (context, options, body) => {
  if (typeof body !== 'function') throw invalid([{ path: 'body', kind: 'not a function' }])
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

function isCleanupFailure(error: unknown): error is ContextError {
  return error instanceof ContextError && error.code === 'ERR_CONTEXT_CLEANUP_FAILED'
}

// An error costs microseconds for its stack, so "closed in good order" becomes one only where somebody can see it.
function toReason(reason: unknown): unknown {
  return reason === closedReason ? new ContextError('ERR_CONTEXT_SCOPE_CLOSED') : reason
}
