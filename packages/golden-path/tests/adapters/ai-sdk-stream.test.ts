// The judge is the AI SDK itself: its transport parses and validates the stream, its reader builds the message.
import { DefaultChatTransport, readUIMessageStream, type UIMessage } from 'ai'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { aiSdkMapping, parseChatRequest, uiMessageStreamEnd, uiMessageStreamHeaders } from '../../src/ai-sdk.ts'
import type { ResumeGap } from '../../src/phases/wire/server-message.ts'
import type { RunEvent } from '../../src/phases/wire/wire-envelope.ts'
import { anyRun, anyTrimmedRun, runId, threadId, toGaps, toRunEvents, toTrimmed } from './run-events.ts'

describe('aiSdkMapping', () => {
  it('maps any run to a stream that the stock transport accepts, with the whole answer in it', async () => {
    await fc.assert(
      fc.asyncProperty(anyRun, async (events) => {
        const { message, failure } = await readWithStockClient(events)
        const last = events.at(-1)
        expect(failure).toBe(last?.type === 'agent_failed' ? last.data.message : undefined)
        expect(message?.id).toBe(runId)
        const text = textOf(message)
        const deltas = events.map((event) => (event.type === 'agent_message_delta' ? event.data.text : '')).join('')
        expect(text.startsWith(deltas)).toBe(true)
        if (last?.type === 'agent_completed') expect(text.endsWith(last.data.text)).toBe(true)
      }),
      { numRuns: 150 },
    )
  })

  it('gives the client reasoning, tools that ran on the server, and the ids of the run', async () => {
    const { message } = await readWithStockClient(
      toRunEvents([
        { type: 'agent_started', data: { input: { text: 'hello' } } },
        { type: 'agent_thinking', data: { text: 'I should look.' } },
        { type: 'tool_executing', data: { toolCallId: 'call-1', toolName: 'search', input: { query: 'tea' } } },
        { type: 'tool_completed', data: { toolCallId: 'call-1', toolName: 'search', output: ['green'] } },
        { type: 'agent_completed', data: { text: 'Green tea.' } },
      ]),
    )
    expect(message?.parts).toMatchObject([
      { type: 'data-run', data: { threadId, runId, requestId: 'request-1' } },
      { type: 'step-start' },
      { type: 'reasoning', text: 'I should look.', state: 'done' },
      {
        type: 'dynamic-tool',
        toolName: 'search',
        state: 'output-available',
        input: { query: 'tea' },
        output: ['green'],
        providerExecuted: true,
      },
      { type: 'text', text: 'Green tea.', state: 'done' },
    ])
  })
})

describe('aiSdkMapping, at the end of a run that was cut short', () => {
  it('shows a tool that was interrupted as one that failed', async () => {
    const { message } = await readWithStockClient(
      toRunEvents([
        { type: 'agent_started', data: { input: { text: 'hello' } } },
        { type: 'tool_executing', data: { toolCallId: 'call-1', toolName: 'search', input: {} } },
        { type: 'tool_completed', data: { toolCallId: 'call-1', toolName: 'search', output: null, interrupted: true } },
        { type: 'agent_cancelled', data: { reason: 'user' } },
      ]),
    )
    expect(message?.parts.at(-1)).toMatchObject({
      type: 'dynamic-tool',
      state: 'output-error',
      errorText: 'The run ended before the tool did.',
    })
  })
})

describe('aiSdkMapping, with a tool whose input is hostile', () => {
  it('drops keys that reach a prototype, over which the client would refuse the whole stream', async () => {
    const input = JSON.parse('{"a":[{"__proto__":{"b":1},"c":2}],"constructor":{"prototype":{}}}') as never
    const { message, failure } = await readWithStockClient(
      toRunEvents([
        { type: 'agent_started', data: { input: { text: 'hello' } } },
        { type: 'tool_executing', data: { toolCallId: 'call-1', toolName: 'search', input } },
        { type: 'tool_completed', data: { toolCallId: 'call-1', toolName: 'search', output: input } },
        { type: 'agent_completed', data: { text: 'ok' } },
      ]),
    )
    expect(failure).toBeUndefined()
    expect(message?.parts).toContainEqual(
      expect.objectContaining({ input: { a: [{ c: 2 }] }, output: { a: [{ c: 2 }] } }),
    )
  })
})

