/**
 * How messages speak of a user: by name when the test made them, and without any id otherwise, because the output of a
 * test run is a log too.
 */
import { isUserExecutionContext, isVerifiedUser, type UserExecutionContext } from 'user-execution-context'
import { isMadeForTest } from '../contexts/test-mark.ts'

/**
 * Whom a matcher expects: a user id of any tenant, or user and tenant, such as a context or a VerifiedUser has them.
 */
export type ExpectedUser =
  | string
  | { readonly userId: string; readonly tenantId: string | undefined; readonly namespace?: string | undefined }

/** The expected user in words. */
export const nameExpected = (expected: ExpectedUser): string => {
  if (typeof expected === 'string') return JSON.stringify(expected)
  if ((isUserExecutionContext(expected) || isVerifiedUser(expected)) && !isMadeForTest(expected.identity))
    return 'the user that was passed (of no test, so not named)'
  return nameParts(expected.userId, expected.tenantId)
}

/** The user of a context in words. */
export const nameUser = (context: Pick<UserExecutionContext, 'identity' | 'userId' | 'tenantId'>): string =>
  isMadeForTest(context.identity)
    ? nameParts(context.userId, context.tenantId)
    : `a user whom testUser() did not make (identity provider ${JSON.stringify(context.identity.provider)}, not named)`

/** What a value is that is no context. Never the value itself. */
export const nameNoContext = (value: unknown): string => {
  if (value === null || (typeof value !== 'object' && typeof value !== 'function')) {
    return `${value === null ? 'null' : typeof value}, which is no context`
  }
  if (isVerifiedUser(value)) return 'a VerifiedUser, which is no context: call createForUser() with it'
  return 'no context but an object that createForUser() did not make (mock, copy, look-alike): use testContext()'
}

function nameParts(userId: string, tenantId: string | undefined): string {
  return tenantId === undefined
    ? JSON.stringify(userId)
    : `${JSON.stringify(userId)} of tenant ${JSON.stringify(tenantId)}`
}
