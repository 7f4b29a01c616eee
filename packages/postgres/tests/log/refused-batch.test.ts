// A batch holds events of many users. What the database refuses of one of them is not refused of the others.
import { newRunId } from 'user-execution-context'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openNode } from '../open-ports.ts'
import { runAsAdmin, testDatabase } from '../test-database.ts'

const database = testDatabase()
let node: Awaited<ReturnType<typeof openNode>>
beforeAll(async () => {
  node = await openNode(database)
  await runAsAdmin(
    database.name,
    `CREATE FUNCTION public.refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE check_violation; END'`,
    `CREATE TRIGGER refuse BEFORE INSERT ON uec.events FOR EACH ROW WHEN (NEW.owner_key = 'mallory')
      EXECUTE FUNCTION public.refuse()`,
  )
})
afterAll(() => node.close())

describe('a batch of events of several users', () => {
  it('is added for everybody but the user whose events the database refuses', async () => {
    const runs = await Promise.all(
      ['alice', 'mallory', 'bob'].map(async (ownerKey) => {
        const runId = newRunId()
        await node.eventLog.create({ ownerKey, runId, threadId: 't', requestId: 'r', createdAtMs: 1 } as never)
        const { epoch, lastSequence, append } = await node.eventLog.openWriter({ ownerKey, runId })
        const add = (offset: number) => {
          const event = { epoch, sequence: lastSequence + offset, type: 'tool_executing' } as const
          return append({ ...event, text: '{}', bytes: 2 })
        }
        return { key: { ownerKey, runId }, add }
      }),
    )
    // In one tick, so that they go in one batch.
    const added = await Promise.allSettled([1, 2].flatMap((offset) => runs.map(({ add }) => add(offset))))
    expect(added.map(({ status }) => status)).toEqual([1, 2].flatMap(() => ['fulfilled', 'rejected', 'fulfilled']))
    expect(added[1]).toMatchObject({ reason: { code: 'ERR_CONTEXT_EVENT_LOG_FAILED', cause: { code: '23514' } } })
    const counts = await Promise.all(
      runs.map(async ({ key }) => (await node.eventLog.read(key, { epoch: 1, sequence: 0 }, 10)).events.length),
    )
    expect(counts).toEqual([2, 0, 2])
  })
})
