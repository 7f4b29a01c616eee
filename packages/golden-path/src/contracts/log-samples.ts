/**
 * Runs and events for the contract of event logs. Each owner is new, so that cases can share one store.
 */
import { newRunId, newThreadId, type RequestId } from 'user-execution-context'
import type { ContractCase } from './contract-case.ts'
import type { EventLog, LoggedEvent, RunRecord } from '../phases/ports/event-log.ts'
import { runStart } from '../phases/ports/run-position.ts'
import type { RunEventType } from '../phases/wire/wire-envelope.ts'

/** Makes a case that works with a log. */
export type NewLogCase = (name: string, check: (log: EventLog) => Promise<void>) => ContractCase

/** An owner that nobody has used. */
export const newOwner = (): string => `contract:${crypto.randomUUID()}`

/** A run that no log has. */
export const newRecord = (ownerKey: string = newOwner()): RunRecord => ({
  ownerKey,
  runId: newRunId(),
  threadId: newThreadId(),
  requestId: crypto.randomUUID() as RequestId,
  createdAtMs: Date.now(),
})

/** An event of a place. */
export const newEvent = (sequence: number, type: RunEventType = 'agent_message_delta', epoch = 1): LoggedEvent => {
  const text = JSON.stringify({ epoch, sequence, type })
  return { epoch, sequence, type, text, bytes: text.length }
}

/** A new run with so many events by its first writer, all of them held. */
export const writeEvents = async (log: EventLog, count: number): Promise<RunRecord> => {
  const run = newRecord()
  await log.create(run)
  const writer = await log.openWriter(run)
  for (let sequence = 1; sequence <= count; sequence++) await writer.append(newEvent(sequence))
  // A piece of text may be answered before it is held.
  await untilHeld(log, run, count)
  return run
}

/** Waits until a run has come so far. */
export const untilHeld = async (log: EventLog, run: RunRecord, lastSequence: number): Promise<void> => {
  const endsAtMs = performance.now() + 10_000
  while ((await log.read(run, runStart, 1)).lastSequence < lastSequence) {
    if (performance.now() > endsAtMs) throw new Error('What was appended is not held after 10 seconds')
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
