import { afterEach, describe, expect, it, vi } from 'vitest'
import type { LoggedEvent, RunKey } from '@user-execution-context/golden-path'
import { FreshRuns } from '../../src/log/fresh-runs.ts'

const run: RunKey = { ownerKey: 'alice', runId: 'run-1' as RunKey['runId'] }
const event = (sequence: number, epoch = 1): LoggedEvent => ({
  ...{ epoch, sequence, bytes: 2 },
  ...{ type: 'agent_message_delta', text: '{}' },
})
const open = (): FreshRuns => {
  const fresh = new FreshRuns()
  fresh.open(run, event(1))
  return fresh
}
afterEach(() => void vi.useRealTimers())

describe('FreshRuns', () => {
  it('gives the events of a run behind a place, as many as are asked for', () => {
    const fresh = open()
    fresh.add(run, event(2))
    fresh.add(run, event(3))
    const page = { epoch: 1, firstSequence: 1, lastSequence: 3 }
    expect(fresh.findPage(run, { epoch: 1, sequence: 0 }, 2)).toEqual({ ...page, events: [event(1), event(2)] })
    expect(fresh.findPage(run, { epoch: 1, sequence: 3 }, 2)).toEqual({ ...page, events: [] })
    expect(fresh.findLast(run)).toEqual(event(3))
  })

  it('knows nothing of the run of another user', () => {
    expect(open().findPage({ ...run, ownerKey: 'bob' }, { epoch: 1, sequence: 0 }, 2)).toBeUndefined()
  })

  it.each([
    ['of another epoch', { epoch: 2, sequence: 1 }],
    ['beyond its last event', { epoch: 1, sequence: 2 }],
  ])('leaves a place %s to the database', (_, place) => {
    expect(open().findPage(run, place, 2)).toBeUndefined()
  })

  it.each([
    ['a gap', event(3)],
    ['a newer writer', event(2, 2)],
  ])('forgets a run with %s', (_, next) => {
    const fresh = open()
    fresh.add(run, next)
    expect(fresh.findLast(run)).toBeUndefined()
  })

  it('takes an event that it has for nothing new', () => {
    const fresh = open()
    fresh.add(run, event(1))
    expect(fresh.findLast(run)).toEqual(event(1))
  })

  it('forgets a run a second after it began', () => {
    vi.useFakeTimers({ toFake: ['performance'] })
    const fresh = open()
    vi.advanceTimersByTime(1_001)
    expect(fresh.findLast(run)).toBeUndefined()
    expect(fresh.findPage(run, { epoch: 1, sequence: 0 }, 2)).toBeUndefined()
  })

  it('forgets a run that says more than its beginning', () => {
    const fresh = open()
    for (let sequence = 2; sequence <= 33; sequence++) fresh.add(run, event(sequence))
    expect(fresh.findLast(run)).toBeUndefined()
  })
})
