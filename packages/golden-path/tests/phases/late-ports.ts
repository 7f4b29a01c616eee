// Ports that answer in a later turn of the event loop, as those of another machine do.
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Awaitable, EventLog, EventWriter, RunQueue } from '../../src/index.ts'

const later =
  <Parameters extends readonly unknown[], Result>(call: (...parameters: Parameters) => Awaitable<Result>) =>
  async (...parameters: Parameters): Promise<Result> => {
    await nextTurn()
    const result = await call(...parameters)
    await nextTurn()
    return result
  }

const lateWriter = (writer: EventWriter): EventWriter => ({
  ...writer,
  append: later(writer.append),
  reopen: later(async () => lateWriter(await writer.reopen())),
})

/** An event log that keeps each answer back. */
export const lateEventLog = (log: EventLog): EventLog => ({
  ...log,
  create: later(log.create),
  discard: later(log.discard),
  find: later(log.find),
  list: later(log.list),
  read: later(log.read),
  follow: later(log.follow),
  followOwner: later(log.followOwner),
  openWriter: later(async (key) => lateWriter(await log.openWriter(key))),
})

/** A run queue that keeps each answer back. */
export const lateRunQueue = (queue: RunQueue): RunQueue => ({
  ...queue,
  enqueue: later(queue.enqueue),
  cancel: later(queue.cancel),
})
