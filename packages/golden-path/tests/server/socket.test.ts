import { connect } from 'node:net'
import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Agent } from '../../src/phases/ports/agent.ts'
import { toHandshake } from './mounted-app.ts'
import { isEnd, isRunEvent, openClient, openTestServer, type Client, type TestServer } from './test-server.ts'

let server: TestServer
beforeAll(async () => {
  server = await openTestServer()
})
afterAll(() => server.close())

const ready = async (client: Promise<Client>): Promise<Client> => {
  const opened = await client
  await opened.next(({ type }) => type === 'connection_ready')
  return opened
}
const ask = async (client: Client, text: string, threadId?: string): Promise<string> => {
  const clientRequestId = randomBytes(8).toString('hex')
  client.send({ type: 'start_run', input: { text }, clientRequestId, ...(threadId !== undefined && { threadId }) })
  const answer = await client.next((message) => message['clientRequestId'] === clientRequestId)
  return answer['runId'] as string
}
const ended = (client: Client, runId: string) => client.next((message) => isEnd(message) && message['runId'] === runId)

describe('openSocket', () => {
  test('serves messages that are sent before the server has greeted', async () => {
    const client = await openClient(server, { token: await server.signIn(0) })
    await ended(client, await ask(client, 'list'))
    client.close()
  })

  test('answers what it does not understand with an error, and lives on', async () => {
    const client = await ready(openClient(server, { token: await server.signIn(0) }))
    const bad = [
      '',
      '{',
      '[]',
      'null',
      '7',
      '{"type":"nothing"}',
      '{"type":"start_run"}',
      '{"type":"start_run","input":{"text":7}}',
      '{"type":"start_run","input":{"text":"list"},"userId":"bob"}',
      '{"type":"cancel_run","runId":"a/b"}',
      '{"__proto__":{"type":"ping"}}',
    ]
    for (const text of bad) client.send(text)
    client.socket.send(randomBytes(64), { binary: true })
    client.send({ type: 'ping' })
    await client.next(({ type }) => type === 'pong')
    expect(client.messages.filter(({ type }) => type === 'error')).toHaveLength(bad.length + 1)
    await ended(client, await ask(client, 'list'))
    client.close()
  })

  test('answers each of 40 starts and of 40 resumes that are said at once', async () => {
    const client = await ready(openClient(server, { token: await server.signIn(0) }))
    const answered = async (toMessage: (index: number) => object) => {
      const before = client.messages.length
      for (let index = 0; index < 40; index++) client.send({ ...toMessage(index), clientRequestId: `${index}` })
      await expect
        .poll(() => new Set(client.messages.slice(before).flatMap((message) => message['clientRequestId'] ?? [])).size)
        .toBe(40)
      const answers = client.messages.slice(before).filter((message) => message['clientRequestId'] !== undefined)
      expect(answers).toHaveLength(40)
      return answers.map((answer) => answer['runId'] as string)
    }
    const runIds = (await answered(() => ({ type: 'start_run', input: { text: 'list' } }))).filter(Boolean)
    expect(runIds).toHaveLength(20)
    for (const runId of runIds) await ended(client, runId)
    await new Promise((resolve) => setTimeout(resolve, 1_000))
    await answered((index) => ({ type: 'resume', runId: runIds[index % 20], lastSequence: index % 3 }))
    client.close()
  })

  test('starts one run for a key that is said again on the next socket and over HTTP', async () => {
    const token = await server.signIn(0)
    const start = { input: { text: 'list' }, threadId: 't-key', idempotencyKey: 'key-of-a-client-1' }
    const first = await ready(openClient(server, { token }))
    first.send({ type: 'start_run', ...start })
    const { runId } = await first.next(({ type }) => type === 'run_accepted')
    first.socket.terminate()
    const second = await ready(openClient(server, { token }))
    second.send({ type: 'start_run', ...start })
    expect(await second.next(({ type }) => type === 'run_accepted')).toMatchObject({ runId })
    await ended(second, runId)
    const { idempotencyKey, ...body } = start
    for (const [headers, more] of [
      [{ 'idempotency-key': idempotencyKey }, {}],
      [{ 'idempotency-key': `"${idempotencyKey}"` }, {}],
      [{}, { idempotencyKey }],
    ] as const) {
      const answer = await server.request('POST', '/runs', { token, headers, body: { ...body, ...more } })
      expect([answer.status, answer.body]).toEqual([202, { runId, threadId: 't-key' }])
    }
    second.close()
  })

  test('answers a foreign run as an unknown one, and neither cancels nor resumes it', async () => {
    const [alice, bob] = await Promise.all([
      ready(openClient(server, { token: await server.signIn(0) })),
      ready(openClient(server, { token: await server.signIn(1) })),
    ])
    const runId = await ask(alice, 'add secret-of-alice')
    await ended(alice, runId)
    for (const [index, target] of [runId, 'unknown-run'].entries()) {
      bob.send({ type: 'resume', runId: target, lastSequence: 0, clientRequestId: `resume-${index}` })
      bob.send({ type: 'cancel_run', runId: target, clientRequestId: `cancel-${index}` })
    }
    const answers = await Promise.all(
      ['resume-0', 'resume-1', 'cancel-0', 'cancel-1'].map((id) =>
        bob.next((message) => message['clientRequestId'] === id),
      ),
    )
    for (const { clientRequestId: _id, ...answer } of answers)
      expect(answer).toEqual({ version: 1, type: 'error', code: 'ERR_CONTEXT_RUN_NOT_FOUND', message: 'Not found.' })
    expect(bob.bytes().toString('latin1')).not.toContain('secret-of-alice')
    for (const client of [alice, bob]) client.close()
  })

  test('keeps threads of the same name apart', async () => {
    const [alice, bob] = await Promise.all([
      ready(openClient(server, { token: await server.signIn(0) })),
      ready(openClient(server, { token: await server.signIn(1) })),
    ])
    await ended(alice, await ask(alice, 'add only-alice-knows', 'shared-name'))
    await ended(bob, await ask(bob, 'list', 'shared-name'))
    const threads = (await server.request('GET', '/threads', { token: await server.signIn(1) })).text
    for (const received of [bob.bytes().toString('latin1'), threads]) expect(received).not.toContain('only-alice-knows')
    for (const client of [alice, bob]) client.close()
  })

  test('delivers a run to all sockets of its user', async () => {
    const token = await server.signIn(0)
    const [one, two] = await Promise.all([ready(openClient(server, { token })), ready(openClient(server, { token }))])
    const runId = await ask(one, 'list')
    await Promise.all([ended(one, runId), ended(two, runId)])
    const eventsOf = (client: Client): unknown[] =>
      client.messages.filter(isRunEvent).filter((event) => event.runId === runId)
    expect(eventsOf(two)).toEqual(eventsOf(one))
    for (const client of [one, two]) client.close()
  })

  test('closes the sockets of a session that is signed out with 4401, and no other', async () => {
    const [first, second] = [await server.signIn(0), await server.signIn(0)]
    const [signedOut, alsoSignedOut, other] = await Promise.all(
      [first, first, second].map((token) => ready(openClient(server, { token }))),
    )
    await server.request('POST', '/logout', { token: first })
    expect(await signedOut!.closed).toMatchObject({ code: 4401 })
    expect(await alsoSignedOut!.closed).toMatchObject({ code: 4401 })
    await ended(other!, await ask(other!, 'list'))
    await expect(openClient(server, { token: first })).rejects.toMatchObject({ status: 401 })
    other!.close()
  })

  test('answers a flood with errors, then closes with 4429', async () => {
    const client = await ready(openClient(server, { token: await server.signIn(0) }))
    for (let index = 0; index < 50; index++) client.send({ type: 'ping' })
    await client.next((message) => message['code'] === 'ERR_CONTEXT_TOO_MANY_MESSAGES')
    for (let index = 0; index < 1000; index++) client.send({ type: 'ping' })
    expect(await client.closed).toMatchObject({ code: 4429 })
    expect(client.messages.filter(({ type }) => type === 'error').length).toBeLessThan(200)
  })
})

