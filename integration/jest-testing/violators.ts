// What must not compile, and is counted by checks.mjs.
import { expect } from '@jest/globals'
import { testContext } from '@user-execution-context/testing'

// @ts-expect-error A user needs a name.
expect(testContext()).toBeContextOf()
// @ts-expect-error A number is no user.
expect(testContext()).toBeContextOf(7)
// @ts-expect-error A tenant must be said, even if there is none.
expect(testContext()).toBeContextOf({ userId: 'alice' })
// @ts-expect-error A spread is no context.
expect(testContext()).toBeSameRunAs({ ...testContext() })
// @ts-expect-error A number is no user.
expect.contextOf(7)
