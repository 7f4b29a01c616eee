// What a golden path tells of its work, and that whoever listens can take nothing with them.
import { describe, expect, it } from 'vitest'
import { createForUser, isUserExecutionContext } from 'user-execution-context'
import { openGoldenPath, type Agent, type GoldenPathEvent, type GoldenPathOptions } from '../../src/index.ts'
import { newUser } from '../users.ts'
import { RecordingTransport } from './recording-transport.ts'

const agent: Agent = async function* (_scope, { text }) {
  yield { type: 'agent_message_delta', text }
}
const traceParent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`

/** Runs one run over one connection, reads it on after a cut, and closes. Gives what was told. */
const tell = async (options: Partial<GoldenPathOptions> = {}): Promise<readonly GoldenPathEvent[]> => {
  const events: GoldenPathEvent[] = []
  const goldenPath = openGoldenPath({ agent, observe: (event) => events.push(event), ...options })
  const context = createForUser(newUser('alice'))
  const transport = Object.assign(new RecordingTransport(), { address: '192.0.2.1' })
  const connection = goldenPath.connect(context, transport)
  const run = await goldenPath.execute(context, { text: 'hi' })
  await expect.poll(() => transport.types).toContain('agent_completed')
  connection.release()
  const again = goldenPath.connect(context, new RecordingTransport(), { runs: 'requested' })
  await goldenPath.deliver(run, again, { lastSequence: 1 })
  await goldenPath.close()
  return events
}

describe('observe', () => {
  it('hears of runs, connections and clients that come back, with their contexts, in order', async () => {
    const events = await tell()
    expect(events.map(({ type }) => type)).toEqual([
      'golden-path-opened',
      'connection-opened',
      'run-queued',
      'run-started',
      'run-ended',
      'connection-closed',
      'connection-opened',
      'client-resumed',
      'connection-closed',
      'golden-path-closed',
    ])
    for (const event of events) if ('context' in event) expect(isUserExecutionContext(event.context)).toBe(true)
    expect(events[1]).toMatchObject({ address: '192.0.2.1' })
    expect(events[3]).toMatchObject({ waitedMs: expect.any(Number) as number, traceParent: undefined })
    expect(events[4]).toMatchObject({ outcome: 'completed', code: undefined, reason: undefined })
    expect(events[5]).toMatchObject({ address: '192.0.2.1', closeCode: undefined })
    expect(events[8]).toMatchObject({ address: undefined, closeCode: 1001 })
  })

  it('can ask how many events were delivered and how many runs wait', async () => {
    const [opened] = await tell()
    const { figures } = opened as Extract<GoldenPathEvent, { readonly figures: unknown }>
    // Start, text and end to the first connection; text and end to the one that came back.
    expect([figures.eventsDelivered(), await figures.runsWaiting()]).toEqual([5, 0])
  })

  it.each([
    [
      'throws',
      () => {
        throw new Error('no room')
      },
    ],
    ['rejects', (async () => Promise.reject(new Error('no room'))) as () => void],
  ])('takes nothing with it when it %s', async (_what, observe) => {
    await tell({ observe })
  })

  it.each(['observe', 'traceRun'])('is refused where %s is no function', (path) => {
    expect(() => openGoldenPath({ agent, [path]: 'yes' } as never)).toThrow(
      expect.objectContaining({ issues: [{ path, kind: 'not a function' }] }),
    )
  })
})

describe('traceRun', () => {
  const started = async (traceRun: GoldenPathOptions['traceRun']) =>
    (await tell({ traceRun })).find(({ type }) => type === 'run-started')

  it('gives the worker of a run its trace', async () => {
    expect(await started(() => traceParent)).toMatchObject({ traceParent })
  })

  it.each<[string, GoldenPathOptions['traceRun']]>([
    ['nothing', () => undefined],
    ['what is no traceparent', () => 'user alice'],
    ['one with more behind it', () => `${traceParent}\nalice`],
    ['no text', () => ({}) as never],
    [
      'an error',
      () => {
        throw new Error('no tracer')
      },
    ],
  ])('that gives %s keeps no run from starting, and hands nothing on', async (_what, traceRun) => {
    expect(await started(traceRun)).toMatchObject({ traceParent: undefined })
  })
})
