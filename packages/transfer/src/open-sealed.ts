/**
 * From text to a context: the same owner, thread, run and permissions, one level deeper.
 */
import type { UserExecutionContext } from 'user-execution-context'
import type { OpenOptions } from './open-options.ts'
import { unsealText } from './unseal-text.ts'

/**
 * Opens a text of sealContext(). The context is a fresh one: a new request id, below the context that was sealed.
 * Whatever of the text does not hold is refused with a code of its own, and nothing is used up before all else holds.
 * Of kinds that share a code, `issues` says which it is, such as `kid: does not fit` for a key that was rotated away
 * and `retiredAtMs: too small` for a text made after its key was retired; docs/transfer.md has the table. Code and
 * issues are for the log: toClientAnswer() tells a client neither.
 *
 * @param text - What sealContext() gave, whole.
 * @param options - The opener, what the text must be for, and how the identity is checked: `sessions`, or
 *   `liveness: 'end-only'`.
 * @throws {ContextError} `ERR_CONTEXT_SEAL_MALFORMED`, `_TOO_LARGE`, `_TYPE`, `_ALGORITHM`, `_KEY`, `_BROKEN`,
 *   `_CLAIMS`, `_SENDER`, `_AUDIENCE`, `_PURPOSE`, `_EXPIRED`, `_NOT_YET_VALID`, `_SUBJECT`, `_TENANT`, `_RUN`,
 *   `_BINDING`, `_BINDING_ONE_SIDED`, `_AMBIGUOUS_JSON`, `_ONCE_ONE_SIDED`, `_REPLAYED`, `_REPLAY_FULL`,
 *   `_REAUTHORIZATION`, `ERR_CONTEXT_IDENTITY_EXPIRED`, `ERR_CONTEXT_INVALID_OPTIONS`; what the callbacks throw,
 *   unchanged. All of them reject.
 * @example
 * ```ts
 * import { openSealed, type Opener } from '@user-execution-context/transfer'
 *
 * export const fromJob = (text: string, opener: Opener) =>
 *   openSealed(text, { opener, audience: 'worker', purpose: 'send-report', liveness: 'end-only' })
 * ```
 */
export const openSealed: (text: string, options: OpenOptions) => Promise<UserExecutionContext> = (text, options) =>
  unsealText(text, options)
