/**
 * The questions behind the matchers, as predicates for libraries that have matchers of their own.
 */
import {
  assertUserExecutionContext,
  isUserExecutionContext,
  toOwnerKey,
  type UserExecutionContext,
} from 'user-execution-context'
import type { ExpectedUser } from './name-user.ts'

/**
 * Whether a value is a context of this user. A look-alike with the right user id is none.
 *
 * @param expected - A user id, which fits every tenant, or `{ userId, tenantId }`, which fits that tenant only
 *   (undefined: no tenant), and that namespace too when it names one. A context or a VerifiedUser will do.
 * @throws {TypeError} When `expected` is neither.
 * @example
 * ```ts
 * import { isContextOf, testContext } from '@user-execution-context/testing'
 *
 * export const isAlices: boolean = isContextOf(testContext({ userId: 'alice' }), 'alice')
 * ```
 */
export const isContextOf = (value: unknown, expected: ExpectedUser): value is UserExecutionContext => {
  assertExpectedUser(expected)
  if (!isUserExecutionContext(value)) return false
  if (typeof expected === 'string') return value.userId === expected
  const { userId, tenantId, namespace = value.namespace } = expected
  return value.userId === userId && value.tenantId === tenantId && value.namespace === namespace
}

/**
 * Whether a value is a context of the same user, thread and run: the context itself, its parent or one of its children.
 *
 * @throws {ContextError} `ERR_CONTEXT_NOT_ISSUED` when `context` is none.
 * @example
 * ```ts
 * import { deriveChild } from 'user-execution-context'
 * import { isSameRunAs, testContext } from '@user-execution-context/testing'
 *
 * const context = testContext()
 * export const isSame: boolean = isSameRunAs(deriveChild(context, 'search'), context)
 * ```
 */
export const isSameRunAs = (value: unknown, context: UserExecutionContext): value is UserExecutionContext => {
  assertUserExecutionContext(context)
  return isUserExecutionContext(value) && findRunDifferences(value, context).length === 0
}

/** In what two contexts differ: of `user`, `thread` and `run`. */
export const findRunDifferences = (left: UserExecutionContext, right: UserExecutionContext): readonly string[] => [
  ...(toOwnerKey(left) === toOwnerKey(right) ? [] : ['user']),
  ...(left.threadId === right.threadId ? [] : ['thread']),
  ...(left.runId === right.runId ? [] : ['run']),
]

/** Refuses an expectation that names nobody: `.not.toBeContextOf(undefined)` would pass with every context. */
function assertExpectedUser(expected: unknown): asserts expected is ExpectedUser {
  const userId: unknown =
    typeof expected === 'object' && expected !== null ? (expected as { userId?: unknown }).userId : expected
  if (typeof userId !== 'string' || userId === '') {
    throw new TypeError("Name the expected user: a user id such as 'alice', or { userId, tenantId }.")
  }
}
