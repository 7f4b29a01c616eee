// What every event log must do. An implementation runs this suite with a maker of its own.
import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type RequestId, newRunId, newThreadId } from 'user-execution-context'
import type { EventLog, LoggedEvent, RunEventType, RunRecord } from '../../src/index.ts'

export const newRecord = (ownerKey: string): RunRecord => ({
  ownerKey,
  runId: newRunId(),
  threadId: newThreadId(),
  requestId: randomUUID() as RequestId,
  createdAtMs: Date.now(),
})

export const newEvent = (sequence: number, type: RunEventType = 'agent_message_delta'): LoggedEvent => {
  const text = JSON.stringify({ sequence, type })
  return { sequence, type, text, bytes: text.length }
}

/** Waits until something holds: another process may take its time. */
const eventually = async (holds: () => boolean): Promise<void> => {
  for (let round = 0; round < 500 && !holds(); round++) await new Promise((resolve) => setTimeout(resolve, 5))
  expect(holds()).toBe(true)
}

/** A port may throw at once or reject later. */
const attempt = async (call: () => unknown): Promise<unknown> => call()

export const describeEventLog = (name: string, openLog: () => EventLog | Promise<EventLog>): void => {
  describe(`${name} keeps the contract of an event log`, () => {
    let log: EventLog
    beforeEach(async () => {
      log = await openLog()
    })
    afterEach(() => log.close())

    const write = async (run: RunRecord, from: number, to: number): Promise<void> => {
      const writer = await log.openWriter(run)
      for (let sequence = from; sequence <= to; sequence++) await writer.append(newEvent(sequence))
    }

    it('finds a run for its owner, as it was created', async () => {
      const run = newRecord('alice')
      await log.create(run)
      expect(await log.find(run)).toEqual(run)
    })

    it('gives the same miss for a foreign run and an unknown run', async () => {
      const run = newRecord('alice')
      await log.create(run)
      expect(await log.find({ ownerKey: 'bob', runId: run.runId })).toBeUndefined()
      expect(await log.find(newRecord('bob'))).toBeUndefined()
    })

    it('refuses to read, follow or write a run of another owner', async () => {
      const run = newRecord('alice')
      await log.create(run)
      const foreign = { ownerKey: 'bob', runId: run.runId }
      for (const ask of [
        () => log.read(foreign, 0, 10),
        () => log.follow(foreign, () => {}),
        () => log.openWriter(foreign),
      ]) {
        await expect(attempt(ask)).rejects.toMatchObject({ code: 'ERR_CONTEXT_RUN_NOT_FOUND' })
      }
    })

    it('refuses a second run of the same id for the same owner only', async () => {
      const run = newRecord('alice')
      await log.create(run)
      await expect(attempt(() => log.create(run))).rejects.toMatchObject({ code: 'ERR_CONTEXT_RUN_EXISTS' })
      await log.create({ ...run, ownerKey: 'bob' })
    })

    it('keeps owners apart whose names look alike when joined', async () => {
      const run = newRecord('a:b')
      await log.create(run)
      expect(await log.find({ ownerKey: 'a', runId: `b:${run.runId}` as typeof run.runId })).toBeUndefined()
      expect(await log.list('a')).toEqual([])
    })

    it('lists the runs of an owner, oldest first', async () => {
      const runs = [newRecord('alice'), newRecord('alice')]
      for (const run of runs) await log.create(run)
      await log.create(newRecord('bob'))
      expect(await log.list('alice')).toEqual(runs)
    })

    it('forgets a discarded run', async () => {
      const run = newRecord('alice')
      await log.create(run)
      await log.discard(run)
      expect(await log.find(run)).toBeUndefined()
      await log.create(run)
    })

    it('reads what was written after a sequence, a page at a time', async () => {
      const run = newRecord('alice')
      await log.create(run)
      await write(run, 1, 10)
      const page = await log.read(run, 4, 3)
      expect(page.events).toEqual([newEvent(5), newEvent(6), newEvent(7)])
      expect(page).toMatchObject({ firstSequence: 1, lastSequence: 10 })
    })

    it('reads an empty page at the end, beyond it, and of a run without events', async () => {
      const run = newRecord('alice')
      await log.create(run)
      expect(await log.read(run, 0, 10)).toEqual({ events: [], firstSequence: 1, lastSequence: 0 })
      await write(run, 1, 3)
      expect((await log.read(run, 3, 10)).events).toEqual([])
      expect((await log.read(run, 99, 10)).events).toEqual([])
    })

    it('tells a follower of each event in order, and of none before it followed', async () => {
      const run = newRecord('alice')
      await log.create(run)
      await write(run, 1, 2)
      const heard: LoggedEvent[] = []
      await log.follow(run, (event) => heard.push(event))
      await write(run, 3, 5)
      await eventually(() => heard.length >= 3)
      expect(heard).toEqual([newEvent(3), newEvent(4), newEvent(5)])
    })

    it('leaves no event between following and reading', async () => {
      const run = newRecord('alice')
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
      for (const { sequence } of (await log.read(run, 0, 1_000)).events) heard.add(sequence)
      await writing
      await eventually(() => heard.size === 200)
    })

    it('tells several followers, and none that has left', async () => {
      const run = newRecord('alice')
      await log.create(run)
      const heard: string[] = []
      const leave = await log.follow(run, () => heard.push('first'))
      await log.follow(run, () => heard.push('second'))
      await write(run, 1, 1)
      await eventually(() => heard.length >= 2)
      leave()
      leave()
      await write(run, 2, 2)
      await eventually(() => heard.length >= 3)
      expect(heard).toEqual(['first', 'second', 'second'])
    })

    it("tells who follows an owner of that owner's runs as they start, and of no others", async () => {
      const started: string[] = []
      const leave = await log.followOwner('alice', ({ runId }) => started.push(runId))
      const [own, foreign, late] = [newRecord('alice'), newRecord('bob'), newRecord('alice')]
      for (const run of [own, foreign, late]) await log.create(run)
      expect(started).toEqual([])
      await log.openWriter(foreign)
      await log.openWriter(own)
      await eventually(() => started.length >= 1)
      leave()
      await log.openWriter(late)
      expect(started).toEqual([own.runId])
    })
  })
}
