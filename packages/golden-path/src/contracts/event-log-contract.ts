/**
 * What every event log must do, as cases that any test runner can run.
 */
import { deepEqual, equal } from 'node:assert/strict'
import type { EventLog, LoggedEvent } from '../phases/ports/event-log.ts'
import { runStart } from '../phases/ports/run-position.ts'
import { refusalOf, withPort, type ContractCase } from './contract-case.ts'
import { fencingCases } from './fencing-cases.ts'
import { followingCases } from './following-cases.ts'
import { newEvent, newOwner, newRecord, writeEvents } from './log-samples.ts'

/**
 * The cases for an event log.
 *
 * @param openLog - Gives a log, which each case closes. It may have runs of others: each case makes owners of its own.
 * @example
 * ```ts
 * import { defaultLimits, inProcessEventLog } from '@user-execution-context/golden-path'
 * import { eventLogContract } from '@user-execution-context/golden-path/contracts'
 *
 * for (const { run } of eventLogContract(() => inProcessEventLog(defaultLimits))) await run()
 * ```
 */
export const eventLogContract = (openLog: () => EventLog | Promise<EventLog>): readonly ContractCase[] => {
  const newCase = withPort(openLog, (log) => log.close())
  return [
    newCase('finds a run for its owner, as it was created', async (log) => {
      const run = newRecord()
      await log.create(run)
      deepEqual(await log.find(run), run)
    }),
    newCase('gives the same miss for a foreign run and an unknown run', async (log) => {
      const run = newRecord()
      await log.create(run)
      equal(await log.find({ ownerKey: newOwner(), runId: run.runId }), undefined)
      equal(await log.find(newRecord()), undefined)
    }),
    newCase('refuses to read, follow or write a run of another owner', async (log) => {
      const run = newRecord()
      await log.create(run)
      const foreign = { ownerKey: newOwner(), runId: run.runId }
      const asked = [
        () => log.read(foreign, runStart, 10),
        () => log.follow(foreign, () => {}),
        () => log.openWriter(foreign),
      ]
      for (const ask of asked) equal(await refusalOf(ask), 'ERR_CONTEXT_RUN_NOT_FOUND')
    }),
    newCase('refuses a second run of the same id for the same owner only', async (log) => {
      const run = newRecord()
      await log.create(run)
      equal(await refusalOf(() => log.create(run)), 'ERR_CONTEXT_RUN_EXISTS')
      await log.create({ ...run, ownerKey: newOwner() })
    }),
    newCase('keeps owners apart whose names look alike when joined', async (log) => {
      const owner = newOwner()
      const run = newRecord(`${owner}:b`)
      await log.create(run)
      equal(await log.find({ ownerKey: owner, runId: `b:${run.runId}` as typeof run.runId }), undefined)
      deepEqual(await log.list(owner), [])
    }),
    newCase('lists the runs of an owner, oldest first', async (log) => {
      const first = newRecord()
      const runs = [first, { ...newRecord(first.ownerKey), createdAtMs: first.createdAtMs + 1 }]
      for (const run of runs) await log.create(run)
      await log.create(newRecord())
      deepEqual(await log.list(first.ownerKey), runs)
    }),
    newCase('forgets a discarded run', async (log) => {
      const run = newRecord()
      await log.create(run)
      await log.discard(run)
      equal(await log.find(run), undefined)
      await log.create(run)
    }),
    newCase('reads what was written after a place, a page at a time', async (log) => {
      const run = await writeEvents(log, 10)
      const page = await log.read(run, { epoch: 1, sequence: 4 }, 3)
      deepEqual(page.events, [newEvent(5), newEvent(6), newEvent(7)])
      deepEqual([page.epoch, page.firstSequence, page.lastSequence, page.lost], [1, 1, 10, undefined])
    }),
    newCase('reads an empty page at the end, and of a run without events', async (log) => {
      const run = newRecord()
      await log.create(run)
      const { events, epoch, firstSequence, lastSequence } = await log.read(run, runStart, 10)
      deepEqual([events, epoch, firstSequence, lastSequence], [[], 1, 1, 0])
      const written = await writeEvents(log, 3)
      deepEqual((await log.read(written, { epoch: 1, sequence: 3 }, 10)).events, [])
    }),
    newCase('gives a text back as it was given, whatever is in it', async (log) => {
      const run = newRecord()
      await log.create(run)
      const writer = await log.openWriter(run)
      const text = JSON.stringify({ text: 'é 日本 😀 " \\ \u2028 \\u0000', sql: `'; drop table x; --` })
      const event: LoggedEvent = { ...newEvent(1), text, bytes: Buffer.byteLength(text) }
      await writer.append(event)
      await writer.append(newEvent(2, 'agent_completed'))
      deepEqual((await log.read(run, runStart, 1)).events, [event])
    }),
    ...fencingCases(newCase),
    ...followingCases(newCase),
  ]
}
