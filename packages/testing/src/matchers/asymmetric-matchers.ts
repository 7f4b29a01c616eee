/**
 * Matchers for the place of an argument: `expect(send).toHaveBeenCalledWith(contextOf('alice'), 'hello')`.
 *
 * They follow the protocol that Jest, Vitest and the mock libraries built on them share, so they need no runner. A
 * matcher remembers whose contexts it refused: the runner prints a received context redacted, so the matcher is what
 * names both users in the diff.
 */
import { assertUserExecutionContext, isUserExecutionContext, type UserExecutionContext } from 'user-execution-context'
import { findRunDifferences, isContextOf, isSameRunAs } from './is-context-of.ts'
import { nameExpected, nameNoContext, nameUser, type ExpectedUser } from './name-user.ts'

/** A matcher as runners and mock libraries take one in the place of a value. */
export type AsymmetricMatcher = {
  readonly $$typeof: symbol
  readonly asymmetricMatch: (other: unknown) => boolean
  readonly toString: () => string
  readonly getExpectedType: () => string
  readonly toAsymmetricMatcher: () => string
}

/**
 * Fits a context of this user, in the place of an argument or a property.
 *
 * @param expected - A user id, which fits every tenant, or `{ userId, tenantId }`, which fits that tenant only.
 * @throws {TypeError} When `expected` names nobody.
 * @example
 * ```ts
 * import { expect, vi } from 'vitest'
 * import { contextOf, testContext } from '@user-execution-context/testing'
 *
 * const send = vi.fn()
 * send(testContext({ userId: 'alice' }), 'hello')
 * expect(send).toHaveBeenCalledWith(contextOf('alice'), 'hello')
 * ```
 */
export const contextOf = (expected: ExpectedUser): AsymmetricMatcher => {
  isContextOf(undefined, expected)
  const label = `contextOf<${nameExpected(expected)}>`
  return toMatcher(
    label,
    (value) => isContextOf(value, expected),
    (value) => (isUserExecutionContext(value) ? nameUser(value) : nameNoContext(value)),
  )
}

/**
 * Fits a context of the same user, thread and run: what a tool or a sub-agent is called with is a child of the context.
 *
 * @throws {ContextError} `ERR_CONTEXT_NOT_ISSUED` when `context` is none.
 * @example
 * ```ts
 * import { deriveChild } from 'user-execution-context'
 * import { expect, vi } from 'vitest'
 * import { sameRunAs, testContext } from '@user-execution-context/testing'
 *
 * const context = testContext()
 * const search = vi.fn()
 * search(deriveChild(context, 'search'), 'ducks')
 * expect(search).toHaveBeenCalledWith(sameRunAs(context), 'ducks')
 * ```
 */
export const sameRunAs = (context: UserExecutionContext): AsymmetricMatcher => {
  assertUserExecutionContext(context)
  const label = `sameRunAs<${nameUser(context)}, thread ${context.threadId}, run ${context.runId}>`
  return toMatcher(
    label,
    (value) => isSameRunAs(value, context),
    (value) =>
      isUserExecutionContext(value)
        ? `a context of another ${findRunDifferences(value, context).join(' and ')}`
        : nameNoContext(value),
  )
}

/** How many refused values a matcher names. */
const maxNamed = 5

function toMatcher(
  label: string,
  fits: (value: unknown) => boolean,
  nameRefused: (value: unknown) => string,
): AsymmetricMatcher {
  const refused = new Set<string>()
  const print = (): string => (refused.size === 0 ? label : `${label} (received ${[...refused].join('; ')})`)
  return Object.freeze({
    $$typeof: Symbol.for('jest.asymmetricMatcher'),
    asymmetricMatch: (other: unknown) => {
      if (fits(other)) return true
      if (refused.size < maxNamed) refused.add(nameRefused(other))
      return false
    },
    toString: print,
    getExpectedType: () => 'object',
    toAsymmetricMatcher: print,
  })
}
