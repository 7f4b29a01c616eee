import { toOwnerKey, type UserExecutionContext } from 'user-execution-context'
import { expect, test } from 'vitest'
import { expectOnlyOwn, newCanary, testContext } from '@user-execution-context/testing'

const notes = new Map<string, string[]>()
const addNote = (context: UserExecutionContext, text: string): void => {
  notes.set(toOwnerKey(context), [...(notes.get(toOwnerKey(context)) ?? []), text])
}
const exportNotes = (context: UserExecutionContext): string =>
  Buffer.from(JSON.stringify(notes.get(toOwnerKey(context)) ?? [])).toString('base64')

test('an export holds the notes of its user and of no other', () => {
  const [alice, bob] = [testContext({ userId: 'alice' }), testContext({ userId: 'bob' })]
  for (const user of [alice, bob]) addNote(user, `ducks ${newCanary(user)}`)
  expect(expectOnlyOwn(exportNotes(alice), alice)).toBe(1)
  expect(expectOnlyOwn(exportNotes(bob), bob)).toBe(1)
})
