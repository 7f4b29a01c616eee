import sinon from 'sinon'
import type { UserExecutionContext } from 'user-execution-context'
import { test } from 'vitest'
import { isContextOf, testContext } from '@user-execution-context/testing'

type Send = (context: UserExecutionContext, text: string) => void
const greet = (context: UserExecutionContext, send: Send): void => send(context, 'hello')

const contextOf = (userId: string) =>
  sinon.match((value: unknown) => isContextOf(value, userId), `a context of ${userId}`)

test('greet() sends as the user who asked', () => {
  const send = sinon.fake<Parameters<Send>, void>()
  greet(testContext({ userId: 'alice' }), send)
  sinon.assert.calledOnceWithExactly(send, contextOf('alice'), 'hello')
  sinon.assert.neverCalledWith(send, contextOf('bob'))
})
