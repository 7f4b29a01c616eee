// What POST /ag-ui, POST /api/chat and GET /api/chat/:chatId/stream refuse, and whose runs they give. The stock clients
// in tests/server/clients/ do not send what is refused here.
import { once } from 'node:events'
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Agent } from '../../src/phases/ports/agent.ts'
import { openTestServer, postAcrossSignOut, type TestServer } from './test-server.ts'

const waiting = new Map<string, () => void>()
/** Answers what it was asked; a question that begins with "wait" only when the test lets it. */
const agent: Agent = async function* echo(scope, { text }) {
  const question = text.slice(0, 40)
  yield { type: 'agent_message_delta', text: `asked: ${question}. ` }
  if (!question.startsWith('wait')) return
  await new Promise<void>((resolve) => {
    waiting.set(question, resolve)
    scope.signal.addEventListener('abort', () => resolve())
  })
  yield { type: 'agent_message_delta', text: `answered: ${question}. ` }
}
const release = async (question: string): Promise<void> => {
  await expect.poll(() => waiting.has(question)).toBe(true)
  waiting.get(question)!()
}

let server: TestServer
let token: string
let foreign: string
beforeAll(async () => {
  server = await openTestServer({ agent })
  token = await server.signIn(0)
  foreign = await server.signIn(1)
})
afterAll(() => server.close())

const signInRefused = { code: 'ERR_CONTEXT_IDENTITY_REFUSED', message: 'Please sign in.' }
const agUiBody = (threadId: string, text: string): object => ({
  threadId,
  runId: 'x',
  messages: [{ id: 'm', role: 'user', content: text }],
})
const chatBody = (id: string, text: string): object => ({
  id,
  messages: [{ id: 'm', role: 'user', parts: [{ type: 'text', text }] }],
})
const posts = [
  ['/ag-ui', agUiBody],
  ['/api/chat', chatBody],
] as const

const threadIdsOf = async (ownToken: string): Promise<string[]> =>
  (await server.request('GET', '/threads', { token: ownToken })).body.threads.map(
    ({ threadId }: { threadId: string }) => threadId,
  )

describe.each([
  ['POST', '/ag-ui', agUiBody('thread-0', 'hello')],
  ['POST', '/api/chat', chatBody('thread-0', 'hello')],
  ['GET', '/api/chat/thread-0/stream', undefined],
] as const)('%s %s', (method, path, body) => {
  test('refuses no token, one in the query, one of nobody, and one of a session that was signed out', async () => {
    const ended = await server.signIn(0)
    await server.request('POST', '/logout', { token: ended })
    const inQuery = `${path}?token=${token}&access_token=${token}`
    for (const [target, given] of [
      [path, {}],
      [inQuery, {}],
      [path, { token: `${token}x` }],
      [path, { token: ended }],
    ] as const) {
      const answer = await server.request(method, target, { ...(body !== undefined && { body }), ...given })
      expect({ status: answer.status, body: answer.body }).toEqual({ status: 401, body: signInRefused })
    }
    expect(await threadIdsOf(token)).not.toContain('thread-0')
  })
})

