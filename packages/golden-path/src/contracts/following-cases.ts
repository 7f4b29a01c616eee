/**
 * Who hears of events and runs: cases of the contract of event logs.
 */
import { deepEqual, equal } from 'node:assert/strict'
import type { LoggedEvent } from '../phases/ports/event-log.ts'
import { runStart } from '../phases/ports/run-position.ts'
import { eventually, type ContractCase } from './contract-case.ts'
import { newEvent, newRecord, writeEvents, type NewLogCase } from './log-samples.ts'

export const followingCases = (newCase: NewLogCase): readonly ContractCase[] => [
  newCase('tells a follower of each event in order, and of none before it followed', async (log) => {
    const run = await writeEvents(log, 2)
    const heard: LoggedEvent[] = []
    await log.follow(run, (event) => heard.push(event))
    const writer = await log.openWriter(run)
    for (const sequence of [3, 4, 5]) await writer.append(newEvent(sequence, 'agent_thinking', 2))
    await eventually(() => heard.length >= 3, 'three events are heard of')
    deepEqual(
      heard,
      [3, 4, 5].map((sequence) => newEvent(sequence, 'agent_thinking', 2)),
    )
  }),
  newCase('leaves no event between following and reading', async (log) => {
    const run = newRecord()
    await log.create(run)
    const writer = await log.openWriter(run)
    const writing = (async () => {
      for (let sequence = 1; sequence <= 200; sequence++) {
        await writer.append(newEvent(sequence))
        if (sequence % 7 === 0) await new Promise(setImmediate)
      }
    })()
    await new Promise(setImmediate)
    const heard = new Set<number>()
    await log.follow(run, ({ sequence }) => heard.add(sequence))
    for (const { sequence } of (await log.read(run, runStart, 1_000)).events) heard.add(sequence)
    await writing
    await eventually(() => heard.size === 200, 'all 200 events are heard of or read')
  }),
  newCase('tells several followers, and none that has left', async (log) => {
    const run = newRecord()
    await log.create(run)
    const heard: string[] = []
    const leave = await log.follow(run, () => heard.push('first'))
    await log.follow(run, () => heard.push('second'))
    const writer = await log.openWriter(run)
    await writer.append(newEvent(1, 'tool_executing'))
    await eventually(() => heard.length >= 2, 'both hear of the event')
    leave()
    leave()
    await writer.append(newEvent(2, 'tool_completed'))
    await eventually(() => heard.length >= 3, 'the one that stayed hears of the next')
    equal(heard.filter((name) => name === 'first').length, 1)
  }),
  newCase("tells who follows an owner of that owner's runs as they are first opened, and of no others", async (log) => {
    const [own, foreign] = [newRecord(), newRecord()]
    const late = newRecord(own.ownerKey)
    const started: string[] = []
    const leave = await log.followOwner(own.ownerKey, ({ runId }) => started.push(runId))
    for (const run of [own, foreign, late]) await log.create(run)
    deepEqual(started, [])
    await log.openWriter(foreign)
    await log.openWriter(own)
    await eventually(() => started.length >= 1, 'the run is told of')
    await log.openWriter(own)
    leave()
    await log.openWriter(late)
    deepEqual(started, [own.runId])
  }),
]
