import { describe, expect, it } from 'vitest'
import { runQueueContract } from '../../../src/contracts.ts'
import { inProcessRunQueue, parseLimits, type RunJob } from '../../../src/index.ts'
import { lateRunQueue } from '../late-ports.ts'
import { newContext } from '../run-agent.ts'

const createContext = newContext
const newJob = (userId: string): RunJob => ({ context: newContext(userId), input: { text: 'go' } })
const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20))

describe.each([
  ['inProcessRunQueue', runQueueContract({ openQueue: inProcessRunQueue, createContext })],
  [
    'a run queue that answers later',
    runQueueContract({ openQueue: (limits) => lateRunQueue(inProcessRunQueue(limits)), createContext }),
  ],
])('%s keeps the contract of a run queue', (_name, cases) => {
  it.each(cases)('$name', ({ run }) => run())
})

describe('inProcessRunQueue', () => {
  it('hands a job to the worker as it was given', async () => {
    const queue = inProcessRunQueue(parseLimits())
    const job = newJob('alice')
    let given: unknown
    queue.process(async (started) => void (given = started))
    await queue.enqueue(job)
    await settled()
    expect(given).toBe(job)
    await queue.close()
  })

  it('frees the slot of a worker that rejects', async () => {
    const queue = inProcessRunQueue(parseLimits({ concurrentRuns: 1 }))
    const seen: string[] = []
    queue.process(async ({ context }) => {
      seen.push(context.userId)
      throw new Error('a worker must not reject')
    })
    await queue.enqueue(newJob('alice'))
    await queue.enqueue(newJob('bob'))
    await settled()
    expect(seen).toEqual(['alice', 'bob'])
    await queue.close()
  })

  it('waits at close for a job whose worker is being called, and for one that is being queued', async () => {
    for (const isWorker of [true, false]) {
      const queue = inProcessRunQueue(parseLimits())
      const order: string[] = []
      let closing: Promise<unknown> | undefined
      const close = (): void => void (closing ??= queue.close().then(() => order.push('closed')))
      queue.process(async () => {
        if (isWorker) close()
        await settled()
        order.push('done')
      })
      await queue.enqueue(newJob('alice'), isWorker ? undefined : close)
      await settled()
      await closing
      expect(order).toEqual(['done', 'closed'])
    }
  })

  it('hands what waits to the worker at close, cancelled, and waits for it', async () => {
    const queue = inProcessRunQueue(parseLimits({ concurrentRuns: 1 }))
    const reasons: (string | undefined)[] = []
    queue.process(
      (_job, cancellation) =>
        new Promise((end) =>
          cancellation.whenCancelled(({ reason }) => {
            reasons.push(reason)
            end()
          }),
        ),
    )
    for (let count = 0; count < 2; count++) await queue.enqueue(newJob('alice'))
    await settled()
    await queue.close()
    expect(reasons).toEqual(['shutdown', 'shutdown'])
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
