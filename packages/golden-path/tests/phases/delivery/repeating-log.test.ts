// A log that tells of events more than once, or reads more than was asked for: each event is sent once, in order.
import { describe, expect, it } from 'vitest'
import { toOwnerKey } from 'user-execution-context'
import { inProcessEventLog, openGoldenPath, parseLimits, type Agent, type EventLog } from '../../../src/index.ts'
import { RecordingTransport } from '../recording-transport.ts'
import { newContext, newGate, runAgent } from '../run-agent.ts'

const inProcess = inProcessEventLog(parseLimits())
const tellingTwice: EventLog = {
  ...inProcess,
  follow: (key, listener) =>
    inProcess.follow(key, (event) => {
      listener(event)
      listener(event)
    }),
}
const tellingAllAgain: EventLog = {
  ...inProcess,
  follow: async (key, listener) =>
    inProcess.follow(key, (event) => {
      void Promise.resolve(inProcess.read(key, { epoch: 1, sequence: 0 }, 1000)).then(({ events }) =>
        events.forEach(listener),
      )
      listener(event)
    }),
}
const readingFromTheStart: EventLog = {
  ...inProcess,
  read: (key, _after, maxEvents) => inProcess.read(key, { epoch: 1, sequence: 0 }, maxEvents),
}

describe.each([
  ['tells of each event twice', tellingTwice],
  ['tells of all events again with each', tellingAllAgain],
  ['reads from the start of the run, wherever it is asked to begin', readingFromTheStart],
])('a log that %s', (_what, eventLog) => {
  it.each([
    ['from the start', 0],
    ['from the middle', 2],
  ])('has each event sent once and in order, to a reader %s', async (_where, lastSequence) => {
    const gate = newGate()
    const speak: Agent = async function* () {
      yield { type: 'agent_message_delta', text: 'a' }
      yield { type: 'agent_message_delta', text: 'b' }
      await gate.opened
      yield { type: 'agent_message_delta', text: 'c' }
      yield { type: 'agent_message_delta', text: 'd' }
    }
    const goldenPath = openGoldenPath({ agent: speak, eventLog })
    const context = newContext()
    const transport = new RecordingTransport()
    // A delivery that never ends would end the process, not the test.
    const send = transport.send.bind(transport)
    transport.send = (text, position) => {
      if (transport.events.length > 50) throw new Error('The same again and again')
      send(text, position)
    }
    const connection = goldenPath.connect(context, transport, { runs: 'requested' })
    const run = await goldenPath.execute(context, { text: 'go' })
    await expect
      .poll(
        async () =>
          (await inProcess.read({ ownerKey: toOwnerKey(context), runId: run.runId }, { epoch: 1, sequence: 0 }, 9))
            .lastSequence,
      )
      .toBe(3)
    const delivered = goldenPath.deliver(run, connection, { lastSequence })
    setTimeout(gate.open, 20)
    expect(await delivered).toBe('completed')
    expect(transport.sequences).toEqual([1, 2, 3, 4, 5, 6].filter((sequence) => sequence > lastSequence))
  })
})

describe('a log that tells of each event twice', () => {
  it('is not read again for what it repeats', async () => {
    const countReads = async (log: EventLog): Promise<number> => {
      let reads = 0
      const read: EventLog['read'] = (...given) => {
        reads++
        return log.read(...given)
      }
      const speak: Agent = async function* () {
        for (let count = 0; count < 50; count++) yield { type: 'agent_message_delta', text: 'a' }
      }
      await runAgent(speak, { eventLog: { ...log, read } })
      return reads
    }
    expect(await countReads(tellingTwice)).toBe(await countReads(inProcess))
  })
})
