/**
 * The fields of a context that may be logged, for code that logs by hand.
 */
import type { ContextLogFields } from './log-fields.ts'
import { assertUserExecutionContext, type UserExecutionContext } from './user-execution-context.ts'

/**
 * The fields of a context that may be logged. Printing a context in any other way gives the same fields.
 *
 * @param context - From createForUser() or deriveChild().
 * @returns A new plain object. No user id, no session id, no permission, no metadata.
 * @throws {ContextError} `ERR_CONTEXT_NOT_ISSUED`.
 * @example
 * ```ts
 * import { toLogFields, type UserExecutionContext } from 'user-execution-context'
 *
 * export const logStart = (context: UserExecutionContext): void => console.log('started', toLogFields(context))
 * ```
 */
export const toLogFields: (context: UserExecutionContext) => ContextLogFields = (context) => {
  assertUserExecutionContext(context)
  return context.toJSON()
}
