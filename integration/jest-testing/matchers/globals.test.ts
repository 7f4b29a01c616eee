// The same entry point, with the globals of Jest and the types of @types/jest.
import { testContext } from '@user-execution-context/testing'

const alice = testContext({ userId: 'alice' })

test('extends the globals', async () => {
  expect(alice).toBeContextOf('alice')
  expect(alice).not.toBeContextOf('bob')
  await expect(Promise.resolve(alice)).resolves.toBeSameRunAs(alice)
  expect([alice]).toEqual([expect.contextOf('alice')])
  expect([alice]).toEqual([expect.not.contextOf('bob')])
  expect([alice]).toEqual([expect.sameRunAs(alice)])
})
