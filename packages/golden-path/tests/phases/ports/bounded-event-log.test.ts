import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { EventLog } from '../../../src/index.ts'
import { boundedEventLog } from '../../../src/phases/ports/bounded-event-log.ts'
import { never } from '../run-agent.ts'

const methods = ['create', 'discard', 'find', 'list', 'openWriter', 'read', 'follow', 'followOwner', 'close'] as const
const logOf = (answer: () => unknown): EventLog =>
  Object.fromEntries(methods.map((name) => [name, answer])) as unknown as EventLog
const failed = { code: 'ERR_CONTEXT_EVENT_LOG_FAILED', issues: [{ path: 'limits.logTimeMs' }] }
const outcomeOf = async (work: unknown): Promise<unknown> => {
  const settled = Promise.resolve(work).catch((error: unknown) => error)
  await vi.advanceTimersByTimeAsync(100)
  return Promise.race([settled, 'nothing in time'])
}

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

describe('boundedEventLog', () => {
  it.each(methods)('waits for %s no longer than its time', async (name) => {
    const call = boundedEventLog(logOf(never), 100)[name] as () => unknown
    expect(await outcomeOf(call())).toMatchObject(failed)
  })

  it.each([
    ['at once', (writer: object) => writer],
    ['later', async (writer: object) => writer],
  ])('waits no longer for a writer that was opened %s', async (_when, give) => {
    const { append } = await boundedEventLog(
      logOf(() => give({ append: never })),
      100,
    ).openWriter({} as never)
    expect(await outcomeOf(append({} as never))).toMatchObject(failed)
  })

  it('leaves no timer behind that waits for nothing any more', async () => {
    const log = boundedEventLog(
      logOf(async () => undefined),
      60_000,
    )
    await log.find({} as never)
    await log.create({} as never)
    expect(vi.getTimerCount()).toBe(0)
  })
})
