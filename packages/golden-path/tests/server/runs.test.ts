import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { Agent } from '../../src/phases/ports/agent.ts'
import { newUser } from '../users.ts'
import { openClient, openTestServer, postAcrossSignOut, type TestServer } from './test-server.ts'

/** Yields one piece after another; waits for a signal of the test before the last ones when it is asked to. */
let release: () => void = () => {}
const agent: Agent = async function* answer(scope, { text }) {
  yield { type: 'agent_thinking', text: 'thinking' }
  for (let piece = 0; piece < 5; piece++) yield { type: 'agent_message_delta', text: `${text}-${piece};` }
  if (!text.startsWith('wait')) return
  await new Promise<void>((resolve, reject) => {
    release = resolve
    scope.signal.addEventListener('abort', () => reject(new Error('aborted')))
  })
  yield { type: 'agent_message_delta', text: 'after' }
}

let server: TestServer
let token: string
let foreign: string
beforeAll(async () => {
  server = await openTestServer({ agent, limits: { heartbeatMs: 50, connectionsPerUser: 3 } })
  token = await server.signIn(0)
  foreign = await server.signIn(1)
})
afterAll(() => server.close())

type Frame = { readonly id: string | undefined; readonly event: string | undefined; readonly data: any }

const start = async (text: string, body: object = {}): Promise<{ runId: string; threadId: string }> =>
  (await server.request('POST', '/runs', { token, body: { input: { text }, ...body } })).body

/** Reads a stream until it ends, or until a frame fits. */
const follow = async (
  runId: string,
  headers: Record<string, string> = {},
  isLast: (frame: Frame) => boolean = () => false,
): Promise<Frame[]> => {
  const abort = new AbortController()
  const response = await fetch(`http://127.0.0.1:${server.port}/runs/${runId}/events`, {
    headers: { authorization: `Bearer ${token}`, ...headers },
    signal: abort.signal,
  })
  expect(response.status).toBe(200)
  expect(response.headers.get('content-type')).toContain('text/event-stream')
  expect(response.headers.get('cache-control')).toBe('private, no-store')
  const frames: Frame[] = []
  let rest = ''
  for await (const chunk of response.body!.pipeThrough(new TextDecoderStream()) as unknown as AsyncIterable<string>) {
    rest += chunk
    const blocks = rest.split('\n\n')
    rest = blocks.pop()!
    for (const block of blocks.filter((text) => text.includes('data: '))) {
      const field = (name: string) =>
        block
          .split('\n')
          .find((line) => line.startsWith(`${name}: `))
          ?.slice(name.length + 2)
      frames.push({ id: field('id'), event: field('event'), data: JSON.parse(field('data')!) })
      if (isLast(frames.at(-1)!)) {
        abort.abort()
        return frames
      }
    }
  }
  return frames
}
const types = (frames: readonly Frame[]): string[] =>
  frames.filter(({ id }) => id !== undefined).map(({ data }) => data.type as string)
const whole = ['agent_started', 'agent_thinking', ...Array<string>(5).fill('agent_message_delta'), 'agent_completed']

describe('POST /runs', () => {
  test('starts a run in the thread that was asked for, and says where to follow it', async () => {
    const answer = await server.request('POST', '/runs', {
      token,
      body: { input: { text: 'x' }, threadId: 'thread-1', clientRequestId: 'c-1' },
    })
    expect(answer.status).toBe(202)
    expect(answer.body).toMatchObject({ threadId: 'thread-1', clientRequestId: 'c-1' })
    expect(answer.headers.get('location')).toBe(`/runs/${answer.body.runId}/events`)
  })

  test.each([
    ['no input', {}],
    ['an empty text', { input: { text: '' } }],
    ['a user id', { input: { text: 'x' }, userId: 'bob' }],
    ['a run id of the client', { input: { text: 'x' }, runId: 'r-1' }],
    ['a bad thread id', { input: { text: 'x' }, threadId: 'a/b' }],
  ])('refuses %s', async (_name, body) => {
    expect((await server.request('POST', '/runs', { token, body })).status).toBe(400)
  })

  test('starts no run for a user who signed out while the body was under way', async () => {
    expect(
      await postAcrossSignOut(server, '/runs', await server.signIn(0), {
        input: { text: 'x' },
        threadId: 'thread-late',
      }),
    ).toBe(401)
    expect((await server.request('GET', '/threads', { token })).text).not.toContain('thread-late')
  })

  test('refuses a body that nests as deep as JSON.parse takes it', async () => {
    const body = `{"input":${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}}`
    expect(await server.request('POST', '/runs', { token, body })).toMatchObject({
      status: 400,
      body: { code: 'ERR_CONTEXT_INVALID_MESSAGE' },
    })
  })

  test('does not let the body choose another type of message', async () => {
    const { runId } = await start('wait')
    const answer = await server.request('POST', '/runs', { token, body: { type: 'cancel_run', runId } })
    expect(answer.status).toBe(400)
    release()
    expect(types(await follow(runId)).at(-1)).toBe('agent_completed')
  })

  test.each(['cancel_run', 'ping', 'start_run', 7, null])(
    'starts a run whatever type the body names: %s',
    async (type) => {
      const { status, body } = await server.request('POST', '/runs', { token, body: { type, input: { text: 'x' } } })
      expect(status).toBe(202)
      expect(types(await follow(body.runId)).at(-1)).toBe('agent_completed')
    },
  )
})