describe('aiSdkMapping, of a run that was trimmed', () => {
  const gapsOf = (message: UIMessage | undefined): readonly unknown[] =>
    (message?.parts ?? []).flatMap((part) => (part.type === 'data-resume-gap' ? [part.data] : []))

  it('says each gap to the stock client, whatever was trimmed, and loses no final answer', async () => {
    await fc.assert(
      fc.asyncProperty(anyTrimmedRun, async ({ events, messages }) => {
        const { message, failure } = await readWithStockClient(messages)
        const last = events.at(-1)
        expect(failure).toBe(last?.type === 'agent_failed' ? last.data.message : undefined)
        expect(message?.id).toBe(runId)
        expect(gapsOf(message)).toEqual(toGaps(messages))
        if (last?.type === 'agent_completed') expect(textOf(message).endsWith(last.data.text)).toBe(true)
      }),
      { numRuns: 150 },
    )
  })

  const run = toRunEvents([
    { type: 'agent_started', data: { input: { text: 'hello' } } },
    { type: 'tool_executing', data: { toolCallId: 'call-1', toolName: 'search', input: { query: 'tea' } } },
    { type: 'agent_message_delta', data: { text: 'Green ' } },
    { type: 'tool_completed', data: { toolCallId: 'call-1', toolName: 'search', output: ['green'] } },
    { type: 'agent_message_delta', data: { text: 'tea.' } },
    { type: 'agent_completed', data: { text: 'Green tea.' } },
  ])

  it('gives the message the ids of the run though its start was trimmed, and a result its call', async () => {
    const { message } = await readWithStockClient(toTrimmed(run, (sequence) => sequence < 4))
    expect(message?.parts).toMatchObject([
      { type: 'data-run', data: { threadId, runId, requestId: 'request-1' } },
      { type: 'step-start' },
      { type: 'data-resume-gap', data: { fromSequence: 1, toSequence: 3, reason: 'trimmed' } },
      {
        type: 'dynamic-tool',
        toolName: 'search',
        state: 'output-available',
        input: {},
        output: ['green'],
        providerExecuted: true,
      },
      { type: 'text', text: 'tea.', state: 'done' },
      { type: 'text', text: 'Green tea.', state: 'done' },
    ])
  })

  it('shows a tool whose result was trimmed as one whose result is not known', async () => {
    const { message } = await readWithStockClient(toTrimmed(run, (sequence) => sequence === 4))
    expect(message?.parts).toContainEqual(
      expect.objectContaining({
        type: 'dynamic-tool',
        state: 'output-error',
        errorText: 'The result of the tool is no longer held.',
      }),
    )
  })
})

describe('parseChatRequest', () => {
  it('takes the chat id as the thread and the text of the last user message', () => {
    const body = {
      id: threadId,
      trigger: 'submit-message',
      userId: 'mallory',
      messages: [
        {
          id: 'm',
          role: 'user',
          parts: [
            { type: 'text', text: 'hel' },
            { type: 'text', text: 'lo' },
          ],
        },
      ],
    }
    expect(parseChatRequest(body)).toEqual({ threadId, text: 'hello' })
  })

  it('refuses a file by its path, and starts nothing for a chat that ends in an answer', () => {
    const parts = [
      { type: 'text', text: 'look' },
      { type: 'file', mediaType: 'image/png', url: 'data:,' },
    ]
    const answer = { role: 'assistant', parts: [{ type: 'tool-x', state: 'output-available' }] }
    expect(() => parseChatRequest({ id: threadId, messages: [{ role: 'user', parts }, answer] })).toThrow(
      expect.objectContaining({
        issues: [
          { path: 'messages[1].role', kind: 'does not fit' },
          { path: 'messages[0].parts[1]', kind: 'does not fit' },
        ],
      }),
    )
  })

  it.each(['assistant', 'system', 'reasoning', 'data', undefined])(
    'starts nothing for a chat in which the role %s came last',
    (role) => {
      const messages = [
        { role: 'user', parts: [{ type: 'text', text: 'one' }] },
        { role, parts: [] },
      ]
      expect(() => parseChatRequest({ id: threadId, messages })).toThrow(
        expect.objectContaining({ issues: [{ path: 'messages[1].role', kind: 'does not fit' }] }),
      )
    },
  )

  it('refuses a body without a legal chat id or without text', () => {
    expect(() => parseChatRequest({ id: '../x', messages: [{ role: 'user', parts: [] }] })).toThrow(
      expect.objectContaining({
        code: 'ERR_CONTEXT_INVALID_REQUEST',
        issues: [
          { path: 'id', kind: 'illegal character' },
          { path: 'messages', kind: 'missing' },
        ],
      }),
    )
  })
})

type Read = { readonly message: UIMessage | undefined; readonly failure: string | undefined }

async function readWithStockClient(events: readonly (RunEvent | ResumeGap)[]): Promise<Read> {
  const map = aiSdkMapping()
  const data = [...events.flatMap(map).map((chunk) => JSON.stringify(chunk)), uiMessageStreamEnd]
  const transport = new DefaultChatTransport({
    fetch: async () =>
      new Response(data.map((line) => `data: ${line}\n\n`).join(''), {
        headers: { 'content-type': 'text/event-stream', ...uiMessageStreamHeaders },
      }),
  })
  const stream = await transport.sendMessages({
    trigger: 'submit-message',
    chatId: threadId,
    messageId: undefined,
    messages: [],
    abortSignal: undefined,
  })
  let failure: string | undefined
  let message: UIMessage | undefined
  for await (const snapshot of readUIMessageStream({
    stream,
    onError: (error) => void (failure = (error as Error).message),
  }))
    message = snapshot
  return { message, failure }
}

function textOf(message: UIMessage | undefined): string {
  return (message?.parts ?? []).map((part) => (part.type === 'text' ? part.text : '')).join('')
}
