/**
 * The error for a value that is not a context of this copy of the package: it says what was seen, never a value.
 */
import { ContextError } from '../errors/context-error.ts'
import { dueToCopies, knownCopies } from '../errors/known-copies.ts'
import { isVerifiedUser } from '../identity/verified-user.ts'

/** @param prototype - Of the sealed class of this copy. */
export const toNotIssuedError = (value: unknown, prototype: object): ContextError<'ERR_CONTEXT_NOT_ISSUED'> => {
  let fix: string | undefined
  try {
    fix = describe(value, prototype)
  } catch {
    fix = 'It is an object whose own code fails when it is read: a Proxy or a mock. Pass the context itself.'
  }
  return new ContextError('ERR_CONTEXT_NOT_ISSUED', fix === undefined ? {} : { fix: `${fix} ${inTests}` })
}

/** What a resolver gets in place of a context that was returned as the framework's own: a clone, or a spread. */
const underKey =
  "Apollo, Yoga and tRPC copy their context object: return { userContext: context }, and never a user's context itself."
const inTests = 'In a test, replace a mock or a fixture by testContext() from @user-execution-context/testing.'

function describe(value: unknown, prototype: object): string | undefined {
  if (value === undefined || value === null) {
    const seen = value === null ? 'null' : 'undefined'
    return `It is ${seen}: look for an argument that was left out, or a value that was never set.`
  }
  if (typeof value !== 'object')
    return `It is a ${typeof value}: call createForUser() with a verified user, and pass what it returns.`
  if (isVerifiedUser(value)) return 'It is a verified user: call createForUser(user), and pass what it returns.'
  if (typeof (value as { then?: unknown }).then === 'function') return 'It is a promise: await it.'
  if (prototype.isPrototypeOf(value)) {
    return (
      'It is a copy or a Proxy of a context: pass the original. A container that wraps what it holds (a mock, a ' +
      `store, a reactive proxy) must keep it as it is. ${underKey}`
    )
  }
  if (isOfAnotherCopy(value)) {
    const copies = knownCopies()
    const named = copies.length > 1 ? ` Copies in this process: ${copies.join(', ')}.` : ''
    return `Another copy of this package made it.${named} ${dueToCopies}`
  }
  if ('requestId' in value && 'threadId' in value) {
    return (
      `It has the fields of a context and is a plain copy (a spread, a clone, JSON): pass the original. ${underKey} ` +
      'If it came from a worker or a queue, verify the user there and call createForUser() again: a context does not ' +
      'survive a process border.'
    )
  }
  return undefined
}

/** Both have a frozen prototype that prints: only a sealed context of some copy looks like that. */
function isOfAnotherCopy(value: object): boolean {
  const prototype = Object.getPrototypeOf(value) as object | null
  return (
    prototype !== null &&
    prototype !== Object.prototype &&
    Object.isFrozen(prototype) &&
    Object.hasOwn(prototype, 'auditMetadata') &&
    Object.hasOwn(prototype, 'toJSON')
  )
}