describe('GET /runs/:runId/events', () => {
  test('streams the whole run with its sequence as id, and ends with it', async () => {
    const frames = await follow((await start('x')).runId)
    expect(types(frames)).toEqual(whole)
    expect(frames.filter(({ id }) => id !== undefined).map(({ id, data }) => [id, data.sequence])).toEqual(
      whole.map((_, index) => [`1.${index + 1}`, index + 1]),
    )
  })

  test('streams what comes while the client listens, and nothing twice after a cut', async () => {
    const { runId } = await start('wait')
    const first = await follow(runId, {}, ({ id }) => id === '1.4')
    setTimeout(() => release(), 50)
    const second = await follow(runId, { 'last-event-id': '1.4' })
    expect([...types(first), ...types(second)]).toEqual([
      ...whole.slice(0, -1),
      'agent_message_delta',
      'agent_completed',
    ])
    expect(second.filter(({ id }) => id !== undefined).map(({ id }) => id)).toEqual(['1.5', '1.6', '1.7', '1.8', '1.9'])
  })

  test('answers 204 to a client that has the end already, so that an EventSource stays away', async () => {
    const { runId } = await start('x')
    await follow(runId)
    for (const lastEventId of ['8', '1.8', '1.99', '99']) {
      expect(
        (await server.request('GET', `/runs/${runId}/events`, { token, headers: { 'last-event-id': lastEventId } }))
          .status,
      ).toBe(204)
    }
  })

  test('keeps the stream alive with comments', async () => {
    const { runId } = await start('wait')
    const response = await fetch(`http://127.0.0.1:${server.port}/runs/${runId}/events`, {
      headers: { authorization: `Bearer ${token}` },
    })
    let text = ''
    for await (const chunk of response.body!.pipeThrough(new TextDecoderStream()) as unknown as AsyncIterable<string>) {
      text += chunk
      if (text.includes(': alive')) break
    }
    expect(text).toContain(': alive')
    release()
  })

  test.each(['x', '-1', '0.5', '1.', '.5', '1.2.3', '99999999999999999'])(
    'refuses the position %s',
    async (position) => {
      const { runId } = await start('x')
      expect(
        (await server.request('GET', `/runs/${runId}/events`, { token, headers: { 'last-event-id': position } }))
          .status,
      ).toBe(400)
    },
  )

  test('ends when the session is signed out, and lets the run go on', async () => {
    const own = await server.signIn(0)
    const { runId } = await start('wait')
    const response = await fetch(`http://127.0.0.1:${server.port}/runs/${runId}/events`, {
      headers: { authorization: `Bearer ${own}` },
    })
    const text = response.text()
    await server.request('POST', '/logout', { token: own })
    expect(await text).not.toContain('agent_completed')
    release()
    expect(types(await follow(runId)).at(-1)).toBe('agent_completed')
  })

  test('takes a place of the user, and gives it back', async () => {
    const { runId } = await start('wait')
    const abort = new AbortController()
    const open = () =>
      fetch(`http://127.0.0.1:${server.port}/runs/${runId}/events`, {
        headers: { authorization: `Bearer ${token}` },
        signal: abort.signal,
      })
    const streams = await Promise.all([open(), open(), open()])
    expect(streams.map(({ status }) => status)).toEqual([200, 200, 200])
    expect((await server.request('GET', `/runs/${runId}/events`, { token })).status).toBe(429)
    abort.abort()
    // While the run goes on: a client that left holds no place.
    const again = new AbortController()
    await vi.waitFor(async () => {
      const stream = await fetch(`http://127.0.0.1:${server.port}/runs/${runId}/events`, {
        headers: { authorization: `Bearer ${token}` },
        signal: again.signal,
      })
      expect(stream.status).toBe(200)
    }, 5000)
    again.abort()
    release()
  })
})

