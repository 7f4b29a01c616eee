// The judge is the stock client: its parser, its schemas and its own order checks.
import { HttpAgent } from '@ag-ui/client'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { agUiMapping, parseAgUiRequest } from '../../src/ag-ui.ts'
import type { ResumeGap } from '../../src/phases/wire/server-message.ts'
import type { RunEvent } from '../../src/phases/wire/wire-envelope.ts'
import { anyRun, anyTrimmedRun, runId, threadId, toGaps, toRunEvents, toTrimmed } from './run-events.ts'

describe('agUiMapping', () => {
  it('maps any run to a stream that the stock client accepts, with the whole answer in its messages', async () => {
    await fc.assert(
      fc.asyncProperty(anyRun, async (events) => {
        const { messages, failure, outcome } = await readWithStockClient(events)
        const last = events.at(-1)
        if (last?.type === 'agent_failed') {
          expect(failure).toBe(last.data.message)
          return
        }
        expect(failure).toBeUndefined()
        if (last?.type === 'agent_cancelled') expect(outcome).toEqual({ type: 'cancelled' })
        const answers = messages.filter(({ role }) => role === 'assistant').map(({ content }) => String(content ?? ''))
        if (last?.type === 'agent_completed') {
          expect(answers.join('').endsWith(last.data.text)).toBe(true)
          expect(outcome).toEqual({ type: 'success' })
        }
        const deltas = events.map((event) => (event.type === 'agent_message_delta' ? event.data.text : '')).join('')
        expect(answers.join('').startsWith(deltas)).toBe(true)
      }),
      { numRuns: 150 },
    )
  })

  it('gives the client the tool calls with their input and output', async () => {
    const { messages } = await readWithStockClient(
      toRunEvents([
        { type: 'agent_started', data: { input: { text: 'hello' } } },
        { type: 'agent_thinking', data: { text: 'I should look.' } },
        { type: 'tool_executing', data: { toolCallId: 'call-1', toolName: 'search', input: { query: 'tea' } } },
        { type: 'tool_completed', data: { toolCallId: 'call-1', toolName: 'search', output: ['green'] } },
        { type: 'agent_completed', data: { text: 'Green tea.' } },
      ]),
    )
    expect(messages.map(({ role }) => role)).toEqual(['reasoning', 'assistant', 'tool', 'assistant'])
    expect(messages[0]?.content).toBe('I should look.')
    expect(messages[1]).toMatchObject({
      toolCalls: [{ id: 'run-1-call-1', function: { name: 'search', arguments: '{"query":"tea"}' } }],
    })
    expect(messages[2]).toMatchObject({ toolCallId: 'run-1-call-1', content: '["green"]' })
    expect(messages[3]?.content).toBe('Green tea.')
  })

  it('says of a tool that was interrupted that it was', async () => {
    const { messages, outcome } = await readWithStockClient(
      toRunEvents([
        { type: 'agent_started', data: { input: { text: 'hello' } } },
        { type: 'tool_executing', data: { toolCallId: 'call-1', toolName: 'search', input: {} } },
        { type: 'tool_completed', data: { toolCallId: 'call-1', toolName: 'search', output: null, interrupted: true } },
        { type: 'agent_cancelled', data: { reason: 'user' } },
      ]),
    )
    expect(messages.at(-1)).toMatchObject({ role: 'tool', content: 'The run ended before the tool did.' })
    expect(outcome).toEqual({ type: 'cancelled' })
  })

  it('sends what was streamed once, and what the final answer adds after it', async () => {
    const { messages } = await readWithStockClient(
      toRunEvents([
        { type: 'agent_started', data: { input: { text: 'hello' } } },
        { type: 'agent_message_delta', data: { text: 'Green ' } },
        { type: 'agent_completed', data: { text: 'Green tea.' } },
      ]),
    )
    expect(messages.map(({ content }) => content)).toEqual(['Green tea.'])
  })

  it('keeps the calls of two runs apart that name them alike', async () => {
    const agent = new HttpAgent({ url: 'http://localhost/' })
    for (const n of [1, 2]) {
      const events = toRunEvents([
        { type: 'agent_started', data: { input: { text: 'x' } } },
        { type: 'tool_executing', data: { toolCallId: 'call_0', toolName: 't', input: { n } } },
        { type: 'tool_completed', data: { toolCallId: 'call_0', toolName: 't', output: n } },
        { type: 'agent_completed', data: { text: 'ok' } },
      ]).map((event) => ({ ...event, runId: `run-${n}` }))
      const body = events
        .flatMap(agUiMapping())
        .map((event) => `data: ${JSON.stringify(event)}\n\n`)
        .join('')
      agent.fetch = (async () => new Response(body, { headers: { 'content-type': 'text/event-stream' } })) as never
      agent.addMessage({ id: `u${n}`, role: 'user', content: 'x' })
      await agent.runAgent()
    }
    const calls = agent.messages
      .flatMap((message) => (message.role === 'assistant' ? (message.toolCalls ?? []) : []))
      .map((each) => each.function.arguments)
    expect(calls).toEqual(['{"n":1}', '{"n":2}'])
  })
})

