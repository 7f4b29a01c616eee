// A run whose workers are lost, one after the other: how often it is taken up again.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { toOwnerKey } from 'user-execution-context'
import { parseLimits, type RunEvent } from '@user-execution-context/golden-path'
import { fileRun, newContext, openNode } from '../open-ports.ts'
import { queryAsAdmin, testDatabase } from '../test-database.ts'

const database = testDatabase()
let node: Awaited<ReturnType<typeof openNode>>
beforeAll(async () => {
  node = await openNode(database)
})
afterAll(() => node.close())

describe('a run that no worker brings to its end', () => {
  it.each([
    [1, 1],
    [3, 3],
    [undefined, 5],
  ])('is given to a worker so often as maxAttempts %s says: %i times, and ended then', async (maxAttempts, times) => {
    const job = { context: newContext(`user-${times}`), input: { text: 'go' } }
    await fileRun(node.eventLog, job)
    const queue = node.openQueue(parseLimits(), { maxAttempts, pollMs: 20 })
    let calls = 0
    // Without an end: as its lease is over, it goes to another worker.
    queue.process(async () => void calls++)
    await queue.enqueue(job)
    const key = { ownerKey: toOwnerKey(job.context), runId: job.context.runId }
    const read = async () => (await node.eventLog.read(key, { epoch: 1, sequence: 0 }, 100)).events
    await expect.poll(async () => (await read()).at(-1)?.type, { timeout: 20_000 }).toBe('agent_failed')
    expect(calls).toBe(times)
    const end = JSON.parse((await read()).at(-1)!.text) as Extract<RunEvent, { readonly type: 'agent_failed' }>
    expect(end).toMatchObject({ data: { code: 'ERR_CONTEXT_WORKER_LOST' }, epoch: times + 1 })
    await queue.close()
  })

  it('is closed with the tool calls that its readers saw opened, and what it was asked is kept no longer', async () => {
    const job = { context: newContext('tools'), input: { text: 'a secret wish' } }
    await fileRun(node.eventLog, job)
    const queue = node.openQueue(parseLimits(), { maxAttempts: 1, pollMs: 20 })
    queue.process(async ({ writer }) => {
      const { epoch, lastSequence, append } = writer!
      for (const [index, toolCallId] of ['call-1', 'call-2'].entries()) {
        const data = { toolCallId, toolName: 'pay', input: {} }
        const event = { epoch, sequence: lastSequence + 1 + index, type: 'tool_executing' } as const
        const text = JSON.stringify({ ...event, data })
        await append({ ...event, text, bytes: Buffer.byteLength(text) })
      }
    })
    await queue.enqueue(job)
    const key = { ownerKey: toOwnerKey(job.context), runId: job.context.runId }
    const read = async () => (await node.eventLog.read(key, { epoch: 1, sequence: 0 }, 100)).events
    await expect.poll(async () => (await read()).at(-1)?.type, { timeout: 20_000 }).toBe('agent_failed')
    const events = (await read()).map(({ text }) => JSON.parse(text) as RunEvent)
    const closed = (toolCallId: string) => ({ toolCallId, toolName: 'pay', output: null, interrupted: true })
    expect(events.slice(3).map(({ type, data }) => [type, data])).toMatchObject([
      ['tool_completed', closed('call-1')],
      ['tool_completed', closed('call-2')],
      ['agent_failed', { code: 'ERR_CONTEXT_WORKER_LOST' }],
    ])
    const rows = await queryAsAdmin(
      database.name,
      `SELECT start_data FROM uec.runs WHERE run_id = '${job.context.runId}'`,
    )
    expect(rows).toEqual([{ start_data: '' }])
    await queue.close()
  })
})
