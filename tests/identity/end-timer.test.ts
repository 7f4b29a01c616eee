import { afterEach, describe, expect, test, vi } from 'vitest'
import { watchIdentity } from '../../src/context/live-context.ts'
import { liveSessions } from '../../src/context/live-sessions.ts'
import { EndTimer } from '../../src/identity/end-timer.ts'
import { vouchForUser } from '../../src/identity/verified-user.ts'

type Item = { readonly name: string }
const open = (): { readonly timer: EndTimer<Item>; readonly due: string[] } => {
  const due: string[] = []
  return { timer: new EndTimer<Item>(({ name }) => void due.push(name)), due }
}

afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

describe('EndTimer', () => {
  test('calls each item once, at the end that it has now', () => {
    vi.useFakeTimers()
    const { timer, due } = open()
    const [early, late, gone] = [{ name: 'early' }, { name: 'late' }, { name: 'gone' }]
    const [soon, later] = [Date.now() + 1000, Date.now() + 9000]
    timer.set(late, soon)
    timer.set(early, later)
    timer.set(gone, soon)
    timer.delete(late, soon)
    timer.set(late, Date.now() + 5000)
    timer.delete(early, later)
    timer.set(early, Date.now() + 2000)
    timer.delete(gone, soon)
    timer.delete(gone, soon)
    vi.advanceTimersByTime(2250)
    expect(due).toEqual(['early'])
    vi.advanceTimersByTime(10_000)
    expect(due).toEqual(['early', 'late'])
    expect(vi.getTimerCount()).toBe(0)
  })

  test('notices within a minute that the clock was set on, or that the machine has slept', () => {
    vi.useFakeTimers()
    const { timer, due } = open()
    timer.set({ name: 'of an hour' }, Date.now() + 3_600_000)
    // Timers do not count the time of a sleep, and know nothing of a clock that is set.
    vi.setSystemTime(Date.now() + 3_600_250)
    vi.advanceTimersByTime(60_000)
    expect(due).toEqual(['of an hour'])
  })

  test('waits for nothing after it was closed', () => {
    vi.useFakeTimers()
    const { timer, due } = open()
    timer.close()
    timer.set({ name: 'late' }, Date.now() + 1000)
    expect(vi.getTimerCount()).toBe(0)
    vi.advanceTimersByTime(2000)
    expect(due).toEqual([])
  })

  test('waits for nothing that never ends', () => {
    vi.useFakeTimers()
    const { timer } = open()
    timer.set({ name: 'never' }, Infinity)
    watchIdentity(vouchForUser('u1', { reason: 'unit test' }), () => {})
    expect(vi.getTimerCount()).toBe(0)
  })

  test('has one timer, of at most a minute and at least 0, also when it is set to a sooner end', () => {
    vi.useFakeTimers()
    const made = vi.spyOn(globalThis, 'setTimeout')
    const { timer, due } = open()
    timer.set({ name: 'far' }, Date.now() + 100 * 86_400_000)
    timer.set({ name: 'past' }, Date.now() - 60_000)
    expect(made.mock.calls.map(([, timeoutMs]) => timeoutMs)).toEqual([60_000, 0])
    expect(vi.getTimerCount()).toBe(1)
    vi.advanceTimersByTime(1)
    expect(due).toEqual(['past'])
    expect(vi.getTimerCount()).toBe(1)
  })

  test('keeps no process alive, nor does the timer of a feed', () => {
    const timeouts = vi.spyOn(globalThis, 'setTimeout')
    const intervals = vi.spyOn(globalThis, 'setInterval')
    const { timer } = open()
    timer.set({ name: 'later' }, Date.now() + 60_000)
    const sessions = liveSessions({
      maxProofMs: 60_000,
      store: { write: async () => {}, follow: () => () => {} },
    })
    for (const made of [timeouts, intervals])
      expect(made.mock.results.map(({ value }) => (value as NodeJS.Timeout).hasRef())).toEqual([false])
    timer.close()
    sessions.close()
  })
})