describe('openGoldenPathServer close', () => {
  test('tells its sockets with 1001, ends their runs, and answers nobody after', async () => {
    const stopping = await openTestServer({
      agent: async function* wait(scope) {
        yield { type: 'agent_thinking', text: 'waits' }
        await new Promise((_resolve, reject) =>
          scope.signal.addEventListener('abort', () => reject(new Error('aborted'))),
        )
      },
    })
    const client = await ready(openClient(stopping, { token: await stopping.signIn(0) }))
    const runId = await ask(client, 'anything')
    await client.next(({ type }) => type === 'agent_thinking')
    await stopping.close()
    expect(await client.closed).toMatchObject({ code: 1001 })
    expect(await ended(client, runId)).toMatchObject({
      ...{ type: 'agent_failed', data: { code: 'ERR_CONTEXT_RUN_DRAINED' } },
    })
    await expect(openClient(stopping, {})).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  })
})

describe('openSocket at the end of a token', () => {
  test('closes with 4401 when the token ends, and cancels what was begun with it', async () => {
    // An agent that outlives the token.
    const agent: Agent = async function* answer() {
      yield { type: 'agent_thinking', text: 'slow' }
      await pause(2500)
      yield { type: 'agent_message_delta', text: 'done' }
    }
    const short = await openTestServer({ tokenLifetimeSeconds: 2, agent })
    const client = await ready(openClient(short, { token: await short.signIn(0) }))
    const runId = await ask(client, 'anything')
    const { code, reason } = await client.closed
    expect({ code, reason }).toEqual({ code: 4401, reason: 'Please sign in.' })
    const again = await ready(openClient(short, { token: await short.signIn(0) }))
    again.send({ type: 'resume', runId, lastSequence: 0 })
    expect(await ended(again, runId)).toMatchObject({ type: 'agent_cancelled', data: { reason: 'identity_ended' } })
    await short.close()
  })

  test('reminds a client once, a minute before its token ends', async () => {
    const short = await openTestServer({ tokenLifetimeSeconds: 61 })
    const client = await ready(openClient(short, { token: await short.signIn(0) }))
    const { expiresAt } = await client.next(({ type }) => type === 'token_expiring')
    expect(Date.parse(expiresAt as string) - Date.now()).toBeLessThanOrEqual(60_000)
    await pause(600)
    expect(client.messages.filter(({ type }) => type === 'token_expiring')).toHaveLength(1)
    client.close()
    await short.close()
  })

  test('stays open for a user who renews in place, and closes when the new token ends', async () => {
    const short = await openTestServer({ tokenLifetimeSeconds: 4 })
    const token = await short.signIn(0)
    const client = await ready(openClient(short, { token }))
    let isClosed = false
    void client.closed.then(() => {
      isClosed = true
    })
    await pause(1100)
    const { accessToken } = (await short.request('POST', '/token', { token })).body
    client.send({ type: 'renew_token', token: accessToken })
    const { expiresAt } = await client.next(({ type }) => type === 'token_renewed')
    expect(Date.parse(expiresAt as string)).toBeGreaterThan(Date.now() + 500)
    // Past the end of the first token, before the end of the second.
    await pause(Date.parse(expiresAt as string) - Date.now() - 550)
    expect(isClosed).toBe(false)
    expect(await client.closed).toMatchObject({ code: 4401 })
    await short.close()
  })

  test.each([
    ['another user', async () => server.signIn(1), 'ERR_CONTEXT_ANOTHER_SUBJECT'],
    ['nobody', async () => 'x.y.z', 'ERR_CONTEXT_IDENTITY_REFUSED'],
  ])('does not take a token of %s for a renewal, and keeps its user', async (_name, getToken, code) => {
    const client = await ready(openClient(server, { token: await server.signIn(0) }))
    client.send({ type: 'renew_token', token: await getToken(), clientRequestId: 'renewal' })
    expect(await client.next((message) => message['clientRequestId'] === 'renewal')).toMatchObject({
      type: 'error',
      code,
    })
    const bystander = await ready(openClient(server, { token: await server.signIn(1) }))
    await ended(client, await ask(client, 'add note-after-renewal'))
    const notes = await ask(bystander, 'search note-after-renewal')
    await ended(bystander, notes)
    expect(bystander.messages.find((message) => isEnd(message))!['data'].text).toContain('None of your notes')
    for (const opened of [client, bystander]) opened.close()
  })
})

describe('startHeartbeat', () => {
  test('terminates a peer that answers no ping, and keeps one that does', async () => {
    const quick = await openTestServer({ limits: { heartbeatMs: 100 } })
    const token = await quick.signIn(0)
    const alive = await ready(openClient(quick, { token }))
    // A client that upgrades and then never says anything, not even pong.
    const dead = connect(quick.port, '127.0.0.1')
    dead.write(toHandshake('/ws', [`authorization: Bearer ${token}`]))
    let received = ''
    dead.on('data', (chunk) => {
      received += chunk.toString('latin1')
    })
    await new Promise((resolve) => dead.on('close', resolve))
    expect(received).toContain('101 Switching Protocols')
    alive.send({ type: 'ping' })
    await alive.next(({ type }) => type === 'pong')
    alive.close()
    await quick.close()
  })
})

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