describe.each(posts)('POST %s', (path, toBody) => {
  test('asks who it is before it looks at the body', async () => {
    for (const body of ['{', 'x'.repeat(1_100_000)])
      expect((await server.request('POST', path, { body })).status).toBe(401)
  })

  test('starts no run for a user who signed out while the body was under way', async () => {
    const threadId = `late-${path.slice(1, 3)}`
    expect(await postAcrossSignOut(server, path, await server.signIn(0), toBody(threadId, 'hello'))).toBe(401)
    expect(await threadIdsOf(token)).not.toContain(threadId)
  })

  test('takes a conversation that is longer than other bodies may be, and none beyond a mebibyte', async () => {
    const threadId = `long-${path.slice(1, 3)}`
    const send = (id: string, length: number) =>
      server.request('POST', path, { token, body: { ...toBody(id, 'hello'), history: 'x'.repeat(length) } })
    const answer = await send(threadId, 100_000)
    expect(answer.status).toBe(200)
    expect(answer.text).toContain('asked: hello.')
    expect(await send(`${threadId}-refused`, 1_048_576)).toMatchObject({
      status: 413,
      body: { code: 'ERR_CONTEXT_BODY_TOO_LARGE' },
    })
    expect(await threadIdsOf(token)).not.toContain(`${threadId}-refused`)
  })

  test('takes nothing that a form of a foreign page can send', async () => {
    const body = JSON.stringify(toBody('thread-form', 'hello'))
    expect(
      (await server.request('POST', path, { token, body, headers: { 'content-type': 'text/plain' } })).status,
    ).toBe(400)
    expect(await threadIdsOf(token)).not.toContain('thread-form')
  })

  test('runs in a thread of the user, also when another user has one of that id', async () => {
    const threadId = `shared-${path.slice(1, 3)}`
    await server.request('POST', path, { token, body: toBody(threadId, 'secret-of-alice') })
    const theirs = await server.request('POST', path, { token: foreign, body: toBody(threadId, 'hello') })
    expect(theirs.status).toBe(200)
    expect(theirs.text).not.toContain('secret-of-alice')
    expect((await server.request('GET', '/threads', { token: foreign })).text).not.toContain('secret-of-alice')
  })

  test('starts no run when it has no place for the stream', async () => {
    for (const limits of [{ connectionsPerUser: 1 }, { connectionsPerAddress: 1 }]) {
      const small = await openTestServer({ agent, limits })
      const own = await small.signIn(0)
      const first = small.request('POST', path, { token: own, body: toBody('thread-first', 'wait for room') })
      await expect.poll(() => waiting.has('wait for room')).toBe(true)
      const refused = await small.request('POST', path, { token: own, body: toBody('thread-refused', 'hello') })
      expect({ status: refused.status, code: refused.body?.code }).toEqual({
        status: 429,
        code: 'ERR_CONTEXT_TOO_MANY_CONNECTIONS',
      })
      await release('wait for room')
      waiting.delete('wait for room')
      expect((await first).text).toContain('answered')
      expect((await small.request('GET', '/threads', { token: own })).text).not.toContain('thread-refused')
      // The places of both are free again.
      await expect
        .poll(
          async () => (await small.request('POST', path, { token: own, body: toBody('thread-next', 'hello') })).status,
        )
        .toBe(200)
      await small.close()
    }
  })

  test('says in HTTP that a user has too many runs, and keeps no place for them', async () => {
    const small = await openTestServer({
      agent,
      limits: { concurrentRunsPerUser: 1, queuedRunsPerUser: 1, connectionsPerUser: 4 },
    })
    const own = await small.signIn(0)
    const open = (threadId: string, text: string) =>
      small.request('POST', path, { token: own, body: toBody(threadId, text) })
    const first = open('thread-first', 'wait for the other')
    await expect.poll(() => waiting.has('wait for the other')).toBe(true)
    // The heads are here while it waits, or a proxy would take the answers for dead.
    const queued = await fetch(`http://127.0.0.1:${small.port}${path}`, {
      method: 'POST',
      headers: { 'authorization': `Bearer ${own}`, 'content-type': 'application/json' },
      body: JSON.stringify(toBody('thread-queued', 'hello')),
    })
    const resumed = await fetch(`http://127.0.0.1:${small.port}/api/chat/thread-queued/stream`, {
      headers: { authorization: `Bearer ${own}` },
    })
    expect([queued.status, resumed.status]).toEqual([200, 200])
    for (let attempt = 0; attempt < 5; attempt++) {
      const { status, body } = await open('thread-refused', 'hello')
      expect({ status, code: body?.code }).toEqual({ status: 429, code: 'ERR_CONTEXT_TOO_MANY_RUNS' })
    }
    await release('wait for the other')
    waiting.delete('wait for the other')
    expect((await first).text).toContain('answered')
    for (const answer of [queued, resumed]) expect(await answer.text()).toContain('asked: hello.')
    expect((await small.request('GET', '/threads', { token: own })).text).not.toContain('thread-refused')
    await small.close()
  })

  test('cuts a reader whose run is forgotten before it was read, and does not say that all went well', async () => {
    const talkative: Agent = async function* (_scope, { text }) {
      if (text === 'big')
        for (let piece = 0; piece < 30; piece++) yield { type: 'agent_thinking', text: 'x'.repeat(200_000) }
    }
    const small = await openTestServer({ agent: talkative, limits: { retainedRunsPerUser: 1 } })
    const own = await small.signIn(0)
    const body = JSON.stringify(toBody('thread-big', 'big'))
    let got = ''
    const socket = connect(small.port, '127.0.0.1')
      .on('error', () => undefined)
      .on('data', (chunk) => {
        got += chunk.toString('latin1')
      })
    socket
      .pause()
      .write(
        [
          `POST ${path} HTTP/1.1`,
          'Host: localhost',
          `Authorization: Bearer ${own}`,
          'Content-Type: application/json',
          `Content-Length: ${body.length}`,
          '',
          body,
        ].join('\r\n'),
      )
    await expect.poll(async () => (await small.request('GET', '/threads', { token: own })).text).toContain('completed')
    await small.request('POST', '/runs', { token: own, body: { input: { text: 'small' } } })
    await expect
      .poll(async () => (await small.request('GET', '/threads', { token: own })).text)
      .not.toContain('thread-big')
    socket.resume()
    await once(socket, 'close')
    expect(got.length).toBeGreaterThan(200_000)
    expect(got).not.toMatch(/RUN_FINISHED|"finish"|\[DONE\]|\r\n0\r\n\r\n$/)
    await small.close()
  })

  test('cuts its stream and ends the run when the session is signed out', async () => {
    const own = await server.signIn(0)
    const question = `wait ${path}`
    const cut = expect(
      server.request('POST', path, { token: own, body: toBody(`out-${path.slice(1, 3)}`, question) }),
    ).rejects.toThrow()
    await expect.poll(() => waiting.has(question)).toBe(true)
    await server.request('POST', '/logout', { token: own })
    await cut
    await expect
      .poll(
        async () =>
          (await server.request('GET', '/threads', { token })).body.threads.find(
            ({ title }: { title: string }) => title === question,
          )?.runs[0].state,
      )
      .toBe('cancelled')
  })
})

