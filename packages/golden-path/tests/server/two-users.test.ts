import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { isEnd, isRunEvent, openClient, openTestServer, type Client } from './test-server.ts'

const runsPerUser = 50

/** What one user asks: half of the runs keep a note with a canary, the others search for one that was kept. */
const ask = async (client: Client, canaries: readonly string[]): Promise<void> => {
  for (const [index, canary] of canaries.entries()) {
    // Not awaited one by one: runs of both users wait, run and end among each other.
    client.send({
      type: 'start_run',
      clientRequestId: canary,
      input: { text: index % 2 === 0 ? `add ${canary} costs ${index}` : `search ${canary}` },
    })
    if (index % 7 === 0) await new Promise((resolve) => setTimeout(resolve, Math.random() * 5))
  }
  await Promise.all(
    canaries.map(async (canary) => {
      const { runId } = await client.next(
        (message) => message.type === 'run_accepted' && message['clientRequestId'] === canary,
      )
      await client.next((message) => isEnd(message) && message['runId'] === runId)
    }),
  )
}

describe('openGoldenPathServer', () => {
  test('gives each of two users, in 50 runs each, every byte of their own and none of the other', async () => {
    const server = await openTestServer({ limits: { messagesPerSecond: 1000 } })
    const users = await Promise.all(
      ([0, 1] as const).map(async (index) => ({
        client: await openClient(server, { token: await server.signIn(index) }),
        canaries: Array.from({ length: runsPerUser }, () => `canary${randomUUID().replaceAll('-', '')}`),
      })),
    )
    await Promise.all(users.map(({ client, canaries }) => ask(client, canaries)))
    // Everything that the agent can find for this user, in one answer.
    for (const { client } of users) {
      client.send({ type: 'start_run', clientRequestId: 'last', input: { text: 'list' } })
      const { runId } = await client.next((message) => message['clientRequestId'] === 'last')
      await client.next((message) => isEnd(message) && message['runId'] === runId)
    }

    for (const [index, { client, canaries }] of users.entries()) {
      const received = client.bytes().toString('latin1')
      const others = users[1 - index]!.canaries
      expect(canaries.filter((canary) => !received.includes(canary))).toEqual([])
      expect(others.filter((canary) => received.includes(canary))).toEqual([])

      const runIds = new Set(client.messages.filter(isRunEvent).map(({ runId }) => runId))
      expect(runIds.size).toBe(runsPerUser + 1)
      for (const runId of runIds) {
        const events = client.messages.filter(isRunEvent).filter((event) => event.runId === runId)
        expect(events.map(({ sequence }) => sequence)).toEqual(events.map((_, position) => position + 1))
        expect(events[0]!.type).toBe('agent_started')
        expect(events.map(isEnd)).toEqual(events.map((_, position) => position === events.length - 1))
        expect(events.at(-1)!.type).toBe('agent_completed')
        expect(events.map(({ type }) => type)).toEqual(
          expect.arrayContaining(['agent_thinking', 'tool_executing', 'tool_completed']),
        )
      }
    }

    // What was logged is kept apart, too. What the notes server stores is searched by its isolation suite.
    const log = JSON.stringify(server.log)
    expect(users.flatMap(({ canaries }) => canaries).filter((canary) => log.includes(canary))).toEqual([])
    for (const { client } of users) client.close()
    await server.close()
  })
})
