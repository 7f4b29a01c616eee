import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createForUser, runInScope, type UserExecutionContext } from 'user-execution-context'
import type { AgentEvent } from '@user-execution-context/golden-path'
import { fileNotes } from '../src/notes-agent/file-notes.ts'
import type { Notes } from '../src/notes-agent/notes.ts'
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
