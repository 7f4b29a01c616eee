// Jest with ES modules.
import { expect, test } from '@jest/globals'
import { isUserExecutionContext } from 'user-execution-context'
import { contextOf, testContext } from '@user-execution-context/testing'
import '@user-execution-context/testing/jest'

test('extends expect in an ES module', () => {
  const alice = testContext({ userId: 'alice' })
  expect(isUserExecutionContext(alice)).toBe(true)
  expect(alice).toBeContextOf('alice')
  expect([alice]).toEqual([contextOf('alice')])
  expect([alice]).not.toEqual([expect.contextOf('bob')])
})
