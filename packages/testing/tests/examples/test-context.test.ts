import { expect, test } from 'vitest'
import { testContext } from '@user-execution-context/testing'
import { assertOwned, own } from 'user-execution-context'

const alice = testContext({ userId: 'alice', permissions: ['notes.read'] })
const bob = testContext({ userId: 'bob' })

test("alice's draft is not bob's", () => {
  const draft = own(alice, { text: 'ducks' })
  expect(() => assertOwned(bob, draft)).toThrow(expect.objectContaining({ code: 'ERR_CONTEXT_ISOLATION' }))
})

test('no two contexts are equal', () => {
  expect(testContext()).not.toEqual(testContext())
})
