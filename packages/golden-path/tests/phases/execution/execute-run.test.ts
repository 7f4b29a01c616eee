import { describe, expect, it } from 'vitest'
import {
  inProcessEventLog,
  openGoldenPath,
  parseLimits,
  type Agent,
  type AgentEvent,
  type EventLog,
  type Limits,
} from '../../../src/index.ts'
import { RecordingTransport } from '../recording-transport.ts'
import { never, newContext, newGate, runAgent } from '../run-agent.ts'

const terminals = ['agent_completed', 'agent_failed', 'agent_cancelled']
const countTerminals = (types: readonly string[]): number => types.filter((type) => terminals.includes(type)).length
const settled = (timeMs = 30): Promise<void> => new Promise((resolve) => setTimeout(resolve, timeMs))

/**
 * What every run must look like, whatever its agent does: started first, one terminal event, last, numbered without
 * holes.
 */
const expectWellFormed = (transport: RecordingTransport): void => {
  expect(transport.types[0]).toBe('agent_started')
  expect(countTerminals(transport.types)).toBe(1)
  expect(terminals).toContain(transport.types.at(-1))
  expect(transport.sequences).toEqual(transport.sequences.map((_, index) => index + 1))
}

/** Whether the slot of a run is free again: a second run of the only slot gets its turn. */
const expectFreeSlot = async (agent: Agent, limits: Partial<Limits> = {}): Promise<void> => {
  const inputs: string[] = []
  const goldenPath = openGoldenPath({
    limits: { ...limits, concurrentRuns: 1 },
    agent: (scope, input) => {
      inputs.push(input.text)
      return input.text === 'bad' ? agent(scope, input) : (async function* () {})()
    },
  })
  await goldenPath.execute(newContext(), { text: 'bad' })
  await goldenPath.execute(newContext('user-2'), { text: 'good' })
  for (let wait = 0; wait < 100 && inputs.length < 2; wait++) await settled(10)
  expect(inputs).toEqual(['bad', 'good'])
  await goldenPath.close()
}

