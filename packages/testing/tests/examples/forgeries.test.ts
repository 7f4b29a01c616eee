import { assertUserExecutionContext, toOwnerKey, type UserExecutionContext } from 'user-execution-context'
import { expect, test } from 'vitest'
import { expectRefusesForgeries, forgeries } from '@user-execution-context/testing'

const notes = new Map<string, readonly string[]>()
const listNotes = async (context: UserExecutionContext): Promise<readonly string[]> => {
  assertUserExecutionContext(context)
  return notes.get(toOwnerKey(context)) ?? []
}

test('listNotes() takes no forged context', () => expectRefusesForgeries(listNotes))

// Or each as a test of its own.
test.each(forgeries())('listNotes() refuses $name', async ({ value }) => {
  await expect(listNotes(value)).rejects.toMatchObject({ code: 'ERR_CONTEXT_NOT_ISSUED' })
})
