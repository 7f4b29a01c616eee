import { anything, capture, instance, mock, when } from 'ts-mockito'
import type { UserExecutionContext } from 'user-execution-context'
import { expect, test } from 'vitest'
import { testContext } from '@user-execution-context/testing'
import '@user-execution-context/testing/vitest'

class NoteStore {
  async list(_context: UserExecutionContext): Promise<readonly string[]> {
    throw new Error('not in a test')
  }
}
const countNotes = async (context: UserExecutionContext, store: NoteStore): Promise<number> =>
  (await store.list(context)).length

test('countNotes() reads as the user who asked', async () => {
  const store = mock(NoteStore)
  when(store.list(anything())).thenResolve(['ducks', 'geese'])
  expect(await countNotes(testContext({ userId: 'alice' }), instance(store))).toBe(2)
  const [context] = capture(store.list).last()
  expect(context).toBeContextOf('alice')
})
