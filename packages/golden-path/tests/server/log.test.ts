// Every line that a server writes, over real sockets: each event is provoked, and none says anything of a user.
import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { createForUser } from 'user-execution-context'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { openGoldenPath, type Agent } from '../../src/index.ts'
import { goldenPathLog } from '../../src/server/golden-path-log.ts'
import { logEvents, logLevels, type LogEvent } from '../../src/server/log-events.ts'
import type { LogRecord } from '../../src/server/log-record.ts'
import { newUser } from '../users.ts'
import { isEnd, openClient, openTestServer, type TestServer } from './test-server.ts'

const content = 'my-secret-thought'
const bytes = 65_536

/** Fails, writes until it is stopped, or answers. */
const agent: Agent = async function* (scope, { text }) {
  if (text.startsWith('fail')) throw new Error(`cannot do ${text}`)
  while (text.startsWith('flood') && !scope.signal.aborted) {
    yield { type: 'agent_thinking', text: 'x'.repeat(bytes / 4) }
    await pause(1)
  }
  yield { type: 'agent_message_delta', text: `You said ${text}.` }
}

const find = <Event extends LogEvent>(log: readonly LogRecord[], event: Event) =>
  log.filter((record): record is Extract<LogRecord, { readonly event: Event }> => record.event === event)

describe('the log of a server', () => {
  let server: TestServer
  const secrets: string[] = [content]
  beforeAll(async () => {
    server = await openTestServer({
      agent,
      logLevel: 'debug',
      limits: {
        connectionsPerUser: 2,
        bufferedBytesPerConnection: bytes,
        eventBytes: bytes,
        outputBytesPerRun: 1_000_000_000,
        slowReaderMs: 1,
        stalledReaderMs: 100,
      },
    })
    const { users, request } = server
    secrets.push(...users.flatMap(({ userName, password }) => [`id-of-${userName}`, userName, password]))
    const [token, other] = [await server.signIn(0), await server.signIn(1)]
    for (const given of [token, other]) {
      const [, payload, signature] = given.split('.') as [string, string, string]
      const { sid } = JSON.parse(Buffer.from(payload, 'base64url').toString()) as { readonly sid: string }
      expect(sid).toMatch(/^\S{8,}$/)
      secrets.push(given, payload, signature, sid)
    }
    await request('POST', '/login', { body: { userName: 'alice', password: `wrong ${content}` } })
    await request('GET', `/threads?text=${content}`)
    await expect(openClient(server)).rejects.toMatchObject({ status: 401 })

    const client = await openClient(server, { token })
    client.send({ type: 'start_run', input: { text: content } })
    const { runId } = await client.next(isEnd)
    client.send({ type: 'start_run', input: { text: `fail ${content}` } })
    await client.next(({ type }) => type === 'agent_failed')
    client.send({ type: content })
    await client.next(({ type }) => type === 'error')
    client.send({ type: 'start_run', input: { text: 'hi', [content]: content }, [content]: content })
    await client.next(({ type }) => type === 'error')
    client.send({ type: 'resume', runId, lastSequence: 1 })
    await client.next(({ type }) => type === 'resume_accepted')
    await request('GET', `/runs/${runId}/events`, { token, headers: { 'last-event-id': '1.1' } })
    for (const [method, path] of [
      ['GET', `/runs/${runId}/events`],
      ['DELETE', `/runs/${runId}`],
    ] as const)
      expect((await request(method, path, { token: other })).status).toBe(404)

    const slow = await openClient(server, { token })
    const third = await openClient(server, { token })
    expect((await third.closed).code).toBe(4429)
    slow.socket.pause()
    client.close()
    await client.closed
    const started = await request('POST', '/runs', { token, body: { input: { text: `flood ${content}` } } })
    await vi.waitUntil(() => find(server.log, 'reader-slow').length > 0, { timeout: 60_000 })
    await request('DELETE', `/runs/${started.body.runId}`, { token })
    slow.socket.resume()
    await slow.closed

    expect((await request('POST', '/logout', { token: other })).status).toBe(204)
    await server.close()
  }, 120_000)
  afterAll(() => server.close())

  test('has a line for every event of the table, and no other', () => {
    const events = new Set(server.log.map(({ event }) => event))
    expect([...events].sort()).toEqual(Object.keys(logEvents).sort())
  })

  test('gives each line its level and exactly the fields of the table', () => {
    for (const record of server.log) {
      const { level, fields } = logEvents[record.event]
      expect(record.level).toBe(level)
      expect(Object.keys(record).sort()).toEqual(['event', 'level', ...fields].sort())
    }
  })

  test('holds no id of a user or a session, no token and nothing that a user wrote', () => {
    const text = server.log.map((record) => JSON.stringify(record)).join('\n')
    expect(secrets).toHaveLength(1 + 6 + 8)
    expect(secrets.filter((secret) => text.includes(secret))).toEqual([])
  })

  test('says where clients are, what ended a run, how long it took, and how a connection closed', () => {
    const { log } = server
    const known = { correlationId: expect.stringContaining(':') as string, address: '127.0.0.1' }
    expect(find(log, 'signed-in')).toMatchObject([known, known])
    expect(find(log, 'signed-out')).toMatchObject([known])
    expect(find(log, 'request-refused')).toMatchObject([
      { method: 'POST', path: '/login', code: 'ERR_CONTEXT_IDENTITY_REFUSED', address: '127.0.0.1' },
      { method: 'GET', path: '/threads', code: 'ERR_CONTEXT_IDENTITY_REFUSED', address: '127.0.0.1' },
      { method: 'GET', path: '/runs/:runId/events', code: 'ERR_CONTEXT_RUN_NOT_FOUND', address: '127.0.0.1' },
      { method: 'DELETE', path: '/runs/:runId', code: 'ERR_CONTEXT_RUN_NOT_FOUND', address: '127.0.0.1' },
    ])
    expect(find(log, 'upgrade-refused')).toMatchObject([{ address: '127.0.0.1' }])
    expect(find(log, 'socket-refused')).toMatchObject([{ code: 'ERR_CONTEXT_TOO_MANY_CONNECTIONS' }])
    expect(find(log, 'message-refused')).toMatchObject([
      { code: 'ERR_CONTEXT_INVALID_MESSAGE', ...known },
      { issues: 'input[key 2]: unknown key; [key 3]: unknown key', ...known },
    ])
    expect(find(log, 'reader-slow')).toMatchObject([known])
    expect(find(log, 'client-resumed')).toMatchObject([known, known])
    expect(find(log, 'connection-closed').map(({ closeCode }) => closeCode)).toEqual(
      expect.arrayContaining([1013, undefined]),
    )
    const ended = find(log, 'run-ended')
    expect(ended.map(({ outcome, code, reason }) => [outcome, code, reason])).toEqual([
      ['completed', undefined, undefined],
      ['failed', 'ERR_CONTEXT_AGENT_FAILED', undefined],
      ['cancelled', undefined, 'user'],
    ])
    // The lines of one run have one id, from the queue to its end.
    for (const { correlationId, durationMs } of ended) {
      expect(durationMs).toBeGreaterThanOrEqual(0)
      const ofRun = log.filter((record) => 'correlationId' in record && record.correlationId === correlationId)
      expect(ofRun.map(({ event }) => event).filter((event) => event !== 'run-failed')).toEqual([
        'run-queued',
        'run-started',
        'run-ended',
      ])
    }
    expect(find(log, 'run-failed')).toMatchObject([{ correlationId: ended[1]!.correlationId, error: 'ContextError' }])
  })
})

