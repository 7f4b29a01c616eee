import { requireContext, type UserExecutionContext } from 'user-execution-context'
import { expect, test } from 'vitest'
import { mock } from 'vitest-mock-extended'
import { contextOf, testContext } from '@user-execution-context/testing'

type NoteStore = { readonly list: (context: UserExecutionContext) => Promise<readonly string[]> }
const countNotes = async (context: UserExecutionContext, store: NoteStore): Promise<number> => {
  requireContext(context)
  return (await store.list(context)).length
}

test('countNotes() reads as the user who asked', async () => {
  const store = mock<NoteStore>()
  store.list.calledWith(contextOf('alice')).mockResolvedValue(['ducks', 'geese'])
  store.list.calledWith(contextOf('bob')).mockResolvedValue([])
  expect(await countNotes(testContext({ userId: 'alice' }), store)).toBe(2)
  expect(await countNotes(testContext({ userId: 'bob' }), store)).toBe(0)
})

// Mock the service, never the context: no mock of a context passes a check.
test('a mock of a context is refused', async () => {
  const context = mock<UserExecutionContext>()
  await expect(countNotes(context, mock<NoteStore>())).rejects.toThrow('In a test, replace a mock')
})
