// The AI SDK's own chat transport and message reader, unchanged.
import {
  AbstractChat,
  DefaultChatTransport,
  readUIMessageStream,
  type ChatState,
  type UIMessage,
  type UIMessageChunk,
} from 'ai'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Agent } from '../../../src/phases/ports/agent.ts'
import { isRunEvent, openClient, openTestServer, type TestServer } from '../test-server.ts'
import { answerTo, slowAgent } from './slow-agent.ts'

let server: TestServer

beforeAll(async () => {
  server = await openTestServer({ agent: slowAgent(20) })
})
afterAll(() => server.close())

describe('/api/chat with DefaultChatTransport', () => {
  test('streams reasoning and the answer of a run', async () => {
    const transport = await newTransport(0)
    const { parts } = await readAll(await send(transport, 'chat-1', 'tea'))
    expect(parts.find(({ type }) => type === 'reasoning')).toMatchObject({
      text: 'tea 1. tea 2. tea 3. ',
      state: 'done',
    })
    expect(textOf(parts)).toBe(answerTo('tea'))
  })

  test('reconnects to a run after a cut, and gets the whole message', async () => {
    const transport = await newTransport(0)
    const cut = new AbortController()
    const reader = (await send(transport, 'chat-2', 'coffee', cut.signal)).getReader()
    for (let chunk = 0; chunk < 5; chunk++) await reader.read()
    cut.abort()
    await expect(readToEnd(reader)).rejects.toThrow()

    const resumed = await transport.reconnectToStream({ chatId: 'chat-2' })
    expect(resumed).not.toBeNull()
    expect(textOf((await readAll(resumed!)).parts)).toBe(answerTo('coffee'))
  })

  test('ends the reading and not the run when the chat is stopped; DELETE stops the run', async () => {
    const transport = await newTransport(0)
    // Before the run: on a busy machine a sign-in takes as long as the run.
    const tokens = [await server.signIn(0), await server.signIn(1)] as const
    const chat = new TestChat({ id: 'chat-stop', transport })
    const sent = chat.sendMessage({ text: 'cocoa' })
    await expect.poll(() => chat.messages.at(-1)?.parts.length ?? 0).toBeGreaterThan(2)
    await chat.stop()
    await sent
    expect(chat.status).toBe('ready')
    // It is still under way: the client could have lost its line as well.
    const resumed = await transport.reconnectToStream({ chatId: 'chat-stop' })
    expect(resumed).not.toBeNull()
    const ended = readTypes(resumed!)
    const stop = async (user: 0 | 1) => server.request('DELETE', '/api/chat/chat-stop/stream', { token: tokens[user] })
    expect([(await stop(1)).status, (await stop(1)).body]).toEqual([200, { cancelledRuns: 0 }])
    expect((await stop(0)).body).toEqual({ cancelledRuns: 1 })
    expect((await ended).at(-1)).toBe('abort')
    expect(await transport.reconnectToStream({ chatId: 'chat-stop' })).toBeNull()
    expect((await stop(0)).body).toEqual({ cancelledRuns: 0 })
  })

  test('starts nothing for a chat that ends in an answer, and for one with a file', async () => {
    const transport = await newTransport(0)
    const chat = new TestChat({ id: 'chat-twice', transport })
    await chat.sendMessage({ text: 'once' })
    const runsOf = async () =>
      (await server.request('GET', '/threads', { token: await server.signIn(0) })).body.threads.find(
        ({ threadId }: { threadId: string }) => threadId === 'chat-twice',
      ).runs.length
    expect(await runsOf()).toBe(1)
    // Without a message, the SDK sends the conversation as it stands.
    await chat.sendMessage()
    expect(chat.error?.message).toContain('The request is not valid.')
    await chat.sendMessage({ text: 'look', files: [{ type: 'file', mediaType: 'text/plain', url: 'data:,hi' }] })
    expect(chat.error?.message).toContain('The request is not valid.')
    expect(await runsOf()).toBe(1)
  })

  test('gives nothing to reconnect to when no run is under way', async () => {
    const transport = await newTransport(0)
    await readAll(await send(transport, 'chat-3', 'milk'))
    expect(await transport.reconnectToStream({ chatId: 'chat-3' })).toBeNull()
    expect(await transport.reconnectToStream({ chatId: 'chat-unknown' })).toBeNull()
  })

  test('gives nothing of a chat of another user, though it is under way', async () => {
    const [alice, bob] = await Promise.all([newTransport(0), newTransport(1)])
    const stream = await send(alice, 'chat-4', 'secret')
    expect(await bob.reconnectToStream({ chatId: 'chat-4' })).toBeNull()
    expect(textOf((await readAll(stream)).parts)).toBe(answerTo('secret'))
  })

  test('refuses a client without a token, and a body without a message', async () => {
    const nobody = new DefaultChatTransport({ api: `http://127.0.0.1:${server.port}/api/chat` })
    await expect(send(nobody, 'chat-5', 'tea')).rejects.toThrow('Please sign in.')
    const transport = await newTransport(0)
    await expect(
      transport.sendMessages({
        trigger: 'submit-message',
        chatId: 'chat-5',
        messageId: undefined,
        messages: [],
        abortSignal: undefined,
      }),
    ).rejects.toThrow('The request is not valid.')
  })
})

