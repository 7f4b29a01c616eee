/**
 * Floor 4. The optional ambient reader: one AsyncLocalStorage, no setter, nothing loaded until somebody imports it.
 *
 * Pass the context explicitly where you can. Listeners, pools and memoised promises run with the ambient context of
 * whoever registered or started them, which can be another user's; the explicit argument cannot be.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import { assertUserExecutionContext, type UserExecutionContext } from '../context/user-execution-context.ts'
import { ContextError } from '../errors/context-error.ts'
import { requireContext, watchAmbient } from './require-context.ts'

// One per process and made on first use: on Node 20 an active store makes every await 2.4 times as dear (measured).
let storage: AsyncLocalStorage<UserExecutionContext> | undefined

/**
 * Runs a callback, and all that it awaits, with this context ambient. Nested in another run it throws, unless it is a
 * child or the same: an ambient context never changes its user.
 *
 * @throws {ContextError} `ERR_CONTEXT_NOT_ISSUED`, `ERR_CONTEXT_MISMATCH`.
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
 * A function that runs the callback with this context ambient, whoever calls it: for listeners and callbacks of others.
 * It replaces whatever is ambient at the call, because the caller of a listener is nobody to trust.
 *
 * @throws {ContextError} `ERR_CONTEXT_NOT_ISSUED`.
 */
export const bindContext: <Parameters extends readonly unknown[], Result>(
  context: UserExecutionContext,
  callback: (...parameters: Parameters) => Result,
) => (...parameters: Parameters) => Result = (context, callback) => {
  assertUserExecutionContext(context)
  assertCallback(callback)
  return (...parameters) => leave(() => runWithContext(context, () => callback(...parameters)))
}

/** The ambient context. @throws {ContextError} `ERR_CONTEXT_NO_AMBIENT` outside of runWithContext(). */
export const currentContext = (): UserExecutionContext => {
  const context = tryCurrentContext()
  if (context === undefined) throw new ContextError('ERR_CONTEXT_NO_AMBIENT')
  return context
}

/** The ambient context, or undefined outside of runWithContext(). */
export const tryCurrentContext = (): UserExecutionContext | undefined => storage?.getStore()

function assertCallback(callback: unknown): void {
  if (typeof callback === 'function') return
  throw new ContextError('ERR_CONTEXT_INVALID_OPTIONS', { issues: [{ path: 'callback', kind: 'not a function' }] })
}

function leave<Result>(callback: () => Result): Result {
  return storage === undefined ? callback() : storage.exit(callback)
}