describe('GET /api/chat/:chatId/stream', () => {
  test('gives each of two users who have a chat of one id their own run, and the other nothing of it', async () => {
    const users = [
      [token, 'wait for alice'],
      [foreign, 'wait for bob'],
    ] as const
    const sent = users.map(([own, question]) =>
      server.request('POST', '/api/chat', { token: own, body: chatBody('chat-both', question) }),
    )
    for (const [, question] of users) await expect.poll(() => waiting.has(question)).toBe(true)
    // The heads of the answers are here before the runs go on.
    const resumed = await Promise.all(
      users.map(([own]) =>
        fetch(`http://127.0.0.1:${server.port}/api/chat/chat-both/stream`, {
          headers: { authorization: `Bearer ${own}` },
        }),
      ),
    )
    for (const [, question] of users) await release(question)
    const texts = await Promise.all(resumed.map((answer) => answer.text()))
    await Promise.all(sent)
    expect(texts[0]).toContain('answered: wait for alice.')
    expect(texts[0]).not.toContain('bob')
    expect(texts[1]).toContain('answered: wait for bob.')
    expect(texts[1]).not.toContain('alice')
  })

  test('gives nothing of another chat of the same user that is under way', async () => {
    const sent = server.request('POST', '/api/chat', { token, body: chatBody('chat-busy', 'wait in chat-busy') })
    await expect.poll(() => waiting.has('wait in chat-busy')).toBe(true)
    const { status, text } = await server.request('GET', '/api/chat/chat-idle/stream', { token })
    expect({ status, text }).toEqual({ status: 204, text: '' })
    await release('wait in chat-busy')
    await sent
  })

  test.each([
    ['with a blank', 'a%20b'],
    ['with markup', '%3Cscript%3E'],
    ['with a path', '..%2Fx'],
    ['that is too long', 'x'.repeat(129)],
  ])('refuses a chat id %s', async (_name, chatId) => {
    const { status, body } = await server.request('GET', `/api/chat/${chatId}/stream`, { token })
    expect({ status, code: body?.code }).toEqual({ status: 400, code: 'ERR_CONTEXT_INVALID_ID' })
  })
})
