// The model is the AI SDK's own mock model: it records every input that a model would have been sent.
import { jsonSchema } from 'ai'
import { MockLanguageModelV3, simulateReadableStream } from 'ai/test'
import { describe, expect, it } from 'vitest'
import { aiSdkAgent, aiSdkTool, type AiSdkAgentOptions } from '../../src/ai-sdk.ts'
import {
  ContextError,
  createForUser,
  openScope,
  requireContext,
  type Scope,
  type UserExecutionContext,
} from 'user-execution-context'
import { runWithContext, tryCurrentContext } from 'user-execution-context/ambient'
import { vouchForUser } from 'user-execution-context/restricted'
import type { AgentEvent } from '../../src/phases/ports/agent.ts'
import { openGoldenPath, type RunEvent } from '../../src/index.ts'

type Part =
  Parameters<MockLanguageModelV3['doStream']> extends never
    ? never
    : Awaited<ReturnType<MockLanguageModelV3['doStream']>>['stream'] extends ReadableStream<infer One>
      ? One
      : never

describe('aiSdkAgent', () => {
  it('runs the model with tools: thinking, paired tool events, deltas, the answer of the last step', async () => {
    const { events } = await runAgent(
      [...thinkThenCall('list-notes', '{"limit":2}')],
      [...say('Tea ', 'and coffee.')],
      { tools: { 'list-notes': listNotes() } },
    )
    expect(events).toEqual([
      { type: 'agent_thinking', text: 'The user wants notes.' },
      { type: 'tool_executing', toolCallId: 'call-1', toolName: 'list-notes', input: { limit: 2 } },
      { type: 'tool_completed', toolCallId: 'call-1', toolName: 'list-notes', output: ['tea', 'coffee'] },
      { type: 'agent_message_delta', text: 'Tea ' },
      { type: 'agent_message_delta', text: 'and coffee.' },
      { type: 'agent_completed', text: 'Tea and coffee.' },
    ])
  })

  it('delivers the sources that a model cites and the files that it makes', async () => {
    const [start, ...rest] = say('See ', 'this.')
    const cited: Part[] = [
      { type: 'source', sourceType: 'url', id: 's-1', url: 'https://example.com/a', title: 'A' },
      { type: 'source', sourceType: 'url', id: 's-1', url: 'https://example.com/b' },
      { type: 'source', sourceType: 'document', id: 's-2', mediaType: 'text/plain', title: 'B', filename: 'b.txt' },
      { type: 'file', mediaType: 'image/png', data: 'aGk=' },
    ]
    const { events } = await runAgent([start!, ...cited, ...rest], [], {})
    const completed = events.flatMap((event) => (event.type === 'tool_completed' ? event : []))
    expect(completed.map(({ toolName, output }) => [toolName, output])).toEqual([
      ['source', { sourceType: 'url', url: 'https://example.com/a', title: 'A' }],
      ['source', { sourceType: 'url', url: 'https://example.com/b' }],
      ['source', { sourceType: 'document', mediaType: 'text/plain', title: 'B', filename: 'b.txt' }],
      ['file', { mediaType: 'image/png', base64: 'aGk=' }],
    ])
    expect(new Set(completed.map(({ toolCallId }) => toolCallId)).size).toBe(4)
    expect(events.filter(({ type }) => type === 'tool_executing')).toHaveLength(4)
    expect(events.at(-1)).toEqual({ type: 'agent_completed', text: 'See this.' })
  })

  it('gives a tool a scope with a child of the run as context, and closes it before the run goes on', async () => {
    const seen: Scope[] = []
    const context = newContext()
    const scope = openScope(context)
    const model = modelOf([thinkThenCall('list-notes', '{}'), say('ok')])
    const wasClosed: unknown[] = []
    for await (const { type } of aiSdkAgent(model, {
      tools: { 'list-notes': listNotes((toolScope) => seen.push(toolScope)) },
    })(scope, { text: 'hello' })) {
      if (type === 'tool_completed') wasClosed.push(seen[0]?.isClosed)
    }
    expect(seen.map((toolScope) => toolScope.context)).toMatchObject([
      { userId: context.userId, runId: context.runId, parentRequestId: context.requestId, operation: 'list-notes' },
    ])
    expect(wasClosed).toEqual([true])
    await scope.close()
  })

  it('gives a tool the rights that it names and the user has, and says who acts', async () => {
    const seen: Scope[] = []
    const context = createForUser(vouchForUser('alice', { reason: 'agent test', permissions: ['a', 'b'] }))
    const scope = openScope(context)
    const tool = { ...listNotes((toolScope) => seen.push(toolScope)), permissions: ['b', 'c'] }
    const actor = { name: 'notes-assistant', kind: 'agent' } as const
    const model = modelOf([thinkThenCall('list-notes', '{}'), say('ok')])
    await collect(aiSdkAgent(model, { tools: { 'list-notes': tool }, actor })(scope, { text: 'hello' }))
    expect(seen.map((toolScope) => toolScope.context)).toMatchObject([
      { permissions: ['b'], actors: [{ name: 'notes-assistant', kind: 'agent', source: 'declared' }] },
    ])
    await scope.close()
  })

  it('runs a tool with its own context ambient, so that what it calls refuses the rights of the run', async () => {
    const context = createForUser(vouchForUser('alice', { reason: 'agent test', permissions: ['a', 'b'] }))
    const seen: unknown[] = []
    const tool = {
      ...listNotes((toolScope) => {
        seen.push(tryCurrentContext() === toolScope.context)
        requireContext(context)
        seen.push('unreached')
      }),
      permissions: ['b'],
    }
    const goldenPath = openGoldenPath({
      agent: aiSdkAgent(modelOf([thinkThenCall('list-notes', '{}'), say('ok')]), {
        tools: { 'list-notes': tool },
        ambient: runWithContext,
      }),
      ambient: runWithContext,
      onError: (error) => seen.push((error as ContextError).code),
    })
    await goldenPath.execute(context, { text: 'hello' })
    await goldenPath.close({ finishMs: 30_000 })
    expect(seen).toEqual([true, 'ERR_CONTEXT_MISMATCH'])
  })

  it('sends the model nothing of the context, in no call and no field', async () => {
    const { model, context } = await runAgent(thinkThenCall('list-notes', '{}'), say('ok'), {
      tools: { 'list-notes': listNotes() },
      instructions: 'Be brief.',
    })
    expect(model.doStreamCalls).toHaveLength(2)
    const sent = JSON.stringify(model.doStreamCalls)
    // What the model must see, so that this test cannot pass on an empty string.
    for (const text of ['Be brief.', 'what do I drink', 'list-notes', 'coffee']) expect(sent).toContain(text)
    for (const secret of secretsOf(context)) expect(sent).not.toContain(secret)
  })

  it('lets the host say what was said before in the thread of this run', async () => {
    const asked: string[] = []
    const history: AiSdkAgentOptions['history'] = async ({ context: { threadId } }) => {
      asked.push(threadId)
      return [
        { role: 'user', content: 'I like tea.' },
        { role: 'assistant', content: 'Noted.' },
      ]
    }
    const { model, context } = await runAgent(say('Tea.'), [], { history })
    expect(asked).toEqual([context.threadId])
    expect(model.doStreamCalls[0]?.prompt.map(({ role, content }) => [role, JSON.stringify(content)])).toEqual([
      ['user', expect.stringContaining('I like tea.')],
      ['assistant', expect.stringContaining('Noted.')],
      ['user', expect.stringContaining('what do I drink')],
    ])
  })

  it('tells the model and the user of a failed tool in a fixed sentence, and the host of the error', async () => {
    const errors: unknown[] = []
    const failing = {
      ...listNotes(),
      execute: () => {
        throw new Error('connect ECONNREFUSED db-7.internal')
      },
    }
    const { model, events } = await runAgent(thinkThenCall('list-notes', '{}'), say('ok'), {
      tools: { 'list-notes': failing },
      onToolError: (_scope, error) => errors.push(error),
    })
    expect(events).toContainEqual({
      type: 'tool_completed',
      toolCallId: 'call-1',
      toolName: 'list-notes',
      output: { error: 'Something went wrong on our side.' },
    })
    expect(JSON.stringify([model.doStreamCalls, events])).not.toContain('db-7')
    expect(errors).toEqual([new Error('connect ECONNREFUSED db-7.internal')])
  })

  it('ends the run when a tool meets a resource of another user', async () => {
    const mixedUp = {
      ...listNotes(),
      execute: () => {
        throw new ContextError('ERR_CONTEXT_ISOLATION')
      },
    }
    await expect(
      runAgent(thinkThenCall('list-notes', '{}'), say('ok'), { tools: { 'list-notes': mixedUp } }),
    ).rejects.toMatchObject({ code: 'ERR_CONTEXT_ISOLATION' })
  })

  it('stops the model and rejects with the reason when the scope aborts', async () => {
    const stop = new AbortController()
    const model = modelOf([[...say('one'), ...say('two')]], 20)
    const scope = openScope(newContext(), { signal: stop.signal })
    const reason = new Error('stopped by the user')
    const read = async (): Promise<void> => {
      for await (const event of aiSdkAgent(model)(scope, { text: 'hello' }))
        if (event.type === 'agent_message_delta') stop.abort(reason)
    }
    await expect(read()).rejects.toBe(reason)
    expect(model.doStreamCalls[0]?.abortSignal?.aborted).toBe(true)
    await scope.close()
  })

  it('runs on the golden path: numbered events of the run, and one terminal event with the answer', async () => {
    const sent: RunEvent[] = []
    const model = modelOf([thinkThenCall('list-notes', '{}'), say('Tea ', 'and coffee.')])
    const goldenPath = openGoldenPath({ agent: aiSdkAgent(model, { tools: { 'list-notes': listNotes() } }) })
    const context = newContext()
    const connection = goldenPath.connect(
      context,
      { send: (text) => sent.push(JSON.parse(text)), bufferedAmount: 0, close: () => {} },
      { runs: 'requested' },
    )
    await goldenPath.deliver(await goldenPath.execute(context, { text: 'what do I drink' }), connection)
    expect(sent.slice(1).map(({ sequence, type }) => `${sequence} ${type}`)).toEqual([
      '1 agent_started',
      '2 agent_thinking',
      '3 tool_executing',
      '4 tool_completed',
      '5 agent_message_delta',
      '6 agent_message_delta',
      '7 agent_completed',
    ])
    expect(sent.at(-1)?.data).toEqual({ text: 'Tea and coffee.' })
    await goldenPath.close()
  })

  it('rejects with the error of the provider', async () => {
    const model = new MockLanguageModelV3({
      doStream: async () => {
        throw new Error('quota')
      },
    })
    const scope = openScope(newContext())
    await expect(collect(aiSdkAgent(model, { settings: { maxRetries: 0 } })(scope, { text: 'hello' }))).rejects.toThrow(
      'quota',
    )
    await scope.close()
  })

  it('calls the model at most maxSteps times', async () => {
    const model = new MockLanguageModelV3({ doStream: async () => streamOf(thinkThenCall('list-notes', '{}')) })
    const scope = openScope(newContext())
    await collect(aiSdkAgent(model, { tools: { 'list-notes': listNotes() }, maxSteps: 3 })(scope, { text: 'loop' }))
    expect(model.doStreamCalls).toHaveLength(3)
    await scope.close()
  })

  it('refuses a scope whose context is not sealed', async () => {
    const forged = { context: { ...newContext() }, signal: new AbortController().signal } as unknown as Scope
    await expect(collect(aiSdkAgent(modelOf([say('x')]))(forged, { text: 'hello' }))).rejects.toMatchObject({
      code: 'ERR_CONTEXT_NOT_ISSUED',
    })
  })
})

