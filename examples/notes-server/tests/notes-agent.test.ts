import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createForUser, runInScope, type UserExecutionContext } from 'user-execution-context'
import type { AgentEvent } from '@user-execution-context/golden-path'
import { fileNotes, type Notes } from '../src/notes-agent/notes.ts'
import { notesAgent } from '../src/notes-agent/notes-agent.ts'
import { calculate, findNumbers, parseNotesRequest } from '../src/notes-agent/request.ts'
import { newUser } from './users.ts'

let directory: string
let notes: Notes
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'notes-'))
  notes = fileNotes(directory)
})
afterEach(() => rm(directory, { recursive: true }))

const contextOf = (userId: string, tenantId?: string): UserExecutionContext =>
  createForUser(newUser(userId, { tenantId }))
const ask = (context: UserExecutionContext, text: string): Promise<AgentEvent[]> =>
  runInScope(context, {}, async (scope) => {
    const events: AgentEvent[] = []
    for await (const event of notesAgent(notes)(scope, { text })) events.push(event)
    return events
  })
const answer = async (context: UserExecutionContext, text: string): Promise<unknown> => {
  const last = (await ask(context, text)).at(-1)!
  return last.type === 'agent_completed' ? last.text : last
}

describe('notesAgent', () => {
  test('takes its time when it is asked to, and ends at once when its run is stopped', async () => {
    const stop = new AbortController()
    const seen: string[] = []
    const run = runInScope(contextOf('ada'), { signal: stop.signal }, async (scope) => {
      for await (const { type } of notesAgent(notes, { pauseMs: 600_000 })(scope, { text: 'add tea' })) {
        seen.push(type)
        stop.abort()
      }
    })
    await expect(run).rejects.toThrow()
    expect(seen).toEqual(['agent_thinking'])
    expect(await answer(contextOf('ada'), 'list')).toContain('You have no notes yet.')
  })

  test('keeps, lists and finds notes, and calculates over their numbers', async () => {
    const ada = contextOf('ada')
    expect(await answer(ada, 'add 12 apples')).toBe('Kept as note 1.')
    await answer(ada, 'remember 30 pears at 0.5')
    expect(await answer(ada, 'list')).toBe('1. 12 apples\n2. 30 pears at 0.5')
    expect(await answer(ada, 'search PEARS')).toBe('2. 30 pears at 0.5')
    expect(await answer(ada, 'sum')).toBe('The sum of 3 numbers in 2 notes is 42.5.')
    expect(await answer(ada, 'average apples')).toBe('The average of 1 number in 1 note is 12.')
    expect(await answer(ada, 'maximum')).toContain('is 30.')
    expect(await answer(ada, 'sum of kiwis')).toBe('There are no numbers in those notes.')
    expect(await answer(ada, 'hello')).toContain('None of your notes')
  })

  test('shows each step: a plan, paired tool calls, deltas that make the answer', async () => {
    const events = await ask(contextOf('ada'), 'sum of all notes')
    expect(events.map(({ type }) => type)).toEqual([
      'agent_thinking',
      'tool_executing',
      'tool_completed',
      'tool_executing',
      'tool_completed',
      'agent_message_delta',
      'agent_completed',
    ])
  })

  test('shows no id of the user in what it yields', async () => {
    const context = contextOf('canary-user', 'canary-tenant')
    expect(JSON.stringify([await ask(context, 'add a note'), await ask(context, 'list')])).not.toContain('canary')
  })
})

describe('fileNotes', () => {
  test('keeps the notes of users apart whose ids look alike', async () => {
    const contexts = [
      contextOf('ada'),
      contextOf('Ada'),
      contextOf('ada', 't'),
      contextOf('t:ada'),
      contextOf('a', 't:ada'),
      contextOf('ada', 't:a'),
      contextOf('x'.repeat(100)),
      contextOf('x'.repeat(101)),
      contextOf('..'),
      contextOf('con'),
      contextOf('u'.repeat(128), 't'.repeat(128)),
    ]
    for (const [index, context] of contexts.entries()) await notes.add(context, `note ${index}`)
    for (const [index, context] of contexts.entries()) {
      expect((await fileNotes(directory).list(context)).map(({ text }) => text)).toEqual([`note ${index}`])
    }
    const names = (await readdir(directory, { recursive: true })).map((path) => path.toLowerCase())
    expect(new Set(names).size).toBe(names.length)
    expect(
      names.every((path) =>
        path.split(/[\\/]/).every((name) => name === 'notes.json' || /^[0-9a-f]{2,200}$/.test(name)),
      ),
    ).toBe(true)
  })

  test('loses no note of a user who adds many at once', async () => {
    const ada = contextOf('ada')
    await Promise.all(Array.from({ length: 20 }, (_, index) => notes.add(ada, `note ${index}`)))
    expect((await notes.list(ada)).map(({ number, text }) => [number, text])).toEqual(
      Array.from({ length: 20 }, (_, index) => [index + 1, `note ${index}`]),
    )
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
    const forged = forge(contextOf('ada')) as UserExecutionContext
    for (const call of [() => notes.add(forged, 'x'), () => notes.list(forged), () => notes.search(forged, [])]) {
      await expect(call()).rejects.toMatchObject({ code: 'ERR_CONTEXT_NOT_ISSUED' })
    }
    expect(await readdir(directory)).toEqual([])
  })
})

describe('parseNotesRequest', () => {
  test.each([
    ['', { kind: 'help' }],
    ['help', { kind: 'help' }],
    ['add', { kind: 'help' }],
    ['search the', { kind: 'help' }],
    ['Add: milk  and  bread', { kind: 'add', text: 'milk  and  bread' }],
    ['add up my notes', { kind: 'calculate', arithmetic: 'sum', words: [] }],
    ['total of rent?', { kind: 'calculate', arithmetic: 'sum', words: ['rent'] }],
    ['constructor', { kind: 'search', words: ['constructor'] }],
    ['what is the rent', { kind: 'search', words: ['rent'] }],
  ])('reads %j', (text, request) => {
    expect(parseNotesRequest(text)).toEqual(request)
  })
})

describe('findNumbers and calculate', () => {
  test('find numbers and leave dates, versions, times and names alone', () => {
    expect(findNumbers('12 apples, -3.5 degrees; 2026-11-23 v1.2.3 10:30 note7 7up 1/2 (4)')).toEqual([12, -3.5, 4])
  })

  test.each([
    ['sum', 0.3],
    ['average', 0.15],
    ['minimum', 0.1],
    ['maximum', 0.2],
    ['count', 2],
  ] as const)('give the %s as a person would', (arithmetic, result) => {
    expect(calculate(arithmetic, [0.1, 0.2])).toBe(result)
  })

  test('give nothing for no numbers, but their count', () => {
    expect(calculate('sum', [])).toBeUndefined()
    expect(calculate('count', [])).toBe(0)
  })
})
