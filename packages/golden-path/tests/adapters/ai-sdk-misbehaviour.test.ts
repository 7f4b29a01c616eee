// What models, tools and listeners do that they should not: none of it ends the process, mixes users or loses the run.
import { jsonSchema } from 'ai'
import { MockLanguageModelV3, simulateReadableStream } from 'ai/test'
import { describe, expect, it } from 'vitest'
import { aiSdkAgent, aiSdkTool, type AiSdkAgentOptions } from '../../src/ai-sdk.ts'
import { newRunSpans } from '../../src/adapters/run-spans.ts'
import { ContextError } from 'user-execution-context'
import { runAgent } from '../phases/run-agent.ts'

const usage = {
  inputTokens: { total: 1, noCache: 1, cacheRead: 0, cacheWrite: 0 },
  outputTokens: { total: 1, text: 1, reasoning: 0 },
}
const fin = (unified = 'stop') => ({ type: 'finish', finishReason: { unified, raw: unified }, usage })
const call = (toolCallId: string, toolName: string, more = {}) => ({
  type: 'tool-call',
  toolCallId,
  toolName,
  input: '{}',
  ...more,
})
const say = (delta: string) => [
  { type: 'text-start', id: delta },
  { type: 'text-delta', id: delta, delta },
  { type: 'text-end', id: delta },
]
const think = (delta: string) => [
  { type: 'reasoning-start', id: delta },
  { type: 'reasoning-delta', id: delta, delta },
  { type: 'reasoning-end', id: delta },
]
const modelOf = (steps: any[][]) => {
  let n = 0
  return new MockLanguageModelV3({
    doStream: async () => ({
      stream: simulateReadableStream({
        chunks: [{ type: 'stream-start', warnings: [] }, ...(steps[n++] ?? [])] as any[],
        chunkDelayInMs: 0,
      }),
    }),
  })
}
const tool = (execute: (scope: any) => unknown) =>
  aiSdkTool({ description: 'd', inputSchema: jsonSchema({ type: 'object' }), execute })
const run = async (steps: any[][], options: AiSdkAgentOptions = {}) => {
  const model = modelOf(steps)
  const ran = await runAgent(aiSdkAgent(model, options))
  await ran.goldenPath.close()
  return { ...ran, model, events: ran.transport.events }
}
const oneCall = [
  [call('c1', 't'), fin('tool-calls')],
  [...say('ok'), fin()],
]

