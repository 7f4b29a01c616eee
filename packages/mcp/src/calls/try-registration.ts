/**
 * The registration that is tried where it is written.
 */
import { ContextError } from 'user-execution-context'

/**
 * Registers with a server of the SDK that is never connected. What the SDK does not take, such as a schema that is none
 * or an address for the second time, would fail at each request otherwise.
 *
 * @throws {ContextError} `ERR_CONTEXT_INVALID_OPTIONS`, with what the SDK says as its cause.
 */
export const tryRegistration = <Made>(register: () => Made): Made => {
  try {
    return register()
  } catch (cause) {
    throw new ContextError('ERR_CONTEXT_INVALID_OPTIONS', {
      issues: [{ path: 'config', kind: 'does not fit' }],
      fix,
      cause,
    })
  }
}

const fix =
  'The cause says what the SDK does not take. A schema is a zod object, such as z.object({ text: z.string() }), or a ' +
  'record of zod schemas; a resource has an address of its own.'
