/**
 * Who may write to a run, and what becomes of numbers that were given: cases of the contract of event logs.
 */
import { deepEqual, equal } from 'node:assert/strict'
import { runStart } from '../phases/ports/run-position.ts'
import { refusalOf, type ContractCase } from './contract-case.ts'
import { untilHeld, newEvent, newRecord, writeEvents, type NewLogCase } from './log-samples.ts'

const fenced = 'ERR_CONTEXT_WRITE_FENCED'

export const fencingCases = (newCase: NewLogCase): readonly ContractCase[] => [
  newCase('opens a run in epoch 1 without events, and says which request started it', async (log) => {
    const run = newRecord()
    await log.create(run)
    const { epoch, lastSequence, requestId } = await log.openWriter(run)
    deepEqual([epoch, lastSequence, requestId], [1, 0, run.requestId])
  }),
  newCase('raises the epoch with each writer, which goes on behind what is there', async (log) => {
    const run = await writeEvents(log, 3)
    const writer = await log.openWriter(run)
    deepEqual([writer.epoch, writer.lastSequence], [2, 3])
    await writer.append(newEvent(4, 'tool_executing', 2))
    const { events, epoch } = await log.read(run, { epoch: 1, sequence: 2 }, 10)
    deepEqual([events, epoch], [[newEvent(3), newEvent(4, 'tool_executing', 2)], 2])
  }),
  newCase('takes nothing from a writer that has been followed by another one', async (log) => {
    const run = newRecord()
    await log.create(run)
    const first = await log.openWriter(run)
    await first.append(newEvent(1, 'agent_started'))
    const second = await log.openWriter(run)
    for (const type of ['tool_executing', 'agent_completed'] as const)
      equal(await refusalOf(() => first.append(newEvent(2, type))), fenced)
    await second.append(newEvent(2, 'agent_completed', 2))
    deepEqual(
      (await log.read(run, runStart, 10)).events.map(({ type }) => type),
      ['agent_started', 'agent_completed'],
    )
  }),
  newCase('takes one end, and nothing behind it', async (log) => {
    const run = newRecord()
    await log.create(run)
    const writer = await log.openWriter(run)
    await writer.append(newEvent(1, 'agent_completed'))
    for (const type of ['agent_failed', 'tool_executing'] as const)
      equal(await refusalOf(() => writer.append(newEvent(2, type))), fenced)
    equal(await refusalOf(() => log.openWriter(run)), fenced)
    equal(await refusalOf(() => writer.reopen()), fenced)
    equal((await log.read(run, runStart, 10)).lastSequence, 1)
  }),
  newCase('takes an event that comes again as one, the end too', async (log) => {
    const run = newRecord()
    await log.create(run)
    const writer = await log.openWriter(run)
    for (const event of [newEvent(1, 'tool_executing'), newEvent(2, 'agent_failed')])
      for (let times = 0; times < 3; times++) await writer.append(event)
    equal((await log.read(run, runStart, 10)).events.length, 2)
  }),
  newCase('takes no other event of a number that is given, and leaves no hole', async (log) => {
    const run = newRecord()
    await log.create(run)
    const writer = await log.openWriter(run)
    await writer.append(newEvent(1, 'tool_executing'))
    await refusalOf(() => writer.append(newEvent(1, 'tool_completed')))
    const behind = await writer.reopen()
    await refusalOf(() => behind.append(newEvent(4, 'tool_completed', 2)))
    deepEqual((await log.read(run, runStart, 10)).events, [newEvent(1, 'tool_executing')])
  }),
  newCase('opens a run again for its writer, and not for one that was followed', async (log) => {
    const run = await writeEvents(log, 2)
    const writer = await log.openWriter(run)
    const again = await writer.reopen()
    deepEqual([again.epoch, again.lastSequence], [3, 2])
    equal(await refusalOf(() => writer.append(newEvent(3, 'tool_executing', 2))), fenced)
    await log.openWriter(run)
    equal(await refusalOf(() => again.reopen()), fenced)
  }),
  newCase('says what is lost to a client that stands behind what an epoch has', async (log) => {
    const run = await writeEvents(log, 3)
    const writer = await log.openWriter(run)
    await writer.append(newEvent(4, 'tool_executing', 2))
    // It saw 4 and 5 of the first writer, before a crash took them.
    const page = await log.read(run, { epoch: 1, sequence: 5 }, 10)
    deepEqual(page.lost, { epoch: 1, fromSequence: 4, toSequence: 5 })
    deepEqual(page.events, [newEvent(4, 'tool_executing', 2)])
    // Of the same number, another event.
    deepEqual((await log.read(run, { epoch: 1, sequence: 4 }, 10)).events, [newEvent(4, 'tool_executing', 2)])
    equal((await log.read(run, { epoch: 2, sequence: 4 }, 10)).lost, undefined)
    deepEqual((await log.read(run, { epoch: 2, sequence: 9 }, 10)).lost, { epoch: 2, fromSequence: 5, toSequence: 9 })
  }),
  newCase('loses nothing for a client of an older epoch that has no more than is held', async (log) => {
    const run = await writeEvents(log, 3)
    const writer = await log.openWriter(run)
    await writer.append(newEvent(4, 'tool_executing', 2))
    await untilHeld(log, run, 4)
    for (const sequence of [0, 2, 3]) {
      const page = await log.read(run, { epoch: 1, sequence }, 10)
      equal(page.lost, undefined)
      equal(page.events[0]?.sequence, sequence + 1)
    }
  }),
  newCase('keeps the order of events that are appended without waiting', async (log) => {
    const run = newRecord()
    await log.create(run)
    const writer = await log.openWriter(run)
    const appended = Array.from({ length: 100 }, (_, index) => writer.append(newEvent(index + 1)))
    await Promise.all([...appended, writer.append(newEvent(101, 'agent_completed'))])
    const { events } = await log.read(run, runStart, 1_000)
    deepEqual(
      events.map(({ sequence }) => sequence),
      Array.from({ length: 101 }, (_, index) => index + 1),
    )
  }),
]
