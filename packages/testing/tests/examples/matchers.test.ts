import { deriveChild, type UserExecutionContext } from 'user-execution-context'
import { expect, test, vi } from 'vitest'
import { testContext } from '@user-execution-context/testing'
import '@user-execution-context/testing/vitest'

type Send = (context: UserExecutionContext, text: string) => void
const greet = (context: UserExecutionContext, send: Send): void => send(deriveChild(context, 'greet'), 'hello')

test('greet() sends as the user who asked', () => {
  const alice = testContext({ userId: 'alice' })
  const send = vi.fn<Send>()
  greet(alice, send)
  expect(send).toHaveBeenCalledWith(expect.contextOf('alice'), 'hello')
  expect(send).toHaveBeenCalledWith(expect.sameRunAs(alice), 'hello')
  expect(send.mock.calls[0]![0]).toBeContextOf({ userId: 'alice', tenantId: undefined })
})
