// The stock client of AG-UI, unchanged: its own parser, schemas and order checks judge the server.
import { HttpAgent } from '@ag-ui/client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Agent } from '../../../src/phases/ports/agent.ts'
import { slowAgent } from './slow-agent.ts'
import { openTestServer, type TestServer } from '../test-server.ts'

let server: TestServer

beforeAll(async () => {
  server = await openTestServer()
})
afterAll(() => server.close())

describe('POST /ag-ui with @ag-ui/client', () => {
  test('gives reasoning, a tool call with its result, and the answer', async () => {
    const agent = await newAgent(0)
    agent.addMessage({ id: 'm1', role: 'user', content: 'add 12 apples' })
    const { newMessages } = await agent.runAgent()
    expect(newMessages.map(({ role }) => role)).toEqual(['reasoning', 'assistant', 'tool', 'assistant'])
    expect(newMessages[1]).toMatchObject({
      toolCalls: [{ function: { name: 'add-note', arguments: '{"text":"12 apples"}' } }],
    })
    expect(newMessages.at(-1)?.content).toBe('Kept as note 1.')
  })

  test('carries on a conversation in the thread that the client named, with run ids of the server', async () => {
    const agent = await newAgent(0)
    const runs: { threadId: string; runId: string }[] = []
    for (const content of ['add 30 pears', 'list']) {
      agent.addMessage({ id: content, role: 'user', content })
      await agent.runAgent(
        { runId: 'chosen-by-the-client' },
        { onRunStartedEvent: ({ event }) => void runs.push(event) },
      )
    }
    expect(runs.map(({ threadId }) => threadId)).toEqual([agent.threadId, agent.threadId])
    expect(new Set(runs.map(({ runId }) => runId)).size).toBe(2)
    expect(runs.map(({ runId }) => runId)).not.toContain('chosen-by-the-client')
    expect(String(agent.messages.at(-1)?.content)).toContain('30 pears')
  })

  test('takes the user from the token, whatever the body says', async () => {
    const [alice, bob] = await Promise.all([newAgent(0), newAgent(1)])
    alice.addMessage({ id: 'm1', role: 'user', content: 'add secret-of-alice' })
    await alice.runAgent()
    bob.threadId = alice.threadId
    bob.addMessage({ id: 'm2', role: 'user', content: 'list' })
    await bob.runAgent({
      forwardedProps: { userId: 'alice', userName: 'alice' },
      context: [{ description: 'user', value: 'alice' }],
    })
    expect(JSON.stringify(bob.messages)).not.toContain('secret-of-alice')
  })

  test('ends the reading and not the run when the client aborts; DELETE stops the run', async () => {
    const slow = await openTestServer({ agent: slowAgent(20) })
    const agent = await newAgent(0, slow)
    agent.addMessage({ id: 'm1', role: 'user', content: 'cocoa' })
    const started = new Promise<void>((resolve) => agent.subscribe({ onReasoningStartEvent: () => resolve() }))
    const run = agent.runAgent().catch(() => undefined)
    await started
    agent.abortRun()
    await run
    const token = await slow.signIn(0)
    const stateOf = async () => (await slow.request('GET', '/threads', { token })).body.threads[0].runs[0].state
    expect(await stateOf()).toBe('running')
    const path = `/ag-ui/${agent.threadId}`
    const ofAnother = await slow.request('DELETE', path, { token: await slow.signIn(1) })
    expect([ofAnother.status, ofAnother.body]).toEqual([200, { cancelledRuns: 0 }])
    expect((await slow.request('DELETE', path, { token })).body).toEqual({ cancelledRuns: 1 })
    await expect.poll(stateOf).toBe('cancelled')
    await slow.close()
  })

  test('starts nothing for a conversation that ends in an answer', async () => {
    const agent = await newAgent(0)
    agent.addMessage({ id: 'm1', role: 'user', content: 'list' })
    await agent.runAgent()
    await expect(agent.runAgent()).rejects.toThrow('400')
    const { body } = await server.request('GET', '/threads', { token: await server.signIn(0) })
    const thread = body.threads.find(({ threadId }: { threadId: string }) => threadId === agent.threadId)
    expect(thread.runs).toHaveLength(1)
  })

  test('starts nothing for a conversation that ends in reasoning, which is all that the agent said', async () => {
    const runs: string[] = []
    const silent: Agent = async function* think(_scope, { text }) {
      runs.push(text)
      yield { type: 'agent_thinking', text: 'no words for that' }
    }
    const thinking = await openTestServer({ agent: silent })
    const agent = await newAgent(0, thinking)
    agent.addMessage({ id: 'm1', role: 'user', content: 'say nothing' })
    const { newMessages } = await agent.runAgent()
    expect(newMessages.map(({ role }) => role)).toEqual(['reasoning'])
    await expect(agent.runAgent()).rejects.toThrow('400')
    agent.addMessage({ id: 'm2', role: 'user', content: 'and again' })
    await agent.runAgent()
    expect(runs).toEqual(['say nothing', 'and again'])
    await thinking.close()
  })

  test('refuses a client without a token', async () => {
    const agent = new HttpAgent({ url: `http://127.0.0.1:${server.port}/ag-ui` })
    agent.addMessage({ id: 'm1', role: 'user', content: 'list' })
    await expect(agent.runAgent()).rejects.toThrow('401')
  })
})

describe('POST /ag-ui with @ag-ui/client that is slower than the run', () => {
  test('says which events were trimmed before the client took them, and gives the whole answer', async () => {
    // All in one tick, over a transport that takes one event at a time and a log that holds four.
    const burst: Agent = async function* say() {
      for (let piece = 1; piece <= 20; piece++) yield { type: 'agent_message_delta', text: `${piece}. ` }
    }
    const small = await openTestServer({
      agent: burst,
      limits: { bufferedBytesPerConnection: 1, loggedEventsPerRun: 4 },
    })
    const agent = await newAgent(0, small)
    agent.addMessage({ id: 'm1', role: 'user', content: 'count' })
    const gaps: { fromSequence: number; toSequence: number }[] = []
    const { newMessages } = await agent.runAgent(
      {},
      {
        onCustomEvent: ({ event }) => void (event.name === 'resume_gap' && gaps.push(event.value)),
      },
    )
    expect(gaps).toEqual([{ fromSequence: 2, toSequence: 18, reason: 'trimmed' }])
    expect(newMessages.at(-1)?.content).toBe(Array.from({ length: 20 }, (_, index) => `${index + 1}. `).join(''))
    await small.close()
  })
})

async function newAgent(user: 0 | 1, of = server): Promise<HttpAgent> {
  const token = await of.signIn(user)
  return new HttpAgent({ url: `http://127.0.0.1:${of.port}/ag-ui`, headers: { authorization: `Bearer ${token}` } })
}
