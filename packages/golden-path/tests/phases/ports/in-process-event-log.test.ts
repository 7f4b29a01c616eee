import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import {
  inProcessEventLog,
  openGoldenPath,
  parseLimits,
  type Agent,
  type EventLog,
  type Limits,
  type RunRecord,
} from '../../../src/index.ts'
import { lateEventLog } from '../late-ports.ts'
import { eventLogContract, retentionContract } from '../../../src/contracts.ts'
import { newEvent, newRecord } from '../../../src/contracts/log-samples.ts'
import { RecordingTransport } from '../recording-transport.ts'
import { newContext } from '../run-agent.ts'

describe.each([
  ['inProcessEventLog', () => inProcessEventLog(parseLimits())],
  ['an event log that answers later', () => lateEventLog(inProcessEventLog(parseLimits()))],
])('%s keeps the contract of an event log', (_name, openLog) => {
  it.each(eventLogContract(openLog))('$name', ({ run }) => run())
})

describe('inProcessEventLog keeps the contract of a log that trims', () => {
  const cases = retentionContract(({ eventsPerRun, runsPerUser }) =>
    open({ loggedEventsPerRun: eventsPerRun, retainedRunsPerUser: runsPerUser }),
  )
  it.each(cases)('$name', ({ run }) => run())
})

const open = (changes: Partial<Limits>): EventLog => inProcessEventLog(parseLimits(changes))

const runToEnd = async (log: EventLog, run: RunRecord, pieces = 1): Promise<void> => {
  await log.create(run)
  const writer = await log.openWriter(run)
  for (let sequence = 1; sequence <= pieces; sequence++) await writer.append(newEvent(sequence))
  await writer.append(newEvent(pieces + 1, 'agent_completed'))
}

const smallHeap = fileURLToPath(new URL('small-heap.mjs', import.meta.url))

describe('inProcessEventLog', () => {
  it('trims the oldest events of a run beyond loggedEventsPerRun and says from where it holds them', async () => {
    const log = open({ loggedEventsPerRun: 3 })
    const run = newRecord('alice')
    await runToEnd(log, run, 9)
    expect(await log.read(run, { epoch: 1, sequence: 0 }, 100)).toMatchObject({ firstSequence: 8, lastSequence: 10 })
    expect((await log.read(run, { epoch: 1, sequence: 0 }, 100)).events.map(({ sequence }) => sequence)).toEqual([
      8, 9, 10,
    ])
  })

  it('reads right after thousands of trimmed events', async () => {
    const log = open({ loggedEventsPerRun: 5 })
    const run = newRecord('alice')
    await runToEnd(log, run, 5_000)
    expect((await log.read(run, { epoch: 1, sequence: 4_998 }, 100)).events.map(({ sequence }) => sequence)).toEqual([
      4_999, 5_000, 5_001,
    ])
  })

  it('forgets the oldest run of a user who has more than retainedRunsPerUser that ended', async () => {
    const log = open({ retainedRunsPerUser: 2 })
    const runs = [newRecord('alice'), newRecord('alice'), newRecord('alice')]
    const other = newRecord('bob')
    await runToEnd(log, other)
    for (const run of runs) await runToEnd(log, run)
    expect(await log.list('alice')).toEqual(runs.slice(1))
    expect(await log.find(other)).toEqual(other)
  })

  it('forgets the oldest run of all beyond retainedRuns, and none that still executes', async () => {
    const log = open({ retainedRuns: 2 })
    const executing = newRecord('alice')
    await log.create(executing)
    await log.openWriter(executing)
    const runs = [newRecord('a'), newRecord('b'), newRecord('c')]
    for (const run of runs) await runToEnd(log, run)
    expect(await log.find(runs[0]!)).toBeUndefined()
    expect(await log.find(runs[1]!)).toEqual(runs[1])
    expect(await log.find(executing)).toEqual(executing)
  })

  it('at loggedBytes gives up ended runs first, then the oldest events of the run that writes', async () => {
    const log = open({ loggedBytes: 1_000 })
    const [ended, executing] = [newRecord('alice'), newRecord('bob')]
    await runToEnd(log, ended)
    await log.create(executing)
    const writer = await log.openWriter(executing)
    for (let sequence = 1; sequence <= 100; sequence++) await writer.append(newEvent(sequence))
    expect(await log.find(ended)).toBeUndefined()
    const { events, firstSequence } = await log.read(executing, { epoch: 1, sequence: 0 }, 1_000)
    expect(firstSequence).toBeGreaterThan(1)
    expect(events.at(-1)?.sequence).toBe(100)
    expect(events.reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThanOrEqual(1_000)
  })

  // The form in V8, and not in UTF-8, is what fills the heap; and each event costs more than its text.
  it.each(['emoji', 'latin', 'small'])('fits a process whose heap is small: %s', (kind) => {
    const output = execFileSync(process.execPath, ['--max-old-space-size=40', smallHeap, kind], { encoding: 'utf8' })
    const heldOfUsers = JSON.parse(output) as readonly number[]
    expect(Math.min(...heldOfUsers)).toBeGreaterThan(0)
    expect(Math.max(...heldOfUsers)).toBeLessThan(100)
  })

  it('counts the events of a run that starts while the end of another is told', async () => {
    const agent: Agent = async function* () {
      yield { type: 'agent_message_delta', text: 'x' }
    }
    const goldenPath = openGoldenPath({ agent, limits: { loggedBytes: 20_000 } })
    const transport = new RecordingTransport()
    const text = 'x'.repeat(2_000)
    const send = transport.send.bind(transport)
    transport.send = (message, position) => {
      send(message, position)
      if (transport.events.at(-1)?.type === 'agent_completed' && transport.events.length < 240)
        void goldenPath.execute(newContext(), { text })
    }
    goldenPath.connect(newContext(), transport)
    await goldenPath.execute(newContext(), { text })
    while (transport.events.length < 240) await new Promise(setImmediate)
    expect((await goldenPath.listRuns(newContext())).length * text.length).toBeLessThan(20_000)
    await goldenPath.close()
  })

  it('refuses the events of a run that was discarded while it executed', async () => {
    const log = inProcessEventLog(parseLimits())
    const record = newRecord('alice')
    await log.create(record)
    const writer = await log.openWriter(record)
    await log.discard(record)
    expect(() => writer.append(newEvent(1))).toThrow(expect.objectContaining({ code: 'ERR_CONTEXT_RUN_NOT_FOUND' }))
  })
})
