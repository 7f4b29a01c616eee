/**
 * The matchers as functions that take the received value: what expect.extend() of Jest and of Vitest takes.
 */
import { assertUserExecutionContext, isUserExecutionContext, type UserExecutionContext } from 'user-execution-context'
import { findRunDifferences, isContextOf } from './is-context-of.ts'
import { nameExpected, nameNoContext, nameUser, type ExpectedUser } from './name-user.ts'

/** What a matcher answers. */
export type MatcherResult = { readonly pass: boolean; readonly message: () => string }
/** What a runner tells a matcher. */
export type MatcherState = { readonly isNot?: boolean }

/** `expect(context).toBeContextOf('alice')`. A value that is no context fails with and without `.not`. */
export function toBeContextOf(this: MatcherState, received: unknown, expected: ExpectedUser): MatcherResult {
  const pass = isContextOf(received, expected)
  const not = this.isNot === true
  const wanted = `a context of ${nameExpected(expected)}`
  if (!isUserExecutionContext(received)) {
    return { pass: not, message: () => toMessage('toBeContextOf', not, wanted, nameNoContext(received)) }
  }
  return {
    pass,
    message: () => toMessage('toBeContextOf', not, wanted, `a context of ${nameUser(received)}`),
  }
}

/** `expect(child).toBeSameRunAs(context)`. A value that is no context fails with and without `.not`. */
export function toBeSameRunAs(this: MatcherState, received: unknown, context: UserExecutionContext): MatcherResult {
  assertUserExecutionContext(context)
  const not = this.isNot === true
  const wanted = describeRun(context)
  if (!isUserExecutionContext(received)) {
    return { pass: not, message: () => toMessage('toBeSameRunAs', not, wanted, nameNoContext(received)) }
  }
  const differences = findRunDifferences(received, context)
  const found = `${describeRun(received)}${differences.length === 0 ? '' : `\nDiffers in: ${differences.join(', ')}`}`
  return {
    pass: differences.length === 0,
    message: () => toMessage('toBeSameRunAs', not, wanted, found),
  }
}

function describeRun(context: UserExecutionContext): string {
  return `a context of ${nameUser(context)}, thread ${context.threadId}, run ${context.runId}`
}

function toMessage(matcher: string, not: boolean, wanted: string, found: string): string {
  const call = `expect(context)${not ? '.not' : ''}.${matcher}(expected)`
  return `${call}\n\nExpected: ${not ? 'not ' : ''}${wanted}\nReceived: ${found}`
}