describe('logLevel', () => {
  test.each(logLevels)('%s leaves out what matters less', async (logLevel) => {
    const server = await openTestServer({ agent, logLevel })
    const client = await openClient(server, { token: await server.signIn(0) })
    client.send({ type: 'start_run', input: { text: 'fail' } })
    await client.next(isEnd)
    await server.request('GET', '/threads')
    client.close()
    await once(client.socket, 'close')
    await server.close()
    const least = logLevels.indexOf(logLevel)
    const levels = new Set(server.log.map(({ level }) => level))
    expect([...levels].sort()).toEqual(logLevels.slice(least).toSorted())
  })
})

describe('onError', () => {
  test('gets the facts of the log without the address', async () => {
    const heard: LogRecord[] = []
    const tickets = { issue: async () => Promise.reject(new Error('down')), redeem: async () => '' }
    const server = await openTestServer({ agent, tickets, onError: (_error, facts) => heard.push(facts) })
    expect((await server.request('POST', '/ticket', { token: await server.signIn(0) })).status).toBe(500)
    await server.close()
    const [line] = find(server.log, 'request-refused')
    expect(line).toMatchObject({ level: 'error', address: '127.0.0.1', path: '/ticket' })
    expect(heard).toEqual([{ ...line, address: undefined }])
  })
})

describe('goldenPathLog', () => {
  test('writes the lines of a worker without a server, from the level on that it was told', async () => {
    const log: LogRecord[] = []
    const goldenPath = openGoldenPath({ agent, ...goldenPathLog({ log: (line) => log.push(line), logLevel: 'info' }) })
    await goldenPath.execute(createForUser(newUser('id-of-carol')), { text: `fail ${content}` })
    await expect.poll(() => log.map(({ event }) => event)).toEqual(['run-started', 'run-failed', 'run-ended'])
    await goldenPath.close()
    expect(JSON.stringify(log)).not.toMatch(/id-of-carol|my-secret/)
  })

  test('takes nothing with it when its log fails', async () => {
    const log = (): never => {
      throw new Error('the disk is full')
    }
    const goldenPath = openGoldenPath({ agent, ...goldenPathLog({ log }) })
    await goldenPath.execute(createForUser(newUser('id-of-carol')), { text: 'hi' })
    await goldenPath.close({ finishMs: 10_000 })
  })
})
