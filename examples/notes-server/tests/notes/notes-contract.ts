// What every store of notes must do. For tests only.
import { createForUser, type UserExecutionContext } from 'user-execution-context'
import { expect, test } from 'vitest'
import type { Notes, NotesBounds } from '../../src/notes-agent/notes.ts'
import { newUser } from '../users.ts'

export const contextOf = (userId: string, tenantId?: string): UserExecutionContext =>
  createForUser(newUser(userId, { tenantId }))

/** Declares the tests. Each gets a store without notes of its users. */
export const testNotes = (open: (bounds?: NotesBounds) => Notes): void => {
  const textsOf = async (notes: Notes, context: UserExecutionContext): Promise<readonly string[]> =>
    (await notes.list(context)).map(({ text }) => text)

  test('keeps notes in their order, with a number and a time, for whoever opens it next', async () => {
    const ada = contextOf('ada')
    const before = Date.now()
    const added = [await open().add(ada, 'one'), await open().add(ada, 'two')]
    expect(await open().list(ada)).toEqual(added)
    expect(added.map((note) => [note?.number, note?.text])).toEqual([
      [1, 'one'],
      [2, 'two'],
    ])
    const times = added.map((note) => Date.parse(note!.createdAt))
    expect(times.every((time) => time >= before && time <= Date.now())).toBe(true)
    expect(await open().list(contextOf('bob'))).toEqual([])
  })

  test('keeps the notes of users apart whose ids look alike', async () => {
    const contexts = [
      contextOf('eve'),
      contextOf('Eve'),
      contextOf('eve', 't'),
      contextOf('t:eve'),
      contextOf('a', 't:eve'),
      contextOf('eve', 't:a'),
      contextOf('x'.repeat(100)),
      contextOf('x'.repeat(101)),
      contextOf('..'),
      contextOf('con'),
      contextOf('u'.repeat(128), 't'.repeat(128)),
    ]
    const notes = open()
    for (const [index, context] of contexts.entries()) await notes.add(context, `note ${index}`)
    for (const [index, context] of contexts.entries()) {
      expect(await textsOf(open(), context)).toEqual([`note ${index}`])
      expect(await notes.search(context, ['note'])).toHaveLength(1)
    }
  })

  test('finds the notes that hold every word, in any case', async () => {
    const notes = open()
    const finder = contextOf('finder')
    for (const text of ['12 Apples', 'PEARS and apples', 'pears']) await notes.add(finder, text)
    const find = async (...words: string[]) => (await notes.search(finder, words)).map(({ number }) => number)
    expect([await find('apples'), await find('Pears', 'AND'), await find('%'), await find()]).toEqual([
      [1, 2],
      [2],
      [],
      [1, 2, 3],
    ])
  })

  test('loses no note of a user who adds many at once', async () => {
    const busy = contextOf('busy')
    const notes = open()
    await Promise.all(Array.from({ length: 20 }, (_, index) => notes.add(busy, `note ${index}`)))
    const kept = await notes.list(busy)
    expect(kept.map(({ number }) => number)).toEqual(Array.from({ length: 20 }, (_, index) => index + 1))
    expect(new Set(kept.map(({ text }) => text)).size).toBe(20)
  })

  test('keeps no more of a user than it may, and is not full for others', async () => {
    const full = contextOf('full')
    const notes = open({ maxNotes: 2 })
    expect(await Promise.all(['a', 'b'].map((text) => notes.add(full, text)))).not.toContain(undefined)
    expect(await notes.add(full, 'c')).toBe(undefined)
    expect(await notes.list(full)).toHaveLength(2)
    expect(await notes.add(contextOf('not full'.replace(' ', '-')), 'a')).toMatchObject({ number: 1 })
  })

  test.each([
    ['the character 0', 'a\0b'],
    ['half of a surrogate pair', 'a\ud83d'],
    ['what SQL and JSON give a meaning', `'; DROP TABLE notes.notes; -- $1 " \\ \u2028`],
    ['nothing', ''],
  ])('keeps %s as it is', async (_what, text) => {
    const odd = contextOf(`odd-${text.length}-${text.charCodeAt(1)}`)
    await open().add(odd, text)
    expect(await textsOf(open(), odd)).toEqual([text])
  })

  test.each([
    ['a spread context', (context: UserExecutionContext) => ({ ...context })],
    [
      'a context as JSON gives it back',
      (context: UserExecutionContext) => JSON.parse(JSON.stringify(context)) as object,
    ],
    ['a user id', () => 'ada'],
    ['nothing', () => undefined],
  ])('refuses %s at every entry point', async (_name, forge) => {
    const forged = forge(contextOf('forged')) as UserExecutionContext
    const notes = open()
    for (const call of [() => notes.add(forged, 'x'), () => notes.list(forged), () => notes.search(forged, [])]) {
      await expect(call()).rejects.toMatchObject({ code: 'ERR_CONTEXT_NOT_ISSUED' })
    }
    expect(await notes.list(contextOf('forged'))).toEqual([])
  })
}