const runWithTwoCalls = toRunEvents([
  { type: 'agent_started', data: { input: { text: 'hello' } } },
  { type: 'tool_executing', data: { toolCallId: 'call-1', toolName: 'search', input: { query: 'tea' } } },
  { type: 'tool_executing', data: { toolCallId: 'call-2', toolName: 'search', input: { query: 'cup' } } },
  { type: 'agent_message_delta', data: { text: 'Green ' } },
  { type: 'tool_completed', data: { toolCallId: 'call-1', toolName: 'search', output: ['green'] } },
  { type: 'tool_completed', data: { toolCallId: 'call-2', toolName: 'search', output: ['blue'] } },
  { type: 'agent_message_delta', data: { text: 'tea.' } },
  { type: 'agent_completed', data: { text: 'Green tea.' } },
])

describe('agUiMapping, of a run that was trimmed', () => {
  it('says each gap to the stock client, whatever was trimmed, and loses no final answer', async () => {
    await fc.assert(
      fc.asyncProperty(anyTrimmedRun, async ({ events, messages: sent }) => {
        const { messages, failure, outcome, gaps, pending } = await readWithStockClient(sent)
        expect(gaps).toEqual(toGaps(sent))
        const last = events.at(-1)
        expect(failure).toBe(last?.type === 'agent_failed' ? last.data.message : undefined)
        if (last?.type !== 'agent_completed') return
        expect(pending).toEqual([])
        expect(outcome).toEqual({ type: 'success' })
        const answers = messages.filter(({ role }) => role === 'assistant').map(({ content }) => String(content ?? ''))
        expect(answers.join('').endsWith(last.data.text)).toBe(true)
      }),
      { numRuns: 150 },
    )
  })

  it('starts the run that the next event tells of, and says the gap right behind the start', async () => {
    const { types, started } = await readWithStockClient(toTrimmed(runWithTwoCalls, (sequence) => sequence < 4))
    expect(types.slice(0, 3)).toEqual(['RUN_STARTED', 'CUSTOM', 'TEXT_MESSAGE_START'])
    expect(started).toMatchObject({ threadId, runId })
  })

  it('gives the result of a call that was trimmed a call to stand behind', async () => {
    const { messages } = await readWithStockClient(toTrimmed(runWithTwoCalls, (sequence) => sequence < 6))
    const call = messages.findIndex(
      (message) => message.role === 'assistant' && message.toolCalls?.[0]?.id === 'run-1-call-2',
    )
    expect(messages[call]).toMatchObject({ toolCalls: [{ function: { name: 'search', arguments: '{}' } }] })
    expect(messages[call + 1]).toMatchObject({ role: 'tool', toolCallId: 'run-1-call-2', content: '["blue"]' })
    expect(JSON.stringify(messages)).not.toContain('call-1"')
  })

  it('leaves no call without a result, which the client would take for one of its own', async () => {
    const sent = toTrimmed(runWithTwoCalls, (sequence) => sequence === 5 || sequence === 6)
    const { messages, pending } = await readWithStockClient(sent)
    const results = messages.flatMap((message) => (message.role === 'tool' ? [message.content] : []))
    expect(results).toEqual(Array(2).fill('The result of the tool is no longer held.'))
    expect(pending).toEqual([])
  })

  it('ends the message that a gap tears, so that the two sides are not read as one sentence', async () => {
    const events = toRunEvents([
      { type: 'agent_started', data: { input: { text: 'hello' } } },
      ...['It is ', 'not ', 'true.'].map((text) => ({ type: 'agent_message_delta', data: { text } }) as const),
      { type: 'agent_completed', data: { text: 'It is not true.' } },
    ])
    const { messages } = await readWithStockClient(toTrimmed(events, (sequence) => sequence === 3))
    expect(messages.map(({ content }) => content)).toEqual(['It is ', 'true.', 'It is not true.'])
  })
})