function newContext(): UserExecutionContext {
  const user = vouchForUser('user-4711', { reason: 'agent test', tenantId: 'tenant-4712', sessionId: 'session-4713' })
  return createForUser(user, { agentContext: { note: 'secret-4714' }, auditMetadata: { address: 'secret-4715' } })
}

function secretsOf(context: UserExecutionContext): readonly string[] {
  return [
    context.userId,
    context.tenantId ?? '',
    context.sessionId ?? '',
    context.threadId,
    context.runId,
    context.requestId,
    'secret-4714',
    'secret-4715',
  ]
}

function listNotes(seen: (scope: Scope) => void = () => {}) {
  return aiSdkTool({
    description: 'Lists notes of the user.',
    inputSchema: jsonSchema<{ limit?: number }>({ type: 'object', properties: { limit: { type: 'integer' } } }),
    execute: (scope) => {
      seen(scope)
      return ['tea', 'coffee']
    },
  })
}

async function runAgent(first: readonly Part[], second: readonly Part[], options: AiSdkAgentOptions) {
  const model = modelOf([first, second])
  const context = newContext()
  const scope = openScope(context)
  try {
    return { model, context, events: await collect(aiSdkAgent(model, options)(scope, { text: 'what do I drink' })) }
  } finally {
    await scope.close()
  }
}

