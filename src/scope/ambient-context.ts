/**
 * The optional ambient reader: one AsyncLocalStorage, no setter, nothing loaded until it is imported.
 *
 * Pass the context explicitly where you can. Listeners, pools and memoised promises run with the ambient context of the
 * code that registered or started them, which can be another user's; the explicit argument cannot be.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import { watchAmbient } from '../context/context-parts.ts'
import type { UserExecutionContext } from '../context/user-execution-context.ts'
import { ContextError } from '../errors/context-error.ts'
import { requireContext } from './require-context.ts'

// One per process, made on first use: on Node 20 an active store makes every await cost 2.4 times as much (measured).
let storage: AsyncLocalStorage<UserExecutionContext> | undefined

/**
 * Runs a callback, and all that it awaits, with this context ambient. Nested in another run it throws, unless it is a
 * child or the same: an ambient context never changes its user.
 *
 * @param context - From createForUser() or deriveChild().
 * @param callback - Takes nothing. It may return a promise.
 * @returns What the callback returns.
 * @throws {ContextError} `ERR_CONTEXT_NOT_ISSUED`, `ERR_CONTEXT_MISMATCH`, `ERR_CONTEXT_INVALID_OPTIONS`.
 * @example
 * ```ts
 * import type { UserExecutionContext } from 'user-execution-context'
 * import { currentContext, runWithContext } from 'user-execution-context/ambient'
 *
 * const log = (words: string): void => console.log(words, currentContext().runId)
 * export const greet = (context: UserExecutionContext): void => runWithContext(context, () => log('hello'))
 * ```
 */
export const runWithContext: <Result>(context: UserExecutionContext, callback: () => Result) => Result = (
  context,
  callback,
) => {
  requireContext(context)
  assertCallback(callback)
  if (storage === undefined) {
    storage = new AsyncLocalStorage()
    watchAmbient(tryCurrentContext)
  }
  return storage.run(context, callback)
}

/**
 * Makes a function that runs the callback with this context ambient, whatever code calls it: for listeners, and for
 * callbacks that a library calls. It replaces what is ambient at the call, because the caller of a listener cannot be
 * trusted with that.
 *
 * @param context - From createForUser() or deriveChild().
 * @param callback - Gets the arguments of the call.
 * @returns A function of the same arguments and result.
 * @throws {ContextError} `ERR_CONTEXT_NOT_ISSUED`, `ERR_CONTEXT_INVALID_OPTIONS`.
 * @example
 * ```ts
 * import type { EventEmitter } from 'node:events'
 * import type { UserExecutionContext } from 'user-execution-context'
 * import { bindContext, currentContext } from 'user-execution-context/ambient'
 *
 * export const listen = (context: UserExecutionContext, bus: EventEmitter): unknown =>
 *   bus.on('note', bindContext(context, (id: string) => console.log(id, currentContext().runId)))
 * ```
 */
export const bindContext: <Parameters extends readonly unknown[], Result>(
  context: UserExecutionContext,
  callback: (...parameters: Parameters) => Result,
) => (...parameters: Parameters) => Result = (context, callback) => {
  // Here, and not at the call: a tool whose rights were narrowed must not get those of its parent by a bound callback.
  requireContext(context)
  assertCallback(callback)
  return (...parameters) => leave(() => runWithContext(context, () => callback(...parameters)))
}

/**
 * The ambient context.
 *
 * @throws {ContextError} `ERR_CONTEXT_NO_AMBIENT` outside of runWithContext().
 * @example
 * ```ts
 * import { currentContext } from 'user-execution-context/ambient'
 *
 * export const log = (words: string): void => console.log(words, currentContext().runId)
 * ```
 */
export const currentContext = (): UserExecutionContext => {
  const context = tryCurrentContext()
  if (context === undefined) throw new ContextError('ERR_CONTEXT_NO_AMBIENT')
  return context
}

/**
 * The ambient context, or undefined outside of runWithContext().
 *
 * @example
 * ```ts
 * import { tryCurrentContext } from 'user-execution-context/ambient'
 *
 * export const log = (words: string): void => console.log(words, tryCurrentContext()?.runId ?? 'no run')
 * ```
 */
export const tryCurrentContext = (): UserExecutionContext | undefined => storage?.getStore()

function assertCallback(callback: unknown): void {
  if (typeof callback === 'function') return
  throw new ContextError('ERR_CONTEXT_INVALID_OPTIONS', { issues: [{ path: 'callback', kind: 'not a function' }] })
}

function leave<Result>(callback: () => Result): Result {
  return storage === undefined ? callback() : storage.exit(callback)
}
