// A server that restarts without text that it had answered: the writer, which lives, adds it again.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { newRunId } from 'user-execution-context'
import type { EventWriter, LoggedEvent } from '@user-execution-context/golden-path'
import { openNode } from '../open-ports.ts'
import { queryAsAdmin, runAsAdmin, testDatabase } from '../test-database.ts'

const database = testDatabase()
let node: Awaited<ReturnType<typeof openNode>>
beforeAll(async () => {
  node = await openNode(database)
})
afterAll(() => node.close())
beforeEach(() => runAsAdmin(database.name, 'TRUNCATE uec.runs, uec.events'))

const openRun = async (ownerKey: string): Promise<EventWriter> => {
  const runId = newRunId()
  await node.eventLog.create({ ownerKey, runId, threadId: 't', requestId: 'r', createdAtMs: 1 } as never)
  return node.eventLog.openWriter({ ownerKey, runId })
}
const say = async ({ epoch, append }: EventWriter, sequence: number, type: LoggedEvent['type']): Promise<void> => {
  const text = `"${sequence} ${type}"`
  await append({ epoch, sequence, type, text, bytes: text.length })
}
const idle = (): Promise<void> => node.eventLog.writerParts().queue.idle()
/** Texts, which nobody waits for. */
const sayTexts = async (writer: EventWriter, from: number, to: number): Promise<void> => {
  for (let sequence = from; sequence <= to; sequence++) {
    await say(writer, sequence, 'agent_message_delta')
    // Each in a batch of its own.
    await idle()
  }
}
/** As a crash leaves the rows of a run of which the last moments were not on disk. */
const loseBehind = (last: number): Promise<void> =>
  runAsAdmin(
    database.name,
    `DELETE FROM uec.events WHERE sequence > ${last};
      UPDATE uec.runs SET last_sequence = least(last_sequence, ${last})`,
  )
const held = async (): Promise<readonly unknown[]> =>
  (await queryAsAdmin(database.name, 'SELECT owner_key, sequence::integer, type FROM uec.events ORDER BY 1, 2')).map(
    ({ owner_key: owner, sequence, type }) => `${String(owner)} ${String(sequence)} ${String(type)}`,
  )
const texts = (owner: string, to: number): readonly string[] =>
  Array.from({ length: to }, (_, index) => `${owner} ${index + 1} agent_message_delta`)

describe('text that the server has lost and its writer still has', () => {
  it('is added again before what comes behind it, in its order', async () => {
    const writer = await openRun('alice')
    await sayTexts(writer, 1, 5)
    await loseBehind(2)
    await say(writer, 6, 'tool_executing')
    expect(await held()).toEqual([...texts('alice', 5), 'alice 6 tool_executing'])
  })

  it('is added again of each run in the batch', async () => {
    const writers = [await openRun('alice'), await openRun('bob')] as const
    for (const writer of writers) await sayTexts(writer, 1, 3)
    await loseBehind(1)
    await Promise.all(
      writers.flatMap((writer) => [say(writer, 4, 'agent_message_delta'), say(writer, 5, 'tool_executing')]),
    )
    const of = (owner: string) => [...texts(owner, 4), `${owner} 5 tool_executing`]
    expect(await held()).toEqual([...of('alice'), ...of('bob')])
  })

  it('is added again after a durable event of another run', async () => {
    const [alice, bob] = [await openRun('alice'), await openRun('bob')]
    await sayTexts(alice, 1, 3)
    await loseBehind(1)
    await say(bob, 1, 'tool_executing')
    await say(alice, 4, 'tool_executing')
    expect(await held()).toEqual([...texts('alice', 3), 'alice 4 tool_executing', 'bob 1 tool_executing'])
  })

  it('is not made up where a part of it is held no more: what comes behind it is refused', async () => {
    const writer = await openRun('alice')
    await sayTexts(writer, 1, 2)
    await say(writer, 3, 'tool_executing')
    await sayTexts(writer, 4, 5)
    // Further back than the last durable event, which no crash takes.
    await loseBehind(1)
    await expect(say(writer, 6, 'tool_executing')).rejects.toMatchObject({ code: 'ERR_CONTEXT_EVENT_LOG_FAILED' })
    expect(await held()).toEqual(texts('alice', 1))
  })

  it('is not added to what another writer has begun since', async () => {
    const writer = await openRun('alice')
    await sayTexts(writer, 1, 4)
    await loseBehind(2)
    const [{ run_id: runId }] = (await queryAsAdmin(database.name, 'SELECT run_id FROM uec.runs')) as [
      { run_id: never },
    ]
    const next = await node.eventLog.openWriter({ ownerKey: 'alice', runId })
    expect([next.epoch, next.lastSequence]).toEqual([2, 2])
    await expect(say(writer, 5, 'tool_executing')).rejects.toMatchObject({ code: 'ERR_CONTEXT_WRITE_FENCED' })
    await say(next, 3, 'tool_executing')
    expect(await held()).toEqual([...texts('alice', 2), 'alice 3 tool_executing'])
  })
})