async function collect(events: AsyncIterable<AgentEvent>): Promise<readonly AgentEvent[]> {
  const collected: AgentEvent[] = []
  for await (const event of events) collected.push(event)
  return collected
}

function modelOf(steps: readonly (readonly Part[])[], chunkDelayInMs = 0): MockLanguageModelV3 {
  let call = 0
  return new MockLanguageModelV3({ doStream: async () => streamOf(steps[call++] ?? [], chunkDelayInMs) })
}

function streamOf(parts: readonly Part[], chunkDelayInMs = 0): { stream: ReadableStream<Part> } {
  return {
    stream: simulateReadableStream({
      chunks: [{ type: 'stream-start', warnings: [] }, ...parts] as Part[],
      chunkDelayInMs,
    }),
  }
}

const usage = {
  inputTokens: { total: 1, noCache: 1, cacheRead: 0, cacheWrite: 0 },
  outputTokens: { total: 1, text: 1, reasoning: 0 },
}

function say(...pieces: readonly string[]): readonly Part[] {
  return [
    { type: 'text-start', id: 't' },
    ...pieces.map((delta): Part => ({ type: 'text-delta', id: 't', delta })),
    { type: 'text-end', id: 't' },
    { type: 'finish', finishReason: { unified: 'stop', raw: 'stop' }, usage },
  ]
}

function thinkThenCall(toolName: string, input: string): readonly Part[] {
  return [
    { type: 'reasoning-start', id: 'r' },
    { type: 'reasoning-delta', id: 'r', delta: 'The user wants notes.' },
    { type: 'reasoning-end', id: 'r' },
    { type: 'tool-call', toolCallId: 'call-1', toolName, input },
    { type: 'finish', finishReason: { unified: 'tool-calls', raw: 'tool_calls' }, usage },
  ]
}
