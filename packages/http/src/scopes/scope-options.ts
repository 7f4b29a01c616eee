/**
 * What every framework of this package can be told about the scope of a request.
 */
import type { runWithContext } from 'user-execution-context/ambient'
import type { ContextFromRequestOptions } from '../context-from-request.ts'
import { invalidOptions } from '../strategies/token-strategy.ts'

/** runWithContext() of `user-execution-context/ambient`. */
export type RunWithContext = typeof runWithContext

/** Options of the frameworks: where the token stands, which run it is, and what else the request gets. */
export type UserContextOptions<Incoming> = ContextFromRequestOptions<Incoming> & {
  /**
   * runWithContext() of `user-execution-context/ambient`: the rest of the request runs with its context ambient.
   * Default none: services take the context as an argument, and no await gets more expensive.
   */
  readonly ambient?: RunWithContext | undefined
  /**
   * Told when cleanups of a scope failed, which nobody awaits. Default, also where it fails itself: console.error()
   * with the message.
   */
  readonly onCleanupError?: ((error: unknown) => void) | undefined
}

/** The options that every framework has beside those of contextFromRequest(). */
export const scopeOptionKeys = [
  'ambient',
  'onCleanupError',
] as const satisfies readonly (keyof UserContextOptions<never>)[]

/** The listener for failed cleanups. @throws {ContextError} `ERR_CONTEXT_INVALID_OPTIONS`. */
export const toCleanupListener = <Incoming>(options: UserContextOptions<Incoming>): ((error: unknown) => void) => {
  const { ambient, onCleanupError } = options
  if (ambient !== undefined && typeof ambient !== 'function') {
    throw invalidOptions(
      [{ path: 'ambient', kind: 'not a function' }],
      "Pass the function: import { runWithContext } from 'user-execution-context/ambient'.",
    )
  }
  if (onCleanupError !== undefined && typeof onCleanupError !== 'function')
    throw invalidOptions([{ path: 'onCleanupError', kind: 'not a function' }])
  return onCleanupError === undefined ? printMessage : contained(onCleanupError)
}

/**
 * A listener that never throws or rejects: nobody awaits it, and an error that nobody takes ends the process, with the
 * requests of all users.
 */
export const contained =
  (listener: (error: unknown) => unknown): ((error: unknown) => void) =>
  async (error) => {
    try {
      // An async function fits a type that returns nothing.
      await listener(error)
    } catch {
      printMessage(error)
    }
  }

function printMessage(error: unknown): void {
  console.error(error instanceof Error ? error.message : 'A cleanup failed.')
}
