// A log that fails for good or never answers: no reader and no close() waits without an end, and no place stays taken.
import { setTimeout as sleep } from 'node:timers/promises'
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
import { never, newContext } from '../run-agent.ts'

const speak: Agent = async function* () {
  yield { type: 'agent_message_delta', text: 'a' }
}
const limits = { logTimeMs: 60, cleanupTimeMs: 60, concurrentRunsPerUser: 1 }
/** Far above all bounds together, far below `runTimeMs`. */
const bounded = (work: Promise<unknown>) => Promise.race([work, sleep(5_000, 'nothing in time')])
const ways: readonly (readonly [string, () => Awaitable<never>])[] = [
  ['never settles', never],
  ['rejects', async () => await Promise.reject(new Error('the log is away'))],
  [
    'throws',
    () => {
      throw new Error('the log is away')
    },
  ],
]
type Stage = 'openWriter' | 'the start' | 'a piece' | 'the end'
const stages: readonly Stage[] = ['openWriter', 'the start', 'a piece', 'the end']
const isOf = (stage: Stage, { type }: LoggedEvent): boolean =>
  stage === 'the start' ? type === 'agent_started' : stage === 'the end' ? type === 'agent_completed' : true

/** A log that is away from a stage of its first run on, for that run. */
const awayFrom = (stage: Stage, fail: () => Awaitable<never>): EventLog => {
  const log = inProcessEventLog(parseLimits())
  let first: string | undefined
  return {
    ...log,
    openWriter: (key) => {
      first ??= key.runId
      if (key.runId !== first) return log.openWriter(key)
      if (stage === 'openWriter') return fail()
      const opened = log.openWriter(key) as EventWriter
      let isAway = false
      return {
        ...opened,
        reopen: fail,
        append: (event) => {
          isAway ||= stage === 'a piece' ? event.sequence > 1 : isOf(stage, event)
          return isAway ? fail() : opened.append(event)
        },
      }
    },
  }
}
const open = (eventLog: EventLog, agent = speak) => {
  const errors: unknown[] = []
  const goldenPath = openGoldenPath({ agent, eventLog, limits, onError: (error) => errors.push(error) })
  const connect = () => {
    const transport = new RecordingTransport()
    return { transport, connection: goldenPath.connect(newContext(), transport, { runs: 'requested' }) }
  }
  return { goldenPath, errors, connect }
}
const failedCode = { type: 'error', code: 'ERR_CONTEXT_EVENT_LOG_FAILED' }

describe.each(ways)('a log that %s', (how, fail) => {
  it.each(stages)(
    'at %s ends the readers of its run, now and later, and gives the place of the run back',
    async (stage) => {
      const { goldenPath, errors, connect } = open(awayFrom(stage, fail))
      const { transport, connection } = connect()
      const run = await goldenPath.execute(newContext(), { text: 'go' })
      expect(await bounded(goldenPath.deliver(run, connection))).toBe('lost')
      expect(transport.messages.at(-1)).toMatchObject({ ...failedCode, runId: run.runId })
      expect(connection.isClosed).toBe(false)
      expect(errors.length).toBeGreaterThan(0)
      const later = connect()
      expect(await bounded(goldenPath.deliver(run, later.connection))).toBe('lost')
      expect(later.transport.types).toEqual(transport.types)
      const next = await goldenPath.execute(newContext(), { text: 'go' })
      expect(await bounded(goldenPath.deliver(next, connection))).toBe('completed')
      expect(await bounded(goldenPath.close().then(() => 'closed'))).toBe('closed')
    },
  )

  it.each(stages)('at %s keeps a golden path that closes waiting for a bounded time', async (stage) => {
    const { goldenPath } = open(awayFrom(stage, fail))
    await goldenPath.execute(newContext(), { text: 'go' })
    expect(await bounded(goldenPath.close({ finishMs: 100 }).then(() => 'closed'))).toBe('closed')
  })

  it('when it is asked to file a run refuses the start', async () => {
    const { goldenPath } = open({ ...inProcessEventLog(parseLimits()), create: fail })
    await expect(bounded(goldenPath.execute(newContext(), { text: 'go' }))).rejects.toThrow()
    await goldenPath.close()
  })

  it.each(['read', 'follow'] as const)('at %s closes the reader, who can come back', async (name) => {
    const { goldenPath, connect } = open({ ...inProcessEventLog(parseLimits()), [name]: fail })
    const { transport, connection } = connect()
    const run = await goldenPath.execute(newContext(), { text: 'go' })
    expect(await bounded(goldenPath.deliver(run, connection))).toBe('closed')
    // Of an answer that is late it is known that the log is away.
    expect(transport.closes).toMatchObject([{ code: how === 'never settles' ? 1013 : 1011 }])
    await goldenPath.close()
  })

  it.each(['find', 'list'] as const)('at %s answers the question', async (name) => {
    const { goldenPath } = open({ ...inProcessEventLog(parseLimits()), [name]: async () => fail() })
    const run = await goldenPath.execute(newContext(), { text: 'go' })
    const question = name === 'find' ? goldenPath.findRun(newContext(), run.runId) : goldenPath.listRuns(newContext())
    await expect(bounded(question)).rejects.toThrow()
    await goldenPath.close()
  })

  it('when it is closed does not keep the process waiting', async () => {
    const { goldenPath } = open({ ...inProcessEventLog(parseLimits()), close: async () => fail() })
    await expect(bounded(goldenPath.close())).rejects.toThrow()
  })
})

describe('a log that takes the end only after it was given up', () => {
  it('gives the end to a reader who comes back', async () => {
    const log = inProcessEventLog(parseLimits())
    const late: (() => void)[] = []
    const toWriter = (writer: EventWriter): EventWriter => ({
      ...writer,
      append: (event) => {
        if (event.type !== 'agent_completed') return writer.append(event)
        return new Promise<void>((resolve) => late.push(() => resolve(writer.append(event))))
      },
      reopen: () => toWriter(writer.reopen() as EventWriter),
    })
    const { goldenPath, connect } = open({
      ...log,
      openWriter: (key) => toWriter(log.openWriter(key) as EventWriter),
    })
    const run = await goldenPath.execute(newContext(), { text: 'go' })
    expect(await bounded(goldenPath.deliver(run, connect().connection))).toBe('lost')
    late.at(-1)!()
    const { transport, connection } = connect()
    expect(await bounded(goldenPath.deliver(run, connection))).toBe('completed')
    expect(transport.types).toEqual(['agent_started', 'agent_message_delta', 'agent_completed'])
    await goldenPath.close()
  })
})

describe('runs whose end is lost', () => {
  it('are remembered no longer than the log holds runs', async () => {
    const log = inProcessEventLog(parseLimits())
    const goldenPath = openGoldenPath({
      agent: speak,
      eventLog: { ...log, openWriter: () => Promise.reject(new Error('the log is away')) },
      limits: { ...limits, retainedRuns: 1, concurrentRunsPerUser: 3 },
    })
    const runs = await Promise.all([1, 2].map(() => goldenPath.execute(newContext(), { text: 'go' })))
    const transport = new RecordingTransport()
    const connection = goldenPath.connect(newContext(), transport, { runs: 'requested' })
    await bounded(Promise.all(runs.map((run) => goldenPath.deliver(run, connection))))
    expect(await Promise.race([goldenPath.deliver(runs[0]!, connection), sleep(100, 'waits')])).toBe('waits')
    expect(await goldenPath.deliver(runs[1]!, connection)).toBe('lost')
    await goldenPath.close()
  })
})
