// Every port, after the pools of its process were closed, and whatever is closed in whatever order.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isContextError, toClientAnswer } from 'user-execution-context'
import { parseLimits } from '@user-execution-context/golden-path'
import { isTransient } from '../../src/connection/transient.ts'
import { endRun, fileRun, newJob, openNode, toKey } from '../open-ports.ts'
import { testDatabase } from '../test-database.ts'
import { openPortCalls, portCalls } from './port-calls.ts'

const database = testDatabase()
const reasonOf = (act: () => unknown): Promise<unknown> =>
  Promise.resolve()
    .then(act)
    .then(
      () => undefined,
      (reason: unknown) => reason,
    )

describe('a port whose pools were closed', () => {
  let calls: Awaited<ReturnType<typeof openPortCalls>>
  let node: Awaited<ReturnType<typeof openNode>>
  beforeAll(async () => {
    node = await openNode(database)
    calls = await openPortCalls(node)
    await node.postgres.close()
  })
  afterAll(() => node.close())

  it.each(portCalls)('%s says so, and asks to come again', async (name) => {
    const error = await reasonOf(calls[name])
    expect(error).toMatchObject({
      code: 'ERR_CONTEXT_DATABASE_UNAVAILABLE',
      message: expect.stringContaining('The pools of this process are closed.') as string,
    })
    expect(toClientAnswer(error)).toMatchObject({ httpStatus: 503, closeCode: 1013 })
    // Nothing opens them again: whoever asked until it is answered would keep the process from its end.
    expect(isTransient(error)).toBe(false)
  })
})

describe('close()', () => {
  const parts = ['queue', 'eventLog', 'wakes', 'postgres'] as const
  const permute = <Part>(all: readonly Part[]): Part[][] =>
    all.length === 0
      ? [[]]
      : all.flatMap((first) => permute(all.filter((part) => part !== first)).map((rest) => [first, ...rest]))

  it.each(permute(parts))('rejects with nothing in the order %s, %s, %s, %s, twice, of any this', async (...order) => {
    const node = await openNode(database)
    const job = newJob('bob')
    await fileRun(node.eventLog, job)
    const writer = await node.eventLog.openWriter(toKey(job))
    const queue = node.openQueue(parseLimits(), { pollMs: 20 })
    queue.process(async () => {})
    await node.eventLog.follow(toKey(job), () => {})
    const closing = { ...node, queue }
    for (const name of order) for (const _ of [1, 2]) await closing[name].close.call(undefined as never)
    const error = await reasonOf(() => endRun({ ...job, writer }))
    expect(isContextError(error) && error.code).toBe('ERR_CONTEXT_EVENT_LOG_FAILED')
  })

  it('of pools leaves those that were ended by hand', async () => {
    const { postgres, wakes, eventLog } = await openNode(database)
    await postgres.service.end()
    await eventLog.close()
    await wakes.close()
    await postgres.close()
    expect(postgres.worker.ended).toBe(true)
  })
})
