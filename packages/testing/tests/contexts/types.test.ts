// What must not compile. The suite "types" fails when one of these lines does.
import { newThreadId, parseUserId } from 'user-execution-context'
import { describe, expect, test } from 'vitest'
import { expectOnlyOwn, newCanary } from '../../src/index.ts'
import { testContext, testUser } from '../../src/contexts/test-context.ts'
import '../../src/vitest.ts'

export const refused = (): void => {
  // @ts-expect-error There is no such key.
  testContext({ user: 'alice' })
  // @ts-expect-error A requestId cannot be pinned.
  testContext({ requestId: 'request-1' })
  // @ts-expect-error The mark is fixed.
  testContext({ reason: 'my test' })
  // @ts-expect-error A user has no thread.
  testUser({ threadId: 'thread-1' })
  // @ts-expect-error A user that is undefined is not the default user.
  testUser({ userId: undefined })
  // @ts-expect-error A thread is no user.
  testContext({ userId: newThreadId() })
  // @ts-expect-error A user is no thread.
  testContext({ threadId: parseUserId('alice') })
  // @ts-expect-error An object is no list of permissions.
  testContext({ permissions: { admin: true } })
  // @ts-expect-error A name is no owner: two tenants may have the same.
  newCanary('alice')
  // @ts-expect-error Without a user there is nobody whose own it could be.
  expectOnlyOwn('text')
  // @ts-expect-error A user needs a name.
  expect(testContext()).toBeContextOf()
  // @ts-expect-error A tenant must be said, even if there is none.
  expect(testContext()).toBeContextOf({ userId: 'alice' })
  // @ts-expect-error A spread is no context.
  expect(testContext()).toBeSameRunAs({ ...testContext() })
  // @ts-expect-error A number is no user.
  expect.contextOf(7)
}

describe('the types', () => {
  test('let through what is right, one step from each line above', () => {
    const context = testContext({
      userId: parseUserId('alice'),
      threadId: newThreadId(),
      permissions: ['admin'],
      tenantId: undefined,
    })
    expect(context).toBeContextOf({ userId: 'alice', tenantId: undefined })
    expect([context]).toEqual([expect.contextOf('alice')])
    expect(testUser({ userId: 'alice' }).userId).toBe('alice')
  })
})
