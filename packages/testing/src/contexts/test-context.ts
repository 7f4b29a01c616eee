/**
 * Users and contexts for tests. They are made by vouchForUser() and createForUser(), as every other one: there is no
 * second maker, and nothing about them is weaker.
 */
import { createForUser, type RunRequest, type UserExecutionContext, type VerifiedUser } from 'user-execution-context'
import { vouchForUser, type Vouching } from 'user-execution-context/restricted'
import { testReason } from './test-mark.ts'
import {
  readTestOptions,
  runKeys,
  testDefaults,
  userKeys,
  type TestContextOptions,
  type TestUserOptions,
} from './test-options.ts'

/**
 * Makes a verified user for a test, for example to call createForUser() or a sign-in of yours with.
 *
 * @param options - `userId` (default `'test-user'`), `namespace`, `tenantId`, `sessionId`, `permissions`,
 *   `expiresAtMs`, `sessions`. Each as vouchForUser() takes it.
 * @returns A sealed user whose `identity.reason` says that a test made it.
 * @throws {ContextError} `ERR_CONTEXT_INVALID_OPTIONS` for an unknown key or a `userId` that is undefined,
 *   `ERR_CONTEXT_INVALID_IDENTITY` for a value of the wrong form.
 * @example
 * ```ts
 * import { createForUser } from 'user-execution-context'
 * import { testUser } from '@user-execution-context/testing'
 *
 * const alice = testUser({ userId: 'alice', permissions: ['notes.read'] })
 * export const [first, second] = [createForUser(alice), createForUser(alice)]
 * ```
 */
export const testUser = (options: TestUserOptions = {}): VerifiedUser =>
  makeUser(readTestOptions('testUser', options, userKeys))

/**
 * Makes a context for a test. Every service accepts it as a context of that user, and every other test double is
 * refused.
 *
 * Each call gives a context of its own with a new `requestId`, so `toEqual` of two contexts is false. Compare what you
 * mean instead: `toBeContextOf('alice')`, `toBeSameRunAs(context)`, or a snapshot.
 *
 * @param options - The keys of {@link testUser}, and `threadId` (default `'test-thread'`), `runId` (default
 *   `'test-run'`), `agentContext` and `auditMetadata`, as createForUser() takes them.
 * @throws {ContextError} `ERR_CONTEXT_INVALID_OPTIONS` for an unknown key or a `userId` that is undefined,
 *   `ERR_CONTEXT_INVALID_IDENTITY` and `ERR_CONTEXT_INVALID_REQUEST` for a value of the wrong form,
 *   `ERR_CONTEXT_IDENTITY_EXPIRED` when `expiresAtMs` has passed.
 * @example
 * ```ts
 * import { testContext } from '@user-execution-context/testing'
 *
 * export const alice = testContext({ userId: 'alice' })
 * export const bob = testContext({ userId: 'bob', agentContext: { plan: 'pro' } })
 * ```
 */
export const testContext = (options: TestContextOptions = {}): UserExecutionContext => {
  const own = readTestOptions('testContext', options, { ...userKeys, ...runKeys })
  const { threadId = testDefaults.threadId, runId = testDefaults.runId, agentContext, auditMetadata, ...facts } = own
  return createForUser(makeUser(facts), { threadId, runId, agentContext, auditMetadata } as RunRequest)
}

/** The core checks the form of every value. */
function makeUser({ userId = testDefaults.userId, ...facts }: Readonly<Record<string, unknown>>): VerifiedUser {
  return vouchForUser(userId as string, { ...(facts as Omit<Vouching, 'reason'>), reason: testReason })
}