const misbehaving: readonly (readonly [string, Agent, string, Partial<Limits>?])[] = [
  [
    'throws before it yields',
    async function* () {
      throw new Error('secret of the agent')
    },
    'ERR_CONTEXT_AGENT_FAILED',
  ],
  [
    'throws at the call',
    () => {
      throw new Error('secret of the agent')
    },
    'ERR_CONTEXT_AGENT_FAILED',
  ],
  [
    'throws undefined',
    async function* () {
      throw undefined
    },
    'ERR_CONTEXT_AGENT_FAILED',
  ],
  [
    'throws in the middle',
    async function* () {
      yield { type: 'agent_thinking', text: 'hm' }
      throw new Error('secret of the agent')
    },
    'ERR_CONTEXT_AGENT_FAILED',
  ],
  ['returns no iterable', (() => 5) as unknown as Agent, 'ERR_CONTEXT_AGENT_EVENT_INVALID'],
  [
    'yields undefined',
    async function* () {
      yield undefined as unknown as AgentEvent
    },
    'ERR_CONTEXT_AGENT_EVENT_INVALID',
  ],
  [
    'yields a string',
    async function* () {
      yield 'hello' as unknown as AgentEvent
    },
    'ERR_CONTEXT_AGENT_EVENT_INVALID',
  ],
  [
    'yields an unknown type',
    async function* () {
      yield { type: 'agent_started' } as unknown as AgentEvent
    },
    'ERR_CONTEXT_AGENT_EVENT_INVALID',
  ],
  [
    'yields a failure of its own',
    async function* () {
      yield { type: 'agent_failed' } as unknown as AgentEvent
    },
    'ERR_CONTEXT_AGENT_EVENT_INVALID',
  ],
  [
    'yields a text that is none',
    async function* () {
      yield { type: 'agent_thinking', text: 5 } as unknown as AgentEvent
    },
    'ERR_CONTEXT_AGENT_EVENT_INVALID',
  ],
  [
    'yields a getter that throws',
    async function* () {
      yield {
        get type(): 'agent_thinking' {
          throw new Error('secret of the agent')
        },
        text: '',
      }
    },
    'ERR_CONTEXT_AGENT_FAILED',
  ],
  [
    'yields a cyclic tool input',
    async function* () {
      const cycle: Record<string, unknown> = {}
      cycle['cycle'] = cycle
      yield { type: 'tool_executing', toolCallId: 'a', toolName: 'b', input: cycle as never }
    },
    'ERR_CONTEXT_AGENT_EVENT_INVALID',
  ],
  [
    'completes a tool that it did not call',
    async function* () {
      yield { type: 'tool_completed', toolCallId: 'a', toolName: 'b', output: 1 }
    },
    'ERR_CONTEXT_AGENT_EVENT_INVALID',
  ],
  [
    'completes a tool under another name',
    async function* () {
      yield { type: 'tool_executing', toolCallId: 'a', toolName: 'b', input: 1 }
      yield { type: 'tool_completed', toolCallId: 'a', toolName: 'c', output: 1 }
    },
    'ERR_CONTEXT_AGENT_EVENT_INVALID',
  ],
  [
    'calls a tool twice under one id',
    async function* () {
      for (const input of [1, 2]) yield { type: 'tool_executing', toolCallId: 'a', toolName: 'b', input }
    },
    'ERR_CONTEXT_AGENT_EVENT_INVALID',
  ],
  [
    'calls a tool without an id',
    async function* () {
      yield { type: 'tool_executing', toolCallId: '', toolName: 'b', input: 1 }
    },
    'ERR_CONTEXT_AGENT_EVENT_INVALID',
  ],
  [
    'hangs and ignores its signal',
    async function* () {
      await never()
    },
    'ERR_CONTEXT_SCOPE_TIMEOUT',
    { runTimeMs: 30 },
  ],
  [
    'yields without end',
    async function* () {
      for (;;) yield { type: 'agent_thinking', text: '' }
    },
    'ERR_CONTEXT_SCOPE_TIMEOUT',
    { runTimeMs: 30, outputBytesPerRun: 2_000_000_000, loggedEventsPerRun: 100 },
  ],
  [
    'yields more than it may in all',
    async function* () {
      for (;;) yield { type: 'agent_thinking', text: 'x'.repeat(1_000) }
    },
    'ERR_CONTEXT_OUTPUT_TOO_LARGE',
    { outputBytesPerRun: 10_000 },
  ],
  [
    'yields one event that is too large',
    async function* () {
      yield { type: 'agent_thinking', text: 'x'.repeat(2_000) }
    },
    'ERR_CONTEXT_OUTPUT_TOO_LARGE',
    { eventBytes: 1_000 },
  ],
  [
    'answers in small pieces more than one event may hold',
    async function* () {
      for (let piece = 0; piece < 20; piece++) yield { type: 'agent_message_delta', text: 'é'.repeat(50) }
    },
    'ERR_CONTEXT_OUTPUT_TOO_LARGE',
    { eventBytes: 1_500 },
  ],
  [
    'completes with more than one event may hold',
    async function* () {
      yield { type: 'agent_completed', text: 'é'.repeat(600) }
    },
    'ERR_CONTEXT_OUTPUT_TOO_LARGE',
    { eventBytes: 1_000 },
  ],
]

