/**
 * What the matchers add to the types of a runner. Each runner's entry point merges them into that runner's interfaces.
 */
import type { UserExecutionContext } from 'user-execution-context'
import type { AsymmetricMatcher } from './asymmetric-matchers.ts'
import type { ExpectedUser } from './name-user.ts'

/** Matchers of `expect(value)`. */
export type ContextMatchers<Result = void> = {
  /**
   * The value is a context of this user: a user id, which fits every tenant, or `{ userId, tenantId }`. A value that is
   * no context fails, also with `.not`.
   */
  readonly toBeContextOf: (expected: ExpectedUser) => Result
  /** The value is a context of the same user, thread and run: the context itself, its parent or one of its children. */
  readonly toBeSameRunAs: (context: UserExecutionContext) => Result
}

/** Matchers of `expect` itself, for the place of an argument or a property. */
export type ContextAsymmetricMatchers = {
  /** Fits a context of this user: a user id, which fits every tenant, or `{ userId, tenantId }`. */
  readonly contextOf: (expected: ExpectedUser) => AsymmetricMatcher
  /** Fits a context of the same user, thread and run. */
  readonly sameRunAs: (context: UserExecutionContext) => AsymmetricMatcher
}
