// A store of audit records that does not answer: nobody waits for it without an end, and no record is lost silently.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createForUser, isContextError, openAuditTrail, verifyAuditTrail, type AuditRecord } from '../../src/index.ts'
import { vouchForUser } from '../../src/restricted.ts'

const context = createForUser(vouchForUser('auth0:5f7c', { reason: 'nightly report' }))
const overdue = 'ERR_CONTEXT_AUDIT_OVERDUE'

/** A trail whose store answers when the test says so: by action, or at once. */
const openSlowTrail = (slow: readonly string[], timeoutMs?: number) => {
  const stored: AuditRecord[] = []
  const answers = new Map<string, (error?: Error) => void>()
  const trail = openAuditTrail({
    ...(timeoutMs !== undefined && { timeoutMs }),
    write: async (record) => {
      if (slow.includes(record.action))
        await new Promise<void>((resolve, reject) =>
          answers.set(record.action, (error) => (error === undefined ? resolve() : reject(error))),
        )
      stored.push(record)
    },
  })
  /** What record() does, in a word: the code of its error, or where the record stands. */
  const record = (action: string): Promise<unknown> =>
    trail.record(context, action).then(
      ({ sequence }) => sequence,
      (error: unknown) => (isContextError(error) ? error.code : String(error)),
    )
  return { stored, answers, record, places: () => stored.map(({ sequence, action }) => [sequence, action]) }
}

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

describe('openAuditTrail, while its store does not answer', () => {
  it('tells everybody who waits, and refuses the next at once', async () => {
    const { record } = openSlowTrail(['second'], 1000)
    const outcomes = ['first', 'second', 'third', 'fourth'].map(record)
    await vi.advanceTimersByTimeAsync(999)
    expect(await Promise.race([outcomes[2], Promise.resolve('waits')])).toBe('waits')
    await vi.advanceTimersByTimeAsync(1)
    expect(await Promise.all(outcomes)).toEqual([1, overdue, overdue, overdue])
    expect(await record('fifth')).toBe(overdue)
    expect(vi.getTimerCount()).toBe(0)
  })

  it.each([
    ['stored it after all', undefined, [1, 'first'], [2, 'second'], [3, 'sixth']],
    ['did not', new Error('disk full'), [1, 'first'], [2, 'sixth']],
  ])('goes on in one chain when it answers that it %s, without those that it refused', async (_w, error, ...places) => {
    const slow = openSlowTrail(['second'], 1000)
    const outcomes = ['first', 'second', 'third'].map(slow.record)
    await vi.advanceTimersByTimeAsync(60_000)
    expect([...(await Promise.all(outcomes)), await slow.record('fifth')]).toEqual([1, overdue, overdue, overdue])
    slow.answers.get('second')!(error)
    await vi.advanceTimersByTimeAsync(0)
    expect(await slow.record('sixth')).toBe(places.length)
    expect(slow.places()).toEqual(places)
    verifyAuditTrail(slow.stored)
  })

  it('counts the time of each write, not that of its turn', async () => {
    const slow = openSlowTrail(['first', 'second'], 1000)
    const outcomes = ['first', 'second', 'third'].map(slow.record)
    for (const action of ['first', 'second']) {
      await vi.advanceTimersByTimeAsync(900)
      slow.answers.get(action)!()
    }
    expect(await Promise.all(outcomes)).toEqual([1, 2, 3])
  })

  it('waits 30 seconds when it is told nothing else', async () => {
    const { record } = openSlowTrail(['first'])
    const outcome = record('first')
    await vi.advanceTimersByTimeAsync(29_999)
    expect(await Promise.race([outcome, Promise.resolve('waits')])).toBe('waits')
    await vi.advanceTimersByTimeAsync(1)
    expect(await outcome).toBe(overdue)
  })

  it.each([0, -1, Number.NaN, '1000', null, 1.5, 2 ** 31 - 0.5, 2 ** 31, Infinity])(
    'refuses %j milliseconds',
    (timeoutMs) => {
      const write = (): void => {}
      expect(() => openAuditTrail({ write, timeoutMs: timeoutMs as never })).toThrow(/timeoutMs/)
    },
  )
})
