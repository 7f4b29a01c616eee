import { describe, expect, it } from 'vitest'
import { inProcessRunQueue, parseLimits } from '../../../src/index.ts'
import { lateRunQueue } from '../late-ports.ts'
import { describeRunQueue } from '../../contracts/run-queue-contract.ts'
import { newContext } from '../run-agent.ts'

describeRunQueue('inProcessRunQueue', inProcessRunQueue)
describeRunQueue('a run queue that answers later', (limits) => lateRunQueue(inProcessRunQueue(limits)))

describe('inProcessRunQueue', () => {
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
