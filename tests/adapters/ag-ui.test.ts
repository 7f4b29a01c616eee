// The judge is the stock client: its parser, its schemas and its own order checks.
import { HttpAgent } from '@ag-ui/client'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { agUiMapping, parseAgUiRequest } from '../../src/ag-ui.ts'
import type { RunEvent } from '../../src/golden-path/wire-envelope.ts'
import { anyRun, runId, threadId, toRunEvents } from './run-events.ts'

describe('agUiMapping', () => {
  it('maps any run to a stream that the stock client accepts, with the whole answer in its messages', async () => {
    await fc.assert(fc.asyncProperty(anyRun, async (events) => {
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
    }), { numRuns: 150 })
  })

  it('gives the client the tool calls with their input and output', async () => {
    const { messages } = await readWithStockClient(toRunEvents([
      { type: 'agent_started', data: { input: { text: 'hello' } } },
      { type: 'agent_thinking', data: { text: 'I should look.' } },
      { type: 'tool_executing', data: { toolCallId: 'call-1', toolName: 'search', input: { query: 'tea' } } },
      { type: 'tool_completed', data: { toolCallId: 'call-1', toolName: 'search', output: ['green'] } },
      { type: 'agent_completed', data: { text: 'Green tea.' } },
    ]))
    expect(messages.map(({ role }) => role)).toEqual(['reasoning', 'assistant', 'tool', 'assistant'])
    expect(messages[0]?.content).toBe('I should look.')
    expect(messages[1]).toMatchObject({ toolCalls: [{ id: 'call-1', function: { name: 'search', arguments: '{"query":"tea"}' } }] })
    expect(messages[2]).toMatchObject({ toolCallId: 'call-1', content: '["green"]' })
    expect(messages[3]?.content).toBe('Green tea.')
  })

  it('says of a tool that was interrupted that it was', async () => {
    const { messages, outcome } = await readWithStockClient(toRunEvents([
      { type: 'agent_started', data: { input: { text: 'hello' } } },
      { type: 'tool_executing', data: { toolCallId: 'call-1', toolName: 'search', input: {} } },
      { type: 'tool_completed', data: { toolCallId: 'call-1', toolName: 'search', output: null, interrupted: true } },
      { type: 'agent_cancelled', data: { reason: 'user' } },
    ]))
    expect(messages.at(-1)).toMatchObject({ role: 'tool', content: 'The run ended before the tool did.' })
    expect(outcome).toEqual({ type: 'cancelled' })
  })

  it('sends what was streamed once, and what the final answer adds after it', async () => {
    const { messages } = await readWithStockClient(toRunEvents([
      { type: 'agent_started', data: { input: { text: 'hello' } } },
      { type: 'agent_message_delta', data: { text: 'Green ' } },
      { type: 'agent_completed', data: { text: 'Green tea.' } },
    ]))
    expect(messages.map(({ content }) => content)).toEqual(['Green tea.'])
  })
})

describe('parseAgUiRequest', () => {
  const user = (content: unknown): object => ({ id: 'm', role: 'user', content })

  it('takes the thread and the last user message, as a string or in parts', () => {
    expect(parseAgUiRequest({ threadId, runId, messages: [user('one'), user('two'), { id: 'a', role: 'assistant', content: 'three' }] }))
      .toEqual({ threadId, text: 'two' })
    expect(parseAgUiRequest({ threadId, messages: [user([{ type: 'text', text: 'a' }, { type: 'binary' }, { type: 'text', text: 'b' }])] }).text).toBe('ab')
  })

  it('takes no identity from what the client says about itself', () => {
    const body = { threadId, messages: [user('hello')], forwardedProps: { userId: 'mallory' }, state: { userId: 'mallory' }, context: [{ description: 'user', value: 'mallory' }] }
    expect(JSON.stringify(parseAgUiRequest(body))).not.toContain('mallory')
  })

  it('refuses a body without a thread or without a user message, all issues at once', () => {
    expect(() => parseAgUiRequest([])).toThrow(expect.objectContaining({ code: 'ERR_CONTEXT_INVALID_REQUEST' }))
    expect(() => parseAgUiRequest({ threadId: 'a b', messages: [{ role: 'assistant', content: 'x' }] })).toThrow(expect.objectContaining({
      issues: [{ path: 'threadId', kind: 'illegal character' }, { path: 'messages', kind: 'missing' }],
    }))
  })
})

type Read = { readonly messages: HttpAgent['messages']; readonly failure: string | undefined; readonly outcome: unknown }

async function readWithStockClient(events: readonly RunEvent[]): Promise<Read> {
  const map = agUiMapping()
  const body = events.flatMap(map).map((event) => `data: ${JSON.stringify(event)}\n\n`).join('')
  const agent = new HttpAgent({
    url: 'http://localhost/ag-ui',
    fetch: async () => new Response(body, { headers: { 'content-type': 'text/event-stream' } }),
  })
  let failure: string | undefined
  let outcome: unknown
  await agent.runAgent({}, {
    onRunErrorEvent: ({ event }) => void (failure = event.message),
    onRunFinishedEvent: ({ event }) => void (outcome = event.outcome),
  })
  return { messages: agent.messages, failure, outcome }
}
