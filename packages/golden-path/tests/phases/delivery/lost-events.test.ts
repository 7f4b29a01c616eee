// A client that saw events which a crash took from the log: it is told which, and gets what took their place.
import { describe, expect, it } from 'vitest'
import { toOwnerKey, type UserExecutionContext } from 'user-execution-context'
import { inProcessEventLog, openGoldenPath, parseLimits, type EventLog, type RunRecord } from '../../../src/index.ts'
import { newEvent } from '../../../src/contracts/log-samples.ts'
import { RecordingTransport } from '../recording-transport.ts'
import { newContext } from '../run-agent.ts'

const toRecord = (context: UserExecutionContext): RunRecord => {
  const { runId, threadId, requestId } = context
  return { ownerKey: toOwnerKey(context), runId, threadId, requestId, createdAtMs: 1 }
}
/** A run that the first writer left at 3 and a second one ended at 5; clients of the first saw 5 events of it. */
const open = async (toLog = (log: EventLog): EventLog => log) => {
  const inner = inProcessEventLog(parseLimits())
  const goldenPath = openGoldenPath({ agent: async function* () {}, eventLog: toLog(inner) })
  const context = newContext()
  const record = toRecord(context)
  await inner.create(record)
  const first = await inner.openWriter(record)
  for (const sequence of [1, 2, 3]) await first.append(newEvent(sequence))
  const run = (await goldenPath.findRun(context, context.runId))!
  const follow = async (position: { readonly epoch?: number; readonly lastSequence: number }) => {
    const transport = new RecordingTransport()
    const connection = goldenPath.connect(context, transport, { runs: 'requested' })
    const starts: unknown[] = []
    const delivered = goldenPath.deliver(run, connection, { ...position, onStart: (start) => starts.push(start) })
    return { transport, delivered, starts }
  }
  const takeUp = async () => {
    const second = await inner.openWriter(record)
    for (const [sequence, type] of [
      [4, 'agent_message_delta'],
      [5, 'agent_completed'],
    ] as const)
      await second.append(newEvent(sequence, type, 2))
  }
  return { inner, record, goldenPath, follow, takeUp }
}
const positions = ({ events }: RecordingTransport) => events.map(({ epoch, sequence }) => `${epoch}.${sequence}`)
const gaps = ({ messages }: RecordingTransport) => messages.filter(({ type }) => type === 'resume_gap')

describe('deliver to a client of an older epoch', () => {
  it('says which of its events are lost, and sends what took their place', async () => {
    const { follow, takeUp, goldenPath } = await open()
    await takeUp()
    const { transport, delivered, starts } = await follow({ epoch: 1, lastSequence: 5 })
    expect(await delivered).toBe('completed')
    expect(gaps(transport)).toMatchObject([{ epoch: 1, fromSequence: 4, toSequence: 5, reason: 'lost' }])
    expect(positions(transport)).toEqual(['2.4', '2.5'])
    expect(starts).toEqual([{ epoch: 1, lastSequence: 3, hasEnded: false }])
    await goldenPath.close()
  })

  it.each([0, 2, 3])('says of no gap when it has %i events, all of them held', async (lastSequence) => {
    const { follow, takeUp, goldenPath } = await open()
    await takeUp()
    const { transport, delivered } = await follow({ epoch: 1, lastSequence })
    expect(await delivered).toBe('completed')
    expect(gaps(transport)).toEqual([])
    expect(positions(transport)).toEqual(['1.1', '1.2', '1.3', '2.4', '2.5'].slice(lastSequence))
    await goldenPath.close()
  })

  it('takes a number without an epoch for one of the first', async () => {
    const { follow, takeUp, goldenPath } = await open()
    await takeUp()
    const { transport, delivered } = await follow({ lastSequence: 4 })
    expect(await delivered).toBe('completed')
    expect(gaps(transport)).toMatchObject([{ epoch: 1, fromSequence: 4, toSequence: 4, reason: 'lost' }])
    expect(positions(transport)).toEqual(['2.4', '2.5'])
    await goldenPath.close()
  })

  it('goes on without a gap for a client of the newest epoch', async () => {
    const { follow, takeUp, goldenPath } = await open()
    await takeUp()
    const { transport, delivered } = await follow({ epoch: 2, lastSequence: 4 })
    expect(await delivered).toBe('completed')
    expect(gaps(transport)).toEqual([])
    expect(positions(transport)).toEqual(['2.5'])
    await goldenPath.close()
  })
})

describe('deliver to a client that listens while a crash takes events', () => {
  it('says which, in the middle of the delivery, and sends what took their place', async () => {
    // It tells of two events that the log does not have: they were told of before they were on disk.
    const listeners: ((event: ReturnType<typeof newEvent>) => void)[] = []
    const { follow, takeUp, goldenPath } = await open((log) => ({
      ...log,
      follow: (key, listener) => {
        listeners.push(listener)
        return log.follow(key, listener)
      },
    }))
    const { transport, delivered } = await follow({ lastSequence: 0 })
    await expect.poll(() => transport.sequences.length).toBe(3)
    for (const sequence of [4, 5]) listeners[0]!(newEvent(sequence))
    await expect.poll(() => transport.sequences.length).toBe(5)
    await takeUp()
    expect(await delivered).toBe('completed')
    expect(gaps(transport)).toMatchObject([{ epoch: 1, fromSequence: 4, toSequence: 5, reason: 'lost' }])
    expect(positions(transport)).toEqual(['1.1', '1.2', '1.3', '1.4', '1.5', '2.4', '2.5'])
    await goldenPath.close()
  })
})
