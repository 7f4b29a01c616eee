// A log that fails for a moment, or takes its time: no run may have a hole, two ends or none.
import { setTimeout as sleep } from 'node:timers/promises'
import { ContextError } from 'user-execution-context'
import { describe, expect, it } from 'vitest'
import {
  inProcessEventLog,
  openGoldenPath,
  parseLimits,
  type Agent,
  type Awaitable,
  type EventLog,
  type EventWriter,
  type LoggedEvent,
} from '../../../src/index.ts'
import { RecordingTransport } from '../recording-transport.ts'
import { never, newContext, newGate } from '../run-agent.ts'

const speak: Agent = async function* () {
  yield { type: 'agent_thinking', text: 'a' }
  yield { type: 'agent_message_delta', text: 'b' }
}
/** A log that does something else with an event first, or instead. */
const appending = (append: (event: LoggedEvent, store: () => Awaitable<void>) => Awaitable<void>): EventLog => {
  const log = inProcessEventLog(parseLimits())
  const toWriter = (writer: EventWriter): EventWriter => ({
    ...writer,
    append: (event) => append(event, () => writer.append(event)),
    reopen: async () => toWriter(await writer.reopen()),
  })
  return {
    ...log,
    openWriter: async (key) => toWriter(await log.openWriter(key)),
  }
}
const rejecting = async (): Promise<never> => {
  throw new Error('the log is away')
}
const throwing = (): never => {
  throw new Error('the log is away')
}
/** A log whose n-th append fails. */
const failing = (nth: number, fail: () => Awaitable<void> = rejecting): EventLog => {
  let count = 0
  return appending((_event, store) => (++count === nth ? fail() : store()))
}
const open = async (eventLog: EventLog, agent: Agent = speak, limits = {}) => {
  const errors: unknown[] = []
  const goldenPath = openGoldenPath({
    agent,
    eventLog,
    onError: (error) => errors.push(error),
    limits: { cleanupTimeMs: 200, ...limits },
  })
  const context = newContext()
  const transport = new RecordingTransport()
  // A loop that never lets go would end the process, not the test.
  let sends = 0
  const send = transport.send.bind(transport)
  transport.send = (text, position) => {
    if (++sends > 100) throw new Error('The same again and again')
    send(text, position)
  }
  const connection = goldenPath.connect(context, transport, { runs: 'requested' })
  const run = await goldenPath.execute(context, { text: 'go' })
  return { goldenPath, context, transport, connection, run, errors, delivered: goldenPath.deliver(run, connection) }
}
const within = (end: Promise<unknown>, timeMs = 10_000) => Promise.race([end, sleep(timeMs, 'nothing')])

const end = /^agent_(failed|completed)$/

describe('a log that fails for a moment', () => {
  for (const [how, fail] of [
    ['rejects', rejecting],
    ['throws', throwing],
  ] as const) {
    it.each([2, 3, 4])(`gives a run without holes and with one end when append %i ${how}`, async (nth) => {
      const { goldenPath, transport, delivered } = await open(failing(nth, fail))
      expect(await within(delivered)).toBe('completed')
      expect(transport.sequences).toEqual(transport.sequences.map((_, index) => index + 1))
      expect(transport.types.at(-1)).toMatch(end)
      await goldenPath.close()
    })
  }

  it.each([
    ['the call of a tool', 2, ['agent_started', 'agent_failed']],
    ['the result of a tool', 3, ['agent_started', 'tool_executing', 'tool_completed', 'agent_failed']],
  ] as const)('pairs calls and results in a run when it does not take %s', async (_what, nth, types) => {
    const { goldenPath, transport, delivered } = await open(failing(nth), async function* () {
      yield { type: 'tool_executing', toolCallId: 'a', toolName: 'add', input: 1 }
      yield { type: 'tool_completed', toolCallId: 'a', toolName: 'add', output: 2 }
    })
    expect(await within(delivered)).toBe('completed')
    expect(transport.types).toEqual(types)
    await goldenPath.close()
  })

  it('tells the operator of an end that it took only when it was asked again', async () => {
    const { goldenPath, transport, delivered, errors } = await open(failing(4))
    expect(await within(delivered)).toBe('completed')
    expect(transport.types.at(-1)).toBe('agent_completed')
    expect(errors).toMatchObject([{ message: 'the log is away' }])
    await goldenPath.close()
  })

  it('closes a reader whom it cannot follow a run for, and tells the operator', async () => {
    const { goldenPath, transport, delivered, errors } = await open({
      ...inProcessEventLog(parseLimits()),
      follow: rejecting,
    })
    expect(await within(delivered)).toBe('closed')
    expect(transport.closes).toMatchObject([{ code: 1011 }])
    expect(errors).toMatchObject([{ message: 'the log is away' }])
    await goldenPath.close()
  })

  it.each(['follow', 'read'])(
    'asks a reader to come again when %s says that the log is not available',
    async (name) => {
      const away = (): Promise<never> => Promise.reject(new ContextError('ERR_CONTEXT_DATABASE_UNAVAILABLE'))
      const { goldenPath, transport, delivered } = await open({ ...inProcessEventLog(parseLimits()), [name]: away })
      expect(await within(delivered)).toBe('closed')
      expect(transport.closes).toMatchObject([{ code: 1013 }])
      await goldenPath.close()
    },
  )

  it('closes a reader whom it cannot read for, and tells the operator', async () => {
    const log = inProcessEventLog(parseLimits())
    let count = 0
    const { goldenPath, transport, connection, delivered, errors } = await open({
      ...log,
      read: (...parameters) => (++count === 1 ? rejecting() : log.read(...parameters)),
    })
    expect(await within(delivered)).toBe('closed')
    expect(connection.isClosed).toBe(true)
    expect(transport.closes).toMatchObject([{ code: 1011 }])
    expect(errors).toMatchObject([{ message: 'the log is away' }])
    await goldenPath.close()
  })

  it('closes a reader whom it cannot read for any more in the middle of a run', async () => {
    const log = inProcessEventLog(parseLimits())
    const gate = newGate()
    let isAway = false
    const { goldenPath, transport, delivered } = await open(
      {
        ...log,
        // It does not tell of the thought, which has to be read when the next event comes.
        follow: (key, listener) => log.follow(key, (event) => event.type === 'agent_thinking' || listener(event)),
        read: (...parameters) => (isAway ? rejecting() : log.read(...parameters)),
      },
      async function* (...given) {
        await gate.opened
        yield* speak(...given)
      },
    )
    await sleep(20)
    expect(transport.types).toEqual(['agent_started'])
    isAway = true
    gate.open()
    expect(await within(delivered)).toBe('closed')
    expect(transport.closes).toMatchObject([{ code: 1011 }])
    await goldenPath.close()
  })
})

