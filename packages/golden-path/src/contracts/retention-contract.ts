/**
 * What every event log that trims must do, as cases that any test runner can run.
 */
import { deepEqual, equal, ok } from 'node:assert/strict'
import type { EventLog, RunRecord } from '../phases/ports/event-log.ts'
import { runStart } from '../phases/ports/run-position.ts'
import { withPort, type ContractCase } from './contract-case.ts'
import { newEvent, newRecord } from './log-samples.ts'

/** How little a log may keep in a case. */
export type RetentionContractLimits = {
  /** Events of one run. */
  readonly eventsPerRun: number
  /** Runs of one user that have ended. */
  readonly runsPerUser: number
}

const limits: RetentionContractLimits = { eventsPerRun: 5, runsPerUser: 2 }

/**
 * The cases for what an event log forgets. It may forget late: the cases wait.
 *
 * @param openLog - Gives a log that keeps so much, which each case closes. One that trims in rounds begins them often.
 * @example
 * ```ts
 * import { inProcessEventLog, parseLimits } from '@user-execution-context/golden-path'
 * import { retentionContract } from '@user-execution-context/golden-path/contracts'
 *
 * const cases = retentionContract(({ eventsPerRun, runsPerUser }) =>
 *   inProcessEventLog(parseLimits({ loggedEventsPerRun: eventsPerRun, retainedRunsPerUser: runsPerUser })),
 * )
 * for (const { run } of cases) await run()
 * ```
 */
export const retentionContract = (
  openLog: (limits: RetentionContractLimits) => EventLog | Promise<EventLog>,
): readonly ContractCase[] => {
  const newCase = withPort(
    () => openLog(limits),
    (log) => log.close(),
  )
  return [
    newCase('trims the oldest events of a run that executes, and says from where it has them', async (log) => {
      const run = newRecord()
      await write(log, run, 20)
      await eventually(async () => (await log.read(run, runStart, 100)).firstSequence === 16, 'five events are held')
      for (const after of [runStart, { epoch: 1, sequence: 9 }, { epoch: 1, sequence: 15 }]) {
        const page = await log.read(run, after, 100)
        deepEqual(
          page.events,
          [16, 17, 18, 19, 20].map((sequence) => newEvent(sequence)),
        )
        deepEqual([page.firstSequence, page.lastSequence, page.lost], [16, 20, undefined])
      }
    }),
    newCase('goes on with a run that was trimmed, under the numbers that follow', async (log) => {
      const run = newRecord()
      await write(log, run, 20)
      await eventually(async () => (await log.read(run, runStart, 100)).firstSequence === 16, 'five events are held')
      const writer = await log.openWriter(run)
      equal(writer.lastSequence, 20)
      await writer.append(newEvent(21, 'agent_completed', 2))
      const { events } = await log.read(run, { epoch: 1, sequence: 19 }, 100)
      deepEqual(events, [newEvent(20), newEvent(21, 'agent_completed', 2)])
    }),
    newCase('forgets the oldest run of a user who has too many that ended, and of nobody else', async (log) => {
      const oldest = newRecord()
      const newer = [1, 2].map((ms) => ({ ...newRecord(oldest.ownerKey), createdAtMs: oldest.createdAtMs + ms }))
      const own = [oldest, ...newer]
      const foreign = newRecord()
      for (const run of [foreign, ...own]) await write(log, run, 2, true)
      await eventually(async () => (await log.find(oldest)) === undefined, 'the oldest run is forgotten')
      for (const run of [foreign, ...newer]) deepEqual(await log.find(run), run)
      deepEqual(await log.list(oldest.ownerKey), newer)
    }),
    newCase('forgets no run that has not ended, however many there are', async (log) => {
      const first = newRecord()
      const runs = [first, ...Array.from({ length: 4 }, () => newRecord(first.ownerKey))]
      for (const run of runs) await write(log, run, 1)
      // What shows that a round has passed.
      const ended = Array.from({ length: 3 }, () => newRecord(first.ownerKey))
      for (const run of ended) await write(log, run, 1, true)
      await eventually(async () => (await log.find(ended[0]!)) === undefined, 'a run that ended is forgotten')
      for (const run of runs) ok(await log.find(run))
    }),
  ]
}

async function write(log: EventLog, run: RunRecord, count: number, hasEnd = false): Promise<void> {
  await log.create(run)
  const writer = await log.openWriter(run)
  for (let sequence = 1; sequence <= count; sequence++) await writer.append(newEvent(sequence))
  if (hasEnd) await writer.append(newEvent(count + 1, 'agent_completed'))
}

async function eventually(holds: () => Promise<boolean>, what: string): Promise<void> {
  const endsAtMs = performance.now() + 20_000
  while (!(await holds())) {
    if (performance.now() > endsAtMs) throw new Error(`In 20 seconds it did not come to this: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