describe('executeRun', () => {
  for (const [what, agent, code, limits] of misbehaving) {
    it(`ends with one agent_failed, frees the slot and tells the operator when an agent ${what}`, async () => {
      const { transport, last, errors, goldenPath } = await runAgent(agent, limits ? { limits } : {})
      expectWellFormed(transport)
      expect(last).toMatchObject({ type: 'agent_failed', data: { code } })
      expect(JSON.stringify(transport.events)).not.toContain('secret')
      expect(errors).toMatchObject([{ code }])
      await goldenPath.close()
      await expectFreeSlot(agent, limits)
    })
  }

  it('takes output of exactly outputBytesPerRun and refuses one byte more', async () => {
    const agent = (pieces: number, extra: string): Agent =>
      async function* () {
        for (let piece = 0; piece < pieces; piece++) yield { type: 'agent_thinking', text: 'x' }
        yield { type: 'agent_thinking', text: `x${extra}` }
      }
    const { transport } = await runAgent(agent(9, ''))
    const outputBytesPerRun = transport.events
      .slice(1, -1)
      .reduce((sum, event) => sum + JSON.stringify(event).length, 0)
    expect((await runAgent(agent(9, ''), { limits: { outputBytesPerRun } })).last?.type).toBe('agent_completed')
    expect((await runAgent(agent(9, 'x'), { limits: { outputBytesPerRun } })).last).toMatchObject({
      type: 'agent_failed',
      data: { code: 'ERR_CONTEXT_OUTPUT_TOO_LARGE' },
    })
  })

  it('takes an event of exactly eventBytes and refuses one byte more', async () => {
    const agent = (text: string): Agent =>
      async function* () {
        yield { type: 'agent_thinking', text }
      }
    const { transport } = await runAgent(agent('é'.repeat(100)))
    const eventBytes = Buffer.byteLength(JSON.stringify(transport.events[1]))
    expect((await runAgent(agent('é'.repeat(100)), { limits: { eventBytes } })).last?.type).toBe('agent_completed')
    expect((await runAgent(agent(`${'é'.repeat(100)}x`), { limits: { eventBytes } })).last).toMatchObject({
      type: 'agent_failed',
      data: { code: 'ERR_CONTEXT_OUTPUT_TOO_LARGE' },
    })
  })

  it('gives the log one event at a time when it asks to wait', async () => {
    const inner = inProcessEventLog(parseLimits())
    let pending = 0
    let most = 0
    const openWriter: EventLog['openWriter'] = async (key) => {
      const writer = await inner.openWriter(key)
      return {
        ...writer,
        append: async (event) => {
          most = Math.max(most, ++pending)
          await settled(1)
          await writer.append(event)
          pending--
        },
      }
    }
    const { transport } = await runAgent(
      async function* () {
        yield { type: 'agent_thinking', text: 'hm' }
        yield { type: 'agent_message_delta', text: 'yes' }
      },
      { eventLog: { ...inner, openWriter } },
    )
    expect(transport.types).toEqual(['agent_started', 'agent_thinking', 'agent_message_delta', 'agent_completed'])
    expect(most).toBe(1)
  })

  it('ignores what an agent yields after its agent_completed', async () => {
    let isFinallyRun = false
    const { transport, last } = await runAgent(async function* () {
      try {
        yield { type: 'agent_completed', text: 'done' }
        yield { type: 'agent_message_delta', text: 'late' }
      } finally {
        isFinallyRun = true
      }
    })
    expectWellFormed(transport)
    expect(last).toMatchObject({ type: 'agent_completed', data: { text: 'done' } })
    expect(isFinallyRun).toBe(true)
  })

  it.each([
    [
      'throws',
      () => {
        throw new Error('no')
      },
    ],
    [
      'rejects',
      async () => {
        throw new Error('no')
      },
    ],
  ])('keeps the answer of an agent whose return() %s', async (_how, giveBack) => {
    const iterator = {
      next: async () => ({ done: false, value: { type: 'agent_completed', text: 'done' } as const }),
      return: giveBack,
    }
    const { transport, last, errors } = await runAgent(() => ({ [Symbol.asyncIterator]: () => iterator }))
    expectWellFormed(transport)
    expect(last).toMatchObject({ type: 'agent_completed', data: { text: 'done' } })
    expect(errors).toEqual([])
  })

  it('ignores what a deaf agent yields after it was cancelled', async () => {
    const started = newGate()
    const released = newGate()
    const goldenPath = openGoldenPath({
      agent: async function* () {
        started.open()
        await released.opened
        yield { type: 'agent_message_delta', text: 'late' }
      },
    })
    const context = newContext()
    const transport = new RecordingTransport()
    const run = await goldenPath.execute(context, { text: 'go' })
    const delivered = goldenPath.deliver(run, goldenPath.connect(context, transport))
    await started.opened
    await goldenPath.cancel(context, run.runId)
    await delivered
    released.open()
    await settled()
    expect(transport.types).toEqual(['agent_started', 'agent_cancelled'])
    await goldenPath.close()
  })

  it('closes the tool calls that an agent leaves open, before the terminal event', async () => {
    const { transport } = await runAgent(async function* () {
      yield { type: 'tool_executing', toolCallId: 'a', toolName: 'search', input: 1 }
      yield { type: 'tool_executing', toolCallId: 'b', toolName: 'add', input: 2 }
      yield { type: 'tool_completed', toolCallId: 'a', toolName: 'search', output: 'found' }
      throw new Error('no')
    })
    expectWellFormed(transport)
    expect(transport.events.slice(-2)).toMatchObject([
      { type: 'tool_completed', data: { toolCallId: 'b', toolName: 'add', output: null, interrupted: true } },
      { type: 'agent_failed' },
    ])
  })

  it('completes with the joined pieces when the agent does not say agent_completed', async () => {
    const { last } = await runAgent(async function* () {
      yield { type: 'agent_message_delta', text: 'one ' }
      yield { type: 'agent_thinking', text: 'not this' }
      yield { type: 'agent_message_delta', text: 'two' }
    })
    expect(last).toMatchObject({ type: 'agent_completed', data: { text: 'one two' } })
  })

  it('takes thread, run and request of every event from the context of the run', async () => {
    const forged = {
      type: 'agent_thinking',
      text: 'hm',
      runId: 'other',
      threadId: 'other',
      sequence: 99,
      userId: 'victim',
    }
    const { transport, context } = await runAgent(async function* () {
      yield forged as AgentEvent
    })
    for (const event of transport.events) {
      expect(event).toMatchObject({ threadId: context.threadId, runId: context.runId, requestId: context.requestId })
    }
    expect(JSON.stringify(transport.events)).not.toMatch(/other|victim|user-1/)
  })

  it('aborts the signal, runs each cleanup once and then says agent_cancelled when the owner cancels', async () => {
    const seen: string[] = []
    const started = newGate()
    const goldenPath = openGoldenPath({
      agent: async function* (scope) {
        scope.defer(() => seen.push('cleanup'))
        scope.child('sub-agent').defer(() => seen.push('child cleanup'))
        scope.signal.addEventListener('abort', () => seen.push('abort'))
        started.open()
        await never()
      },
    })
    const context = newContext()
    const transport = new RecordingTransport()
    const send = transport.send.bind(transport)
    transport.send = (text, position) => {
      if (position?.sequence === 2) seen.push('terminal')
      send(text, position)
    }
    const run = await goldenPath.execute(context, { text: 'go' })
    const delivered = goldenPath.deliver(run, goldenPath.connect(context, transport))
    await started.opened
    expect(await goldenPath.cancel(context, run.runId)).toBe(true)
    await delivered
    expect(seen).toEqual(['abort', 'child cleanup', 'cleanup', 'terminal'])
    expect(transport.events.at(-1)).toMatchObject({ type: 'agent_cancelled', data: { reason: 'user' } })
    expect(await goldenPath.cancel(context, run.runId)).toBe(false)
    await goldenPath.close()
    expect(seen).toHaveLength(4)
  })

  it('runs each cleanup once and fails when the time is up', async () => {
    let cleanups = 0
    const { last } = await runAgent(
      async function* (scope) {
        scope.defer(() => cleanups++)
        await never()
      },
      { limits: { runTimeMs: 20 } },
    )
    expect(last).toMatchObject({ type: 'agent_failed', data: { code: 'ERR_CONTEXT_SCOPE_TIMEOUT' } })
    await settled()
    expect(cleanups).toBe(1)
  })

  it('keeps the answer and tells the operator when a cleanup fails', async () => {
    const { last, errors } = await runAgent(async function* (scope) {
      scope.defer(() => {
        throw new Error('no')
      })
      yield { type: 'agent_message_delta', text: 'answer' }
    })
    expect(last).toMatchObject({ type: 'agent_completed', data: { text: 'answer' } })
    expect(errors).toMatchObject([{ code: 'ERR_CONTEXT_CLEANUP_FAILED' }])
  })

  it('waits for a cleanup that hangs no longer than cleanupTimeMs', async () => {
    const agent: Agent = async function* (scope) {
      scope.defer(never)
      yield { type: 'agent_message_delta', text: 'answer' }
    }
    const { last, errors } = await runAgent(agent, { limits: { cleanupTimeMs: 20 } })
    expect(last?.type).toBe('agent_completed')
    expect(errors).toMatchObject([{ code: 'ERR_CONTEXT_SCOPE_TIMEOUT' }])
    await expectFreeSlot(agent, { cleanupTimeMs: 20 })
  })

  it('survives an onError that throws, and one that rejects', async () => {
    for (const onError of [
      () => {
        throw new Error('log is full')
      },
      async () => {
        throw new Error('log is full')
      },
    ]) {
      const { last } = await runAgent(
        async function* () {
          throw new Error('no')
        },
        { onError },
      )
      expect(last?.type).toBe('agent_failed')
    }
  })

  it('writes a whole run for one that is cancelled while it waits, and never calls its agent', async () => {
    const gate = newGate()
    const inputs: string[] = []
    const goldenPath = openGoldenPath({
      limits: { concurrentRuns: 1 },
      agent: async function* (_scope, input) {
        inputs.push(input.text)
        await gate.opened
      },
    })
    const context = newContext()
    const waiting = newContext()
    await goldenPath.execute(context, { text: 'first' })
    const run = await goldenPath.execute(waiting, { text: 'second' })
    const transport = new RecordingTransport()
    const delivered = goldenPath.deliver(run, goldenPath.connect(context, transport, { runs: 'requested' }))
    await settled()
    expect(await goldenPath.cancel(context, run.runId)).toBe(true)
    await delivered
    expect(transport.types).toEqual(['agent_started', 'agent_cancelled'])
    gate.open()
    await settled()
    expect(inputs).toEqual(['first'])
    await goldenPath.close()
  })

  it('lets timers and other users have their turn while an agent yields without a pause', async () => {
    let ticks = 0
    const timer = setInterval(() => ticks++, 1)
    await runAgent(
      async function* () {
        const giveUpAtMs = Date.now() + 5_000
        while (ticks < 3 && Date.now() < giveUpAtMs) yield { type: 'agent_thinking', text: '' }
      },
      { limits: { outputBytesPerRun: 2_000_000_000, loggedEventsPerRun: 100 } },
    )
    clearInterval(timer)
    expect(ticks).toBe(3)
  })

  it('takes child scopes down to subAgentDepth and refuses one more', async () => {
    const { last, goldenPath } = await runAgent(async function* (scope) {
      let deepest = scope
      for (let depth = 1; depth <= 10; depth++) deepest = deepest.child('sub-agent')
      yield { type: 'agent_message_delta', text: String(deepest.context.depth) }
      deepest.child('sub-agent')
    })
    expect(goldenPath.limits.subAgentDepth).toBe(10)
    expect(last).toMatchObject({ type: 'agent_failed', data: { code: 'ERR_CONTEXT_TOO_DEEP' } })
  })

  const closing: Agent = async function* (scope) {
    await scope.close()
    await never()
  }

  it('fails a run whose agent closed its own scope and then waits, when the time is up', async () => {
    const { last, goldenPath } = await runAgent(closing, { limits: { runTimeMs: 50 } })
    expect(last).toMatchObject({ type: 'agent_failed', data: { code: 'ERR_CONTEXT_SCOPE_TIMEOUT' } })
    await goldenPath.close()
  })

  it('cancels a run whose agent closed its own scope and then waits', async () => {
    const goldenPath = openGoldenPath({ agent: closing })
    const context = newContext()
    const transport = new RecordingTransport()
    const run = await goldenPath.execute(context, { text: 'go' })
    const delivered = goldenPath.deliver(run, goldenPath.connect(context, transport, { runs: 'requested' }))
    await settled()
    await goldenPath.cancel(context, run.runId)
    expect(await delivered).toBe('completed')
    expect(transport.types).toEqual(['agent_started', 'agent_cancelled'])
    await goldenPath.close()
  })
})