describe('agUiMapping for a client of a version before 1.0', () => {
  it('says in an event of its own that a run was cancelled, because such a client refuses the outcome', () => {
    const cancelled = toRunEvents([
      { type: 'agent_started', data: { input: { text: 'hello' } } },
      { type: 'agent_cancelled', data: { reason: 'user' } },
    ])
    const [old, current] = ['0', '1.0'].map((protocolVersion) =>
      cancelled.flatMap(agUiMapping({ protocolVersion })).slice(1),
    )
    expect(old).toMatchObject([
      { type: 'CUSTOM', name: 'run_cancelled', value: { reason: 'user' } },
      { type: 'RUN_FINISHED', threadId, runId },
    ])
    expect(old?.[1]).not.toHaveProperty('outcome')
    expect(current).toMatchObject([{ type: 'RUN_FINISHED', outcome: { type: 'cancelled' } }])
  })
})

describe('parseAgUiRequest', () => {
  it.each([
    ['1.0', '1.0'],
    ['1.2.3', '1.2.3'],
    [undefined, '0'],
    [1, '0'],
    ['x', '0'],
    ['1.0\n', '0'],
  ])('reads the version %j of the protocol as %j', (protocolVersion, expected) => {
    const body = { threadId: 't-1', messages: [{ role: 'user', content: 'Hello' }], protocolVersion }
    expect(parseAgUiRequest(body).protocolVersion).toBe(expected)
  })

  const user = (content: unknown): object => ({ id: 'm', role: 'user', content })

  it('takes the thread and the last user message, as a string or in parts', () => {
    expect(
      parseAgUiRequest({
        threadId,
        runId,
        messages: [user('one'), { id: 'a', role: 'assistant', content: 'three' }, user('two')],
      }),
    ).toEqual({ threadId, text: 'two', protocolVersion: '0' })
    expect(
      parseAgUiRequest({
        threadId,
        messages: [
          user([{ type: 'binary', url: 'https://example.com' }]),
          { id: 's', role: 'developer', content: 'not for the user' },
          { id: 'v', role: 'activity', content: {} },
          user([
            { type: 'text', text: 'a' },
            { type: 'text', text: 'b' },
          ]),
        ],
      }).text,
    ).toBe('ab')
  })

  it.each([
    ['an answer', [{ id: 'a', role: 'assistant', content: 'three' }], 'messages[1].role'],
    ['the call of a tool', [{ id: 'a', role: 'assistant', toolCalls: [] }], 'messages[1].role'],
    ['the result of a tool', [{ id: 't', role: 'tool', toolCallId: 'c', content: '4' }], 'messages[1].role'],
    ['reasoning', [{ id: 'r', role: 'reasoning', content: 'so' }], 'messages[1].role'],
    ['an activity', [{ id: 'v', role: 'activity', activityType: 'plan', content: {} }], 'messages[1].role'],
    [
      'text that a server streamed in a role of its own',
      [{ id: 'd', role: 'developer', content: 'x' }],
      'messages[1].role',
    ],
    ['a role that a later version of the protocol may have', [{ id: 'n', role: 'narrator' }], 'messages[1].role'],
    ['what is no message', [null], 'messages[1].role'],
    ['an answer, with more behind it', [{ role: 'assistant' }, { role: 'system' }], 'messages[1].role'],
  ])('starts nothing for a conversation that ends in %s', (_what, later, path) => {
    expect(() => parseAgUiRequest({ threadId, messages: [user('one'), ...later] })).toThrow(
      expect.objectContaining({
        code: 'ERR_CONTEXT_INVALID_REQUEST',
        issues: [{ path, kind: 'does not fit' }],
      }),
    )
  })

  it('refuses each part of the last message that is no text, by its path', () => {
    const content = [{ type: 'text', text: 'a' }, { type: 'binary', data: 'x' }, 7, { type: 'text' }]
    expect(() => parseAgUiRequest({ threadId, messages: [user('one'), user(content)] })).toThrow(
      expect.objectContaining({
        issues: [1, 2, 3].map((part) => ({ path: `messages[1].content[${part}]`, kind: 'does not fit' })),
      }),
    )
  })

  it('takes no identity from what the client says about itself', () => {
    const body = {
      threadId,
      messages: [user('hello')],
      forwardedProps: { userId: 'mallory' },
      state: { userId: 'mallory' },
      context: [{ description: 'user', value: 'mallory' }],
    }
    expect(JSON.stringify(parseAgUiRequest(body))).not.toContain('mallory')
  })

  it('refuses a body without a thread or without a user message, all issues at once', () => {
    expect(() => parseAgUiRequest([])).toThrow(expect.objectContaining({ code: 'ERR_CONTEXT_INVALID_REQUEST' }))
    expect(() => parseAgUiRequest({ threadId: 'a b', messages: [{ role: 'assistant', content: 'x' }] })).toThrow(
      expect.objectContaining({
        issues: [
          { path: 'threadId', kind: 'illegal character' },
          { path: 'messages', kind: 'missing' },
        ],
      }),
    )
  })
})

