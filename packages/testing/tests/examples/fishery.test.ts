import { Factory } from 'fishery'
import type { UserExecutionContext } from 'user-execution-context'
import { expect, test } from 'vitest'
import { testContext, type TestContextOptions } from '@user-execution-context/testing'
import '@user-execution-context/testing/vitest'

// The last type argument: build() takes no fields. A context is frozen, so fishery could not set them.
const contexts = Factory.define<UserExecutionContext, TestContextOptions, UserExecutionContext, Record<string, never>>(
  ({ sequence, transientParams }) => testContext({ userId: `user-${sequence}`, ...transientParams }),
)

test('the user is a transient parameter', () => {
  expect(contexts.build({}, { transient: { userId: 'alice' } })).toBeContextOf('alice')
  expect(contexts.transient({ userId: 'bob' }).build()).toBeContextOf('bob')
  expect(contexts.build()).toBeContextOf('user-3')
})

test('a field is a compile error', () => {
  // @ts-expect-error Type 'string' is not assignable to type 'never'.
  expect(contexts.build({ userId: 'alice' })).not.toBeContextOf('alice')
})