describe('a client that leaves while it is authenticated', () => {
  test('holds no place of its user afterwards', async () => {
    let waitMs = 0
    const identity = async () => {
      await new Promise((resolve) => setTimeout(resolve, waitMs))
      return newUser('ada')
    }
    const small = await openTestServer({ agent, limits: { connectionsPerUser: 1 }, identity })
    const { runId } = (await small.request('POST', '/runs', { token: 'a', body: { input: { text: 'wait' } } })).body
    waitMs = 80
    const abort = new AbortController()
    const left = fetch(`http://127.0.0.1:${small.port}/runs/${runId}/events`, {
      headers: { authorization: 'Bearer a' },
      signal: abort.signal,
    })
    setTimeout(() => abort.abort(), 30)
    await expect(left).rejects.toThrow()
    await new Promise((resolve) => setTimeout(resolve, 150))
    waitMs = 0
    const again = await fetch(`http://127.0.0.1:${small.port}/runs/${runId}/events`, {
      headers: { authorization: 'Bearer a' },
    })
    expect(again.status).toBe(200)
    release()
    expect(await again.text()).toContain('agent_completed')
    await small.close()
  })
})

describe('streams of one address', () => {
  test('are counted as its sockets are', async () => {
    const small = await openTestServer({ agent, limits: { connectionsPerAddress: 1 } })
    const own = await small.signIn(0)
    const { runId } = (await small.request('POST', '/runs', { token: own, body: { input: { text: 'wait' } } })).body
    const abort = new AbortController()
    const stream = await fetch(`http://127.0.0.1:${small.port}/runs/${runId}/events`, {
      headers: { authorization: `Bearer ${own}` },
      signal: abort.signal,
    })
    expect(stream.status).toBe(200)
    expect((await small.request('GET', `/runs/${runId}/events`, { token: own })).status).toBe(429)
    await expect(openClient(small, { token: own })).rejects.toMatchObject({ status: 429 })
    abort.abort()
    await vi.waitFor(async () => (await openClient(small, { token: own })).close(), 5000)
    await small.close()
  })
})

describe('DELETE /runs/:runId', () => {
  test('cancels a run of its owner, with one terminal event', async () => {
    const { runId } = await start('wait')
    await follow(runId, {}, ({ id }) => id === '1.7')
    expect(await server.request('DELETE', `/runs/${runId}`, { token })).toMatchObject({
      status: 200,
      body: { isCancelled: true },
    })
    expect(types(await follow(runId)).at(-1)).toBe('agent_cancelled')
    expect(await server.request('DELETE', `/runs/${runId}`, { token })).toMatchObject({
      status: 200,
      body: { isCancelled: false },
    })
  })

  test('answers a foreign run as an unknown one, for every route, and leaves it running', async () => {
    const { runId } = await start('wait-secret')
    for (const [method, path] of [
      ['DELETE', ''],
      ['GET', '/events'],
    ] as const) {
      const [theirs, unknown] = await Promise.all(
        [runId, '00000000-0000-4000-8000-00000000000a'].map((id) =>
          server.request(method, `/runs/${id}${path}`, { token: foreign }),
        ),
      )
      expect(theirs!.status).toBe(404)
      expect(theirs!.text).toBe(unknown!.text)
      expect([...theirs!.headers.keys()].sort()).toEqual([...unknown!.headers.keys()].sort())
    }
    release()
    expect(types(await follow(runId)).at(-1)).toBe('agent_completed')
  })
})

describe('GET /threads', () => {
  test("lists the own threads with title, runs and states, and nobody else's", async () => {
    const { runId } = await start('title of it', { threadId: 'thread-9' })
    await follow(runId)
    const waiting = await start('wait', { threadId: 'thread-9' })
    await follow(waiting.runId, {}, ({ id }) => id === '1.7')
    const { threads } = (await server.request('GET', '/threads', { token })).body
    expect(threads.find(({ threadId }: { threadId: string }) => threadId === 'thread-9')).toEqual({
      threadId: 'thread-9',
      title: 'title of it',
      runs: [
        { runId, createdAt: expect.stringMatching(/^\d{4}-.*Z$/) as unknown, state: 'completed' },
        { runId: waiting.runId, createdAt: expect.any(String) as unknown, state: 'running' },
      ],
    })
    expect((await server.request('GET', '/threads', { token: foreign })).body).toEqual({ threads: [] })
    release()
  })

  test('lists a run whose start was trimmed, without a title: what is first then is no start', async () => {
    const tool: Agent = async function* use() {
      for (let call = 0; call < 3; call++) {
        yield { type: 'tool_executing', toolCallId: `${call}`, toolName: 'read', input: { text: 7 } }
        yield { type: 'tool_completed', toolCallId: `${call}`, toolName: 'read', output: null }
      }
    }
    const small = await openTestServer({ agent: tool, limits: { loggedEventsPerRun: 3 } })
    const own = await small.signIn(0)
    await small.request('POST', '/runs', { token: own, body: { input: { text: 'go' } } })
    await expect
      .poll(async () => (await small.request('GET', '/threads', { token: own })).body.threads)
      .toMatchObject([{ title: '', runs: [{ state: 'completed' }] }])
    await small.close()
  })
})
