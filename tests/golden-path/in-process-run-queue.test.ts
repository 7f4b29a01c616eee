import { describe, expect, it } from 'vitest'
import { inProcessRunQueue, parseLimits } from '../../src/golden-path.ts'
import { runWithContext, tryCurrentContext } from '../../src/ambient.ts'
import { lateRunQueue } from './late-ports.ts'
import { describeRunQueue } from './contracts/run-queue-contract.ts'
import { newContext } from './run-agent.ts'

describeRunQueue('inProcessRunQueue', inProcessRunQueue)
describeRunQueue('a run queue that answers later', (limits) => lateRunQueue(inProcessRunQueue(limits)))

describe('inProcessRunQueue', () => {
  it('starts no job in the ambient context of whoever enqueued, or of whose run ended before', async () => {
    const queue = inProcessRunQueue(parseLimits({ concurrentRuns: 1 }))
    const ambient: unknown[] = []
    queue.process(async () => void ambient.push(tryCurrentContext()))
    const alice = newContext('alice')
    await Promise.all([
      runWithContext(alice, () => queue.enqueue({ context: alice, input: { text: 'go' } })),
      queue.enqueue({ context: newContext('bob'), input: { text: 'go' } }),
    ])
    while (ambient.length < 2) await new Promise(setImmediate)
    await queue.close()
    expect(ambient).toEqual([undefined, undefined])
  })

  it('tells a job of its cancellation outside the ambient context of whoever cancels', async () => {
    const queue = inProcessRunQueue(parseLimits())
    const ambient: unknown[] = []
    queue.process((_job, cancellation) => new Promise((end) => cancellation.whenCancelled(() => {
      ambient.push(tryCurrentContext())
      end()
    })))
    await queue.enqueue({ context: newContext('bob'), input: { text: 'go' } })
    await runWithContext(newContext('alice'), () => queue.close())
    expect(ambient).toEqual([undefined])
  })

  it('lets timers and sockets have their turn between runs that never wait for anything', async () => {
    const queue = inProcessRunQueue(parseLimits({ concurrentRuns: 1, queuedRunsPerUser: 50 }))
    let ended = 0
    queue.process(async () => void ended++)
    for (let run = 0; run < 50; run++) void queue.enqueue({ context: newContext('alice'), input: { text: 'go' } })
    await new Promise(setImmediate)
    expect(ended).toBeLessThan(50)
    while (ended < 50) await new Promise(setImmediate)
    await queue.close()
  })
})
