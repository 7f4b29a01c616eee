import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Appended } from '../../src/log/appended.ts'
import { OwnerLanes } from '../../src/log/owner-lanes.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }))
afterEach(() => void vi.useRealTimers())

const secondMs = 1_000

describe('OwnerLanes', () => {
  it('counts how long rows are held anew once they were let go', async () => {
    // Held in the first second and in the last: a user who never pauses has the lane for longer than rows may be held.
    const heldAt = [0, 31]
    const errors: unknown[] = []
    const event = (): Appended =>
      ({ run: { ownerKey: 'a', runId: 'r' }, settle: (error: unknown) => errors.push(error) }) as never
    let second = 0
    const lanes: OwnerLanes = new OwnerLanes(async (batch) => {
      const isHeld = heldAt.includes(second)
      second++
      vi.advanceTimersByTime(secondMs)
      if (isHeld) return batch
      for (const { settle } of batch) settle(undefined)
      if (second < 40) lanes.add(event())
      return []
    })
    lanes.open('a', [event()])
    await lanes.idle()
    expect(second).toBeGreaterThan(31)
    expect(errors.filter((error) => error !== undefined)).toEqual([])
  })

  it('refuses what waits for longer than rows may be held', async () => {
    const errors: unknown[] = []
    const lanes = new OwnerLanes(async (batch) => {
      vi.advanceTimersByTime(31 * secondMs)
      return batch
    })
    lanes.open('a', [{ run: { ownerKey: 'a', runId: 'r' }, settle: (error: unknown) => errors.push(error) } as never])
    await lanes.idle()
    expect(errors).toMatchObject([{ code: 'ERR_CONTEXT_EVENT_LOG_FAILED' }])
  })
})