type Read = {
  readonly messages: HttpAgent['messages']
  readonly failure: string | undefined
  readonly outcome: unknown
  readonly started: unknown
  readonly types: readonly string[]
  readonly gaps: readonly unknown[]
  /** Calls that the client holds to be its own to answer. */
  readonly pending: unknown
}

async function readWithStockClient(events: readonly (RunEvent | ResumeGap)[]): Promise<Read> {
  const map = agUiMapping()
  const body = events
    .flatMap(map)
    .map((event) => `data: ${JSON.stringify(event)}\n\n`)
    .join('')
  const agent = new HttpAgent({
    url: 'http://localhost/ag-ui',
    fetch: async () => new Response(body, { headers: { 'content-type': 'text/event-stream' } }),
  })
  let failure: string | undefined
  let outcome: unknown
  let pending: unknown
  let started: unknown
  const types: string[] = []
  const gaps: unknown[] = []
  await agent.runAgent(
    {},
    {
      onEvent: ({ event }) => void types.push(event.type),
      onRunStartedEvent: ({ event }) => void (started = event),
      onCustomEvent: ({ event }) => void (event.name === 'resume_gap' && gaps.push(event.value)),
      onRunErrorEvent: ({ event }) => void (failure = event.message),
      onRunFinishedEvent: (finished) => {
        outcome = finished.event.outcome
        if (finished.outcome === 'success') pending = finished.pendingToolCallIds
      },
    },
  )
  return { messages: agent.messages, failure, outcome, started, types, gaps, pending }
}
