// A log that fails for a moment, or takes its time: no run may have a hole, two ends or none.
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { inProcessEventLog, openGoldenPath, parseLimits, type Agent, type EventLog, type LoggedEvent } from '../../src/golden-path.ts'
import { RecordingTransport } from './recording-transport.ts'
import { newContext } from './run-agent.ts'

const speak: Agent = async function* () {
  yield { type: 'agent_thinking', text: 'a' }
  yield { type: 'agent_message_delta', text: 'b' }
}
/** A log whose n-th append fails. */
const failing = (nth: number): EventLog => {
  const log = inProcessEventLog(parseLimits())
  let count = 0
  return { ...log, openWriter: async (key) => {
    const writer = await log.openWriter(key)
    return { append: async (event) => {
      if (++count === nth) throw new Error('the log is away')
      return writer.append(event)
    } }
  } }
}
const open = async (eventLog: EventLog, agent: Agent = speak, limits = {}) => {
  const errors: unknown[] = []
  const goldenPath = openGoldenPath({ agent, eventLog, onError: (error) => errors.push(error), limits: { cleanupTimeMs: 200, ...limits } })
  const context = newContext()
  const transport = new RecordingTransport()
  // A loop that never lets go would end the process, not the test.
  let sends = 0
  const send = transport.send.bind(transport)
  transport.send = (text, sequence) => {
    if (++sends > 100) throw new Error('The same again and again')
    send(text, sequence)
  }
  const connection = goldenPath.connect(context, transport, { runs: 'requested' })
  const run = await goldenPath.execute(context, { text: 'go' })
  return { goldenPath, context, transport, connection, run, errors, delivered: goldenPath.deliver(run, connection) }
}
const within = (end: Promise<unknown>, timeMs = 1_500) => Promise.race([end, sleep(timeMs, 'nothing')])

describe('a log that fails for a moment', () => {
  it.each([2, 3, 4])('gives a run without holes and with one end when append %i fails', async (nth) => {
    const { goldenPath, transport, delivered } = await open(failing(nth))
    expect(await within(delivered)).toBe('completed')
    expect(transport.sequences).toEqual(transport.sequences.map((_, index) => index + 1))
    expect(transport.types.at(-1)).toMatch(/^agent_(failed|completed)$/)
    await goldenPath.close()
  })
  it('closes a reader whom it cannot read for, and tells the operator', async () => {
    const log = inProcessEventLog(parseLimits())
    let count = 0
    const { goldenPath, connection, delivered, errors } = await open({ ...log, read: async (...key) => {
      if (++count === 1) throw new Error('the log is away')
      return log.read(...key)
    } })
    expect(await within(delivered)).toBe('closed')
    expect(connection.isClosed).toBe(true)
    expect(errors).toMatchObject([{ message: 'the log is away' }])
    await goldenPath.close()
  })
})

describe('a log that takes its time', () => {
  it('is given one event at a time when the run is cancelled meanwhile', async () => {
    const log = inProcessEventLog(parseLimits())
    const stored: LoggedEvent[] = []
    let pending = 0
    let most = 0
    const { goldenPath, context, run, delivered } = await open({ ...log, openWriter: async (key) => {
      const writer = await log.openWriter(key)
      return { append: async (event) => {
        most = Math.max(most, ++pending)
        await sleep(event.type === 'agent_thinking' ? 60 : 1)
        stored.push(event)
        await writer.append(event)
        pending--
      } }
    } })
    await sleep(25)
    await goldenPath.cancel(context, run.runId)
    await within(delivered)
    expect(most).toBe(1)
    expect(stored.map(({ sequence }) => sequence)).toEqual([1, 2, 3])
    await goldenPath.close()
  })
})