describe('GET /api/chat/:chatId/stream with DefaultChatTransport, of a run that has outgrown the log', () => {
  test('says what was trimmed, and goes on with text, a result without its call, and the whole answer', async () => {
    let finish = (): void => {}
    const agent: Agent = async function* say() {
      yield { type: 'tool_executing', toolCallId: 'call-1', toolName: 'brew', input: { leaves: 3 } }
      for (let piece = 1; piece <= 8; piece++) yield { type: 'agent_message_delta', text: `${piece}. ` }
      await new Promise<void>((resolve) => (finish = resolve))
      yield { type: 'tool_completed', toolCallId: 'call-1', toolName: 'brew', output: 'tea' }
      yield { type: 'agent_message_delta', text: '9. ' }
    }
    const small = await openTestServer({ agent, limits: { loggedEventsPerRun: 4 } })
    const transport = await newTransport(0, small)
    const watcher = await openClient(small, { token: await small.signIn(0) })
    watcher.send({ type: 'start_run', threadId: 'chat-7', input: { text: 'brew' } })
    const { runId } = await watcher.next((message) => isRunEvent(message) && message.sequence === 10)

    const resumed = await transport.reconnectToStream({ chatId: 'chat-7' })
    const [chunks, copy] = resumed!.tee()
    const reader = copy.getReader()
    while ((await reader.read()).value?.type !== 'data-resume-gap');
    finish()
    const [message] = await Promise.all([readAll(chunks), readToEnd(reader)])
    expect(message.id).toBe(runId)
    expect(message.parts).toMatchObject([
      { type: 'data-run', data: { threadId: 'chat-7', runId } },
      { type: 'step-start' },
      { type: 'data-resume-gap', data: { fromSequence: 1, toSequence: 6 } },
      { type: 'text', text: '5. 6. 7. 8. ' },
      { type: 'dynamic-tool', toolName: 'brew', state: 'output-available', output: 'tea' },
      { type: 'text', text: '9. ' },
      { type: 'text', text: '1. 2. 3. 4. 5. 6. 7. 8. 9. ' },
    ])
    watcher.close()
    await small.close()
  })
})

/** The SDK's chat, with its state in plain fields, as its bindings for frameworks have it in theirs. */
class TestChat extends AbstractChat<UIMessage> {
  constructor(options: { id: string; transport: DefaultChatTransport<UIMessage> }) {
    const state: ChatState<UIMessage> = {
      status: 'ready',
      error: undefined,
      messages: [],
      pushMessage: (message) => (state.messages = [...state.messages, message]),
      popMessage: () => (state.messages = state.messages.slice(0, -1)),
      replaceMessage: (index, message) => (state.messages = state.messages.with(index, message)),
      snapshot: (value) => structuredClone(value),
    }
    super({ ...options, state })
  }
}

async function readTypes(stream: Chunks): Promise<string[]> {
  const types: string[] = []
  for await (const { type } of stream as unknown as AsyncIterable<UIMessageChunk>) types.push(type)
  return types
}

type Chunks = ReadableStream<UIMessageChunk>

async function newTransport(user: 0 | 1, of = server): Promise<DefaultChatTransport<UIMessage>> {
  const token = await of.signIn(user)
  return new DefaultChatTransport({
    api: `http://127.0.0.1:${of.port}/api/chat`,
    headers: { authorization: `Bearer ${token}` },
  })
}

function send(
  transport: DefaultChatTransport<UIMessage>,
  chatId: string,
  text: string,
  abortSignal?: AbortSignal,
): Promise<Chunks> {
  const message: UIMessage = { id: 'm', role: 'user', parts: [{ type: 'text', text }] }
  return transport.sendMessages({
    trigger: 'submit-message',
    chatId,
    messageId: undefined,
    messages: [message],
    abortSignal,
  })
}

async function readAll(stream: Chunks): Promise<UIMessage> {
  let last: UIMessage | undefined
  for await (const message of readUIMessageStream({ stream })) last = message
  if (last === undefined) throw new Error('The stream held no message')
  return last
}

async function readToEnd(reader: ReadableStreamDefaultReader<UIMessageChunk>): Promise<void> {
  while (!(await reader.read()).done);
}

function textOf(parts: UIMessage['parts']): string {
  return parts.map((part) => (part.type === 'text' ? part.text : '')).join('')
}
