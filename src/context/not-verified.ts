/**
 * The error for a value that is not a verified user of this copy of the package: it says what was seen, never a value.
 */
import { ContextError } from '../errors/context-error.ts'
import { dueToCopies } from '../errors/known-copies.ts'

/** @param isContext - The brand check of a context. */
export const toNotVerifiedError = (
  value: unknown,
  isContext: (value: unknown) => boolean,
): ContextError<'ERR_CONTEXT_USER_NOT_VERIFIED'> => {
  let fix: string | undefined
  try {
    fix = describe(value, isContext)
  } catch {
    fix = 'It is an object whose own code fails when it is read: a Proxy or a mock. Pass the user itself.'
  }
  return new ContextError('ERR_CONTEXT_USER_NOT_VERIFIED', fix === undefined ? {} : { fix: `${fix} ${inTests}` })
}

const inTests = 'In a test, pass testUser() from @user-execution-context/testing.'

function describe(value: unknown, isContext: (value: unknown) => boolean): string | undefined {
  if (value === undefined || value === null) {
    return (
      `It is ${value === null ? 'null' : 'undefined'}: look for a sign-in that was left out, ` +
      'or an argument that was never set.'
    )
  }
  if (typeof value === 'string') {
    return 'It is a string: an id proves nothing. Pass what a function made by identityProvider() returned.'
  }
  if (typeof value !== 'object') return undefined
  if (isContext(value)) {
    return 'It is a context already: pass it on as it is, or call deriveChild() for a step of its own.'
  }
  if (typeof (value as { then?: unknown }).then === 'function') return 'It is a promise: await it.'
  if (isOfAnotherCopy(value)) return `Another copy of this package made it. ${dueToCopies}`
  if ('verificationId' in value) {
    return (
      'It is a copy or a Proxy of a verified user: pass the original. From a worker or a queue, verify the user ' +
      'again where the context is made.'
    )
  }
  return undefined
}

/** The getter of our own class refuses a Proxy, and a copy has none: one that answers is of a real user elsewhere. */
function isOfAnotherCopy(value: object): boolean {
  const prototype = Object.getPrototypeOf(value) as object | null
  if (prototype === null || !Object.isFrozen(prototype) || !Object.hasOwn(prototype, 'sessionId')) return false
  try {
    return typeof (value as { readonly userId?: unknown }).userId === 'string' && 'verificationId' in value
  } catch {
    return false
  }
}
