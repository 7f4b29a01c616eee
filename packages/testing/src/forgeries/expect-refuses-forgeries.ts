/**
 * Throws every forgery at a service and reports the ones that came through.
 */
import type { UserExecutionContext } from 'user-execution-context'
import { testContext } from '../contexts/test-context.ts'
import { forgeries } from './forgeries.ts'

/** A service as a test calls it: everything but the context is filled in. */
export type ServiceCall = (context: UserExecutionContext) => unknown

/**
 * Passes when a service accepts a real context and refuses every forgery with `ERR_CONTEXT_NOT_ISSUED`. An error that
 * happens by chance (a property of undefined) is no refusal, and neither is an answer that says so in other words.
 *
 * A promise is awaited and the first value of a generator is asked for, so that a service which checks late is asked
 * too.
 *
 * @param service - Calls the service with a context; may be async, may return an iterator. It is called once for each
 *   forgery and once with the real context, before them.
 * @param context - The real context. Default `testContext()`.
 * @throws {Error} That names the forgeries which the service did not refuse, or says that it failed for the real
 *   context.
 * @example
 * ```ts
 * import { assertUserExecutionContext, type UserExecutionContext } from 'user-execution-context'
 * import { test } from 'vitest'
 * import { expectRefusesForgeries } from '@user-execution-context/testing'
 *
 * const rename = async (context: UserExecutionContext, name: string): Promise<string> => {
 *   assertUserExecutionContext(context)
 *   return name
 * }
 *
 * test('rename() takes no forged context', () => expectRefusesForgeries((context) => rename(context, 'ducks')))
 * ```
 */
export const expectRefusesForgeries = async (
  service: ServiceCall,
  context: UserExecutionContext = testContext(),
): Promise<void> => {
  const all = forgeries(context)
  const real = await tryCall(service, context)
  if (real.failed) {
    throw new Error(
      'The service failed for the real context, so that its refusals mean nothing. Pass a call that works ' +
        '(see the cause), and as the second argument a context that it accepts.',
      { cause: real.error },
    )
  }
  const accepted: string[] = []
  const otherwise: string[] = []
  for (const { name, value } of all) {
    const outcome = await tryCall(service, value)
    if (!outcome.failed) accepted.push(name)
    else if (!isRefusal(outcome.error)) otherwise.push(`${name} (${nameError(outcome.error)})`)
  }
  if (accepted.length === 0 && otherwise.length === 0) return
  throw new Error(
    [
      `The service does not refuse ${accepted.length + otherwise.length} of ${all.length} forged contexts.`,
      ...(accepted.length > 0 ? [`Accepted: ${accepted.join('; ')}.`] : []),
      ...(otherwise.length > 0 ? [`Failed, but not with ERR_CONTEXT_NOT_ISSUED: ${otherwise.join('; ')}.`] : []),
      'Call assertUserExecutionContext(context) first in the service, or pass the context to a function that does, ' +
        'before anything else happens.',
    ].join('\n'),
  )
}

type Outcome = { readonly failed: false } | { readonly failed: true; readonly error: unknown }

async function tryCall(service: ServiceCall, context: UserExecutionContext): Promise<Outcome> {
  try {
    const result: unknown = await service(context)
    if (isIterator(result)) {
      await result.next()
      await cleanUp(result)
    }
    return { failed: false }
  } catch (error) {
    return { failed: true, error }
  }
}

/** The service's own clean-up: its failure, a synchronous one too, says nothing about the context. */
async function cleanUp(result: AnyIterator): Promise<void> {
  try {
    await result.return?.()
  } catch {}
}

type AnyIterator = { readonly next: () => unknown; readonly return?: () => unknown }

/** A generator runs nothing of its body before it is asked for a value. */
function isIterator(value: unknown): value is AnyIterator {
  return typeof value === 'object' && value !== null && typeof (value as { next?: unknown }).next === 'function'
}

/** How far an error's causes are followed. */
const maxCauses = 10

/**
 * Whether an error, or one that it wraps, is the refusal. By its code, so that a framework's wrapper does not hide it.
 */
function isRefusal(error: unknown, depth = 0): boolean {
  if (typeof error !== 'object' || error === null || depth > maxCauses) return false
  const { code, cause, errors } = error as { code?: unknown; cause?: unknown; errors?: unknown }
  if (code === 'ERR_CONTEXT_NOT_ISSUED' || isRefusal(cause, depth + 1)) return true
  return Array.isArray(errors) && errors.some((inner) => isRefusal(inner, depth + 1))
}

/** The kind of an error. Not its message, which may hold anything. */
function nameError(error: unknown): string {
  if (typeof error !== 'object' || error === null) return `a thrown ${typeof error}`
  const { name, code } = error as { name?: unknown; code?: unknown }
  return typeof code === 'string' ? `${String(name)} ${code}` : String(name)
}