describe('a log that answers with other events than it was asked for', () => {
  type Answer = (all: readonly LoggedEvent[], afterSequence: number) => readonly LoggedEvent[]
  const openAnswering = async (answer: Answer) => {
    const stored: LoggedEvent[] = []
    let reads = 0
    const opened = await open({
      ...appending((event, store) => {
        stored.push(event)
        return store()
      }),
      read: async (_key, { sequence }) => {
        if (++reads > 100) throw new Error('The same again and again')
        const lastSequence = stored.at(-1)?.sequence ?? 0
        return { events: answer(stored, sequence), epoch: 1, firstSequence: 1, lastSequence }
      },
    })
    await within(opened.delivered)
    const { goldenPath, context, run } = opened
    const reader = new RecordingTransport()
    const deliver = (lastSequence: number) =>
      goldenPath.deliver(run, goldenPath.connect(context, reader, { runs: 'requested' }), { lastSequence })
    return { goldenPath, reader, deliver }
  }

  it('sends nothing twice that was read already', async () => {
    const { goldenPath, reader, deliver } = await openAnswering((all) => all)
    expect(await within(deliver(2))).toBe('completed')
    expect(reader.sequences).toEqual([3, 4])
    await goldenPath.close()
  })

  it('sends all that there is of a run with a hole, and comes to its end', async () => {
    const { goldenPath, reader, deliver } = await openAnswering((all, afterSequence) =>
      all.filter(({ sequence }) => sequence !== 2).slice(afterSequence),
    )
    expect(await within(deliver(0))).toBe('completed')
    expect(reader.sequences).toEqual([1, 3, 4])
    await goldenPath.close()
  })
})

describe('a log that takes its time', () => {
  it('is given one event at a time when the run is cancelled meanwhile', async () => {
    const [asked, released] = [newGate(), newGate()]
    const given: number[] = []
    let [pending, most] = [0, 0]
    const { goldenPath, context, run, transport, delivered } = await open(
      appending(async (event, store) => {
        given.push(event.sequence)
        most = Math.max(most, ++pending)
        if (event.type === 'agent_thinking') {
          asked.open()
          await released.opened
        }
        await store()
        pending--
      }),
      speak,
      { cleanupTimeMs: 10_000 },
    )
    await asked.opened
    await goldenPath.cancel(context, run.runId)
    await sleep(20)
    expect(given).toEqual([1, 2])
    released.open()
    expect(await within(delivered)).toBe('completed')
    expect(most).toBe(1)
    expect(transport.types).toEqual(['agent_started', 'agent_thinking', 'agent_cancelled'])
    await goldenPath.close()
  })

  it('is given no number twice when it refuses an event after the end was begun', async () => {
    const [asked, late, closing] = [newGate(), newGate(), newGate()]
    const given: string[] = []
    const { goldenPath, context, run } = await open(
      appending(async (event, store) => {
        given.push(`${event.epoch}.${event.sequence} ${event.type}`)
        if (event.type === 'agent_thinking') {
          asked.open()
          await late.opened
          throw new Error('the log is away')
        }
        if (event.type === 'tool_completed') {
          late.open()
          await closing.opened
        }
        await store()
      }),
      async function* () {
        yield { type: 'tool_executing', toolCallId: 'a', toolName: 'add', input: 1 }
        yield { type: 'agent_thinking', text: 'a' }
      },
      { cleanupTimeMs: 20 },
    )
    await asked.opened
    await goldenPath.cancel(context, run.runId)
    await late.opened
    await sleep(20)
    closing.open()
    await goldenPath.close()
    expect(given).toEqual([
      '1.1 agent_started',
      '1.2 tool_executing',
      '1.3 agent_thinking',
      '2.3 tool_completed',
      '2.4 agent_cancelled',
    ])
  })

  it('is waited for no longer than cleanupTimeMs when the run is cancelled', async () => {
    const asked = newGate()
    const given: string[] = []
    const { goldenPath, context, run, errors } = await open(
      appending((event, store) => {
        given.push(event.type)
        if (event.type !== 'agent_thinking') return store()
        asked.open()
        return never()
      }),
      speak,
      { cleanupTimeMs: 20 },
    )
    await asked.opened
    await goldenPath.cancel(context, run.runId)
    expect(await within(goldenPath.close().then(() => 'closed'))).toBe('closed')
    expect(given).toEqual(['agent_started', 'agent_thinking', 'agent_cancelled'])
    expect(errors).toMatchObject([{ code: 'ERR_CONTEXT_SCOPE_TIMEOUT' }])
  })
})
