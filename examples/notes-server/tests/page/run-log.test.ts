import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RunLog } from '../../src/page/script/run-log.ts'
import type { RunMessage } from '../../src/page/script/wire.ts'

describe('RunLog', () => {
  it('keeps each event exactly once and in order, whatever arrives twice, late or early, when gaps are resumed', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20 }),
        fc.array(fc.integer({ min: 1, max: 20 }), { maxLength: 60 }),
        (length, arrivals) => {
          const run = Array.from({ length }, (_, index) =>
            event(index + 1, index + 1 === length ? 'agent_completed' : 'agent_thinking'),
          )
          const log = new RunLog()
          for (const sequence of arrivals) {
            const message = run[sequence - 1]
            if (message === undefined) continue
            const last = log.position('run').lastSequence
            const expected = sequence <= last ? 'known' : sequence === last + 1 ? 'next' : 'gap'
            expect(log.accept(message)).toBe(expected)
          }
          // What the server sends after a resume from the last event seen.
          for (const message of run.slice(log.position('run').lastSequence)) expect(log.accept(message)).toBe('next')
          expect(log.events('run').map(({ sequence }) => sequence)).toEqual(run.map(({ sequence }) => sequence))
          expect(log.openRuns()).toEqual([])
        },
      ),
    )
  })

  it('takes an event that joins several, and refuses one that was seen in part', () => {
    const log = new RunLog()
    log.accept(event(1, 'agent_started'))
    expect(log.accept({ ...event(4, 'agent_message_delta'), fromSequence: 2 })).toBe('next')
    expect(log.accept({ ...event(6, 'agent_message_delta'), fromSequence: 4 })).toBe('gap')
    expect(log.position('run').lastSequence).toBe(4)
  })

  it('goes on after events that the server no longer has', () => {
    const log = new RunLog()
    log.follow('run', 'thread')
    log.skipTo('run', 7)
    expect(log.accept(event(8, 'agent_thinking'))).toBe('next')
  })

  it('forgets what a crash took, and takes other events of those numbers', () => {
    const log = new RunLog()
    for (const sequence of [1, 2, 3, 4]) log.accept(event(sequence, 'agent_thinking'))
    expect(log.accept(event(3, 'agent_thinking', 2))).toBe('gap')
    log.forgetFrom('run', 3)
    expect(log.position('run')).toEqual({ epoch: 1, lastSequence: 2 })
    expect(log.accept(event(3, 'agent_completed', 2))).toBe('next')
    expect(log.events('run').map(({ epoch, sequence }) => [epoch, sequence])).toEqual([
      [1, 1],
      [1, 2],
      [2, 3],
    ])
    expect(log.position('run')).toEqual({ epoch: 2, lastSequence: 3 })
  })

  it('forgets a joined piece that a crash took in part as a whole', () => {
    const log = new RunLog()
    log.accept(event(1, 'agent_started'))
    log.accept({ ...event(5, 'agent_message_delta'), fromSequence: 2 })
    log.forgetFrom('run', 4)
    expect(log.position('run')).toEqual({ epoch: 1, lastSequence: 1 })
    expect(log.events('run')).toHaveLength(1)
  })

  it('takes nothing of an older writer', () => {
    const log = new RunLog()
    log.accept(event(1, 'agent_started'))
    log.accept(event(2, 'agent_thinking', 2))
    expect(log.accept(event(3, 'agent_thinking'))).toBe('known')
  })

  it('requests open runs only: not for ended ones, not for those that the server forgot', () => {
    const log = new RunLog()
    for (const runId of ['open', 'forgotten']) log.follow(runId, 'thread')
    log.accept(event(1, 'agent_cancelled'))
    log.end('forgotten')
    expect(log.openRuns()).toEqual(['open'])
    expect(log.runsOf('thread')).toEqual(['open', 'forgotten', 'run'])
  })
})

function event(sequence: number, type: string, epoch = 1): RunMessage {
  return { version: 1, epoch, sequence, type, threadId: 'thread', runId: 'run', data: {} }
}
