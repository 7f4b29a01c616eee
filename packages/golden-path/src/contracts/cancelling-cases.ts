/**
 * How jobs are cancelled: cases of the contract of run queues.
 */
import { deepEqual, equal } from 'node:assert/strict'
import { eventually, type ContractCase } from './contract-case.ts'
import { toKey, type NewQueueCase, type StartedJob } from './queue-samples.ts'

const reasonOf = ({ cancellation }: StartedJob): string | undefined => cancellation.cancelled?.reason

export const cancellingCases = (newCase: NewQueueCase): readonly ContractCase[] => [
  newCase("cancels a running job with the reason, and another's not", {}, async (watched) => {
    const [own] = await watched.enqueue('alice', 'alice')
    await watched.startedUsers(2)
    const isOwn = ({ job }: StartedJob): boolean => job.context.runId === own!.context.runId
    const cancelled = watched.started.find(isOwn)!
    const other = watched.started.find((started) => !isOwn(started))!
    equal(await watched.queue.cancel(toKey(own!), 'user'), true)
    await eventually(() => reasonOf(cancelled) !== undefined, 'the worker hears of it')
    deepEqual([reasonOf(cancelled), reasonOf(other)], ['user', undefined])
  }),
  newCase(
    'hands a waiting job to the worker cancelled, so that its end is written',
    { concurrentRuns: 1 },
    async (watched) => {
      const [, waiting] = await watched.enqueue('alice', 'alice')
      await watched.startedUsers(1)
      equal(await watched.queue.cancel(toKey(waiting!), 'user'), true)
      await watched.startedUsers(2)
      equal(watched.started[1]!.job.context.runId, waiting!.context.runId)
      equal(reasonOf(watched.started[1]!), 'user')
      watched.started[0]!.end()
      await watched.quiet()
      equal(watched.started.length, 2)
    },
  ),
  newCase('cancels nothing for another owner, an unknown run, and a run that has ended', {}, async (watched) => {
    const [job] = await watched.enqueue('alice')
    const [foreign] = await watched.enqueue('bob')
    await watched.startedUsers(2)
    const unknown = await watched.newJob('alice')
    const wrong = { ...toKey(job!), ownerKey: toKey(foreign!).ownerKey }
    for (const key of [wrong, toKey(unknown)]) equal(await watched.queue.cancel(key, 'user'), false)
    for (const { end } of watched.started) end()
    await watched.quiet()
    equal(await watched.queue.cancel(toKey(job!), 'user'), false)
    deepEqual(watched.started.map(reasonOf), [undefined, undefined])
  }),
  newCase('hands a job to the worker once when its own onQueued cancels it', {}, async (watched) => {
    const job = await watched.newJob('alice')
    let cancelled: Promise<boolean> | undefined
    await watched.queue.enqueue(job, () => {
      cancelled = watched.queue.cancel(toKey(job), 'user')
    })
    equal(await cancelled, true)
    await watched.startedUsers(1)
    await eventually(() => reasonOf(watched.started[0]!) === 'user', 'the worker hears of it')
    equal(watched.started.length, 1)
  }),
]
