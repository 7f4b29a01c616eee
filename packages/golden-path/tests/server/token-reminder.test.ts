import { afterEach, beforeEach, expect, describe, test, vi } from 'vitest'
import { startTokenReminder } from '../../src/server/token-reminder.ts'
import type { UserSocket } from '../../src/server/user-socket.ts'

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

const newSocket = (times: number[]): UserSocket =>
  ({ owner: { receive: () => {}, release: () => {}, remind: (nowMs: number) => times.push(nowMs) } }) as never

describe('startTokenReminder', () => {
  test('gives the time to the owner of each open socket, until it is stopped', () => {
    const times: number[] = []
    const unowned = { owner: undefined } as unknown as UserSocket
    const stop = startTokenReminder(new Set([unowned, newSocket(times)]))
    const startedAtMs = Date.now()
    vi.advanceTimersByTime(500)
    expect(times).toEqual([startedAtMs + 250, startedAtMs + 500])
    stop()
    vi.advanceTimersByTime(1000)
    expect(times).toHaveLength(2)
  })
})
