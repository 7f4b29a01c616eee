import { describe, expect, it, vi } from 'vitest'
import { Outlet, UncorkScheduler } from '../../../src/phases/connection/outlet.ts'
import { parseLimits } from '../../../src/phases/limits.ts'
import { RecordingTransport } from '../recording-transport.ts'

const open = (): Outlet =>
  new Outlet(new RecordingTransport(), {
    limits: parseLimits(),
    uncorkScheduler: new UncorkScheduler(),
    eventsDelivered: 0,
    onSlow: () => {},
    onClose: () => {},
  })

describe('what an outlet watches', () => {
  it('is let go of when it watches something else', () => {
    const outlet = open()
    const [first, second] = [vi.fn(), vi.fn()]
    outlet.keep(first)
    outlet.keep(second)
    expect([first, second].map((stop) => stop.mock.calls.length)).toEqual([1, 0])
  })

  it.each([
    ['it is closed', (outlet: Outlet) => outlet.close(1000, 'done')],
    ['its transport has closed', (outlet: Outlet) => outlet.release()],
  ])('is let go of when %s, and so is what comes after that', (_what, close) => {
    const outlet = open()
    const [before, after] = [vi.fn(), vi.fn()]
    outlet.keep(before)
    close(outlet)
    expect(before).toHaveBeenCalledTimes(1)
    outlet.keep(after)
    expect(after).toHaveBeenCalledTimes(1)
  })
})