describe('aiSdkAgent with a model and tools that do not behave', () => {
  it('survives an onToolError that rejects', async () => {
    const lost: unknown[] = []
    const onLost = (error: unknown) => lost.push(error)
    const others = process.listeners('unhandledRejection')
    process.removeAllListeners('unhandledRejection').on('unhandledRejection', onLost)
    await run(oneCall, {
      tools: {
        t: tool(() => {
          throw new Error('x')
        }),
      },
      onToolError: async () => {
        throw new Error('log')
      },
    })
    await new Promise((resolve) => setTimeout(resolve, 20))
    process.removeAllListeners('unhandledRejection')
    for (const other of others) process.on('unhandledRejection', other)
    expect(lost).toEqual([])
  })
  it('ends the run for a mix-up of users though onToolError throws, and does not tell the model', async () => {
    const { last, model } = await run(oneCall, {
      tools: {
        t: tool(() => {
          throw new ContextError('ERR_CONTEXT_ISOLATION')
        }),
      },
      onToolError: () => {
        throw new Error('db-7.internal')
      },
    })
    expect(last).toMatchObject({ type: 'agent_failed', data: { code: 'ERR_CONTEXT_ISOLATION' } })
    expect(JSON.stringify(model.doStreamCalls)).not.toContain('db-7')
  })
  it('does not tell the model that a tool failed whose cleanup failed, and tells the host', async () => {
    const errors: unknown[] = []
    const { events } = await run(oneCall, {
      tools: {
        t: tool((scope) => {
          scope.defer(() => {
            throw new Error('c')
          })
          return 'paid'
        }),
      },
      onToolError: (_scope, error) => errors.push(error),
    })
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'tool_completed', data: expect.objectContaining({ output: 'paid' }) }),
    )
    expect(errors).toMatchObject([{ code: 'ERR_CONTEXT_CLEANUP_FAILED' }])
  })
  it.each([0, -1, 2.5, NaN])('refuses maxSteps %s', (maxSteps) => {
    expect(() => aiSdkAgent(modelOf([]), { maxSteps })).toThrow(
      expect.objectContaining({ code: 'ERR_CONTEXT_INVALID_OPTIONS' }),
    )
  })
  it.each(['my tool', 'root', ''])('refuses a tool of the name %j', (name) => {
    expect(() => aiSdkAgent(modelOf([]), { tools: { [name]: tool(() => 1) } })).toThrow(
      expect.objectContaining({ code: 'ERR_CONTEXT_INVALID_OPTIONS' }),
    )
  })
  it.each(['toString', 'constructor', '__proto__'])('goes on when the model calls %s', async (name) => {
    const { last } = await run(
      [
        [call('c1', name), fin('tool-calls')],
        [...say('ok'), fin()],
      ],
      { tools: { t: tool(() => 1) } },
    )
    expect(last).toMatchObject({ type: 'agent_completed', data: { text: 'ok' } })
  })
  it('survives preliminary results of a provider', async () => {
    const result = (value: string, more = {}) => ({
      type: 'tool-result',
      toolCallId: 'p',
      toolName: 'web',
      result: value,
      dynamic: true,
      ...more,
    })
    const { events, last } = await run([
      [
        call('p', 'web', { providerExecuted: true, dynamic: true }),
        result('preview', { preliminary: true }),
        result('all'),
        ...say('ok'),
        fin(),
      ],
    ])
    expect(last?.type).toBe('agent_completed')
    expect(events.filter(({ type }) => type === 'tool_completed')).toHaveLength(1)
  })
  it('survives a call of a provider that fails twice', async () => {
    const failure = {
      type: 'tool-result',
      toolCallId: 'p',
      toolName: 'web',
      result: 'no',
      isError: true,
      dynamic: true,
    }
    const { events, last } = await run([
      [call('p', 'web', { providerExecuted: true, dynamic: true }), failure, failure, ...say('ok'), fin()],
    ])
    expect(last?.type).toBe('agent_completed')
    expect(events.flatMap((event) => (event.type === 'tool_completed' ? [event.data.output] : []))).toEqual([
      { error: 'The tool could not be called.' },
    ])
  })
  it.each([
    ['no name', '', 'unnamed'],
    ['a long name', 'n'.repeat(300), 'n'.repeat(128)],
  ])('goes on when the model calls a tool of %s', async (_what, name, shown) => {
    const { events, last } = await run(
      [
        [call('c1', name), fin('tool-calls')],
        [...say('ok'), fin()],
      ],
      { tools: { t: tool(() => 1) } },
    )
    expect(last).toMatchObject({ type: 'agent_completed', data: { text: 'ok' } })
    expect(events.flatMap((event) => (event.type === 'tool_executing' ? [event.data.toolName] : []))).toEqual([shown])
  })
  it.each([
    [
      'one id twice at once',
      [
        [call('c', 't'), call('c', 't'), fin('tool-calls')],
        [...say('ok'), fin()],
      ],
    ],
    [
      'one id in two steps',
      [
        [call('c', 't'), fin('tool-calls')],
        [call('c', 't'), fin('tool-calls')],
        [...say('ok'), fin()],
      ],
    ],
    [
      'a long id',
      [
        [call('c'.repeat(300), 't'), fin('tool-calls')],
        [...say('ok'), fin()],
      ],
    ],
  ])('gives ids that are unique in the run to a model with %s', async (_what, steps) => {
    const { events, last } = await run(steps, { tools: { t: tool(() => 1) } })
    expect(last?.type).toBe('agent_completed')
    const ids = events.filter(({ type }) => type === 'tool_executing').map(({ data }) => (data as any).toolCallId)
    expect(new Set(ids).size).toBe(ids.length)
  })
  it.each([
    ['a BigInt', 1n],
    [
      'a cycle',
      (() => {
        const a: any = {}
        a.a = a
        return a
      })(),
    ],
  ])('tells the model of a tool that returns %s', async (_what, value) => {
    const { last } = await run(oneCall, { tools: { t: tool(() => value) } })
    expect(last).toMatchObject({ type: 'agent_completed', data: { text: 'ok' } })
  })
  it('fails a run whose model says that it failed', async () => {
    expect((await run([[...say('half'), fin('error')]])).last?.type).toBe('agent_failed')
  })
  it('streams an answer in several spans once', async () => {
    const { events } = await run(
      [
        [...say('Look. '), call('c', 't'), fin('tool-calls')],
        [...say('Tea '), ...think('hm'), ...say('and coffee.'), fin()],
      ],
      { tools: { t: tool(() => 1) } },
    )
    const text = events
      .flatMap(newRunSpans())
      .flatMap((step) => (step.step === 'delta' && step.kind === 'text' ? [step.text] : []))
    expect(text.join('')).toBe('Look. Tea and coffee.')
  })
})
