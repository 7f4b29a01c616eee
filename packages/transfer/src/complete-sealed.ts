/**
 * The end of a text that opens once.
 */
import { assertUserExecutionContext, type UserExecutionContext } from 'user-execution-context'
import type { Awaitable } from './replay/replay-memory.ts'
import { invalidOption } from './text/refused.ts'

const uses = new WeakMap<UserExecutionContext, () => Awaitable<void>>()

/** Keeps how the text of a context is ended, for as long as the context lives. */
export const rememberUse = (context: UserExecutionContext, complete: () => Awaitable<void>): void => {
  uses.set(context, complete)
}

/**
 * Ends the text that a context was opened from: no retry opens it again. Call it when the job is done. A second call
 * changes nothing.
 *
 * @param context - What openSealed() gave for a text sealed with `once`, and no child of it.
 * @throws {ContextError} `ERR_CONTEXT_NOT_ISSUED`, `ERR_CONTEXT_INVALID_OPTIONS` for any other context; what the replay
 *   memory throws, unchanged. All of them reject.
 * @example
 * ```ts
 * import type { UserExecutionContext } from 'user-execution-context'
 * import { completeSealed } from '@user-execution-context/transfer'
 *
 * export async function work(context: UserExecutionContext, job: (context: UserExecutionContext) => Promise<void>) {
 *   await job(context)
 *   await completeSealed(context)
 * }
 * ```
 */
export const completeSealed: (context: UserExecutionContext) => Promise<void> = async (context) => {
  assertUserExecutionContext(context)
  const complete = uses.get(context)
  if (complete === undefined) throw invalidOption('context', 'does not fit')
  await complete()
}
