// What Node and ws would answer by themselves: no cache may keep these either.
import { randomBytes } from 'node:crypto'
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openTestServer, type TestServer } from './test-server.ts'

let server: TestServer
let token: string
beforeAll(async () => {
  server = await openTestServer()
  token = await server.signIn(0)
})
afterAll(() => server.close())

const exchange = (text: string): Promise<string> =>
  new Promise((resolve) => {
    let answer = ''
    connect(server.port, '127.0.0.1')
      .on('data', (chunk) => {
        answer += chunk.toString('latin1')
      })
      .on('close', () => resolve(answer))
      .on('error', () => undefined)
      .write(text)
  })
const toUpgrade = (headers: Readonly<Record<string, string>> = {}, method = 'GET'): string => {
  const all = {
    'host': 'localhost',
    'connection': 'Upgrade',
    'upgrade': 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': randomBytes(16).toString('base64'),
    'authorization': `Bearer ${token}`,
    ...headers,
  }
  return [`${method} /ws HTTP/1.1`, ...Object.entries(all).map(([name, value]) => `${name}: ${value}`), '', ''].join(
    '\r\n',
  )
}

describe('an answer', () => {
  test.each<[string, number, () => string]>([
    ['what is no HTTP', 400, () => 'hello\r\n\r\n'],
    ['a request without a host', 400, () => 'GET / HTTP/1.1\r\nconnection: close\r\n\r\n'],
    ['headers that are too large', 431, () => `GET / HTTP/1.1\r\nhost: localhost\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`],
    [
      'a body with two lengths',
      400,
      () => 'POST /login HTTP/1.1\r\nhost: localhost\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r\n\r\n',
    ],
    [
      'an expectation that nobody knows',
      417,
      () => 'GET / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\nexpect: wonders\r\n\r\n',
    ],
    ['a handshake of an old version', 400, () => toUpgrade({ 'sec-websocket-version': '7' })],
    ['a handshake with a key that is none', 400, () => toUpgrade({ 'sec-websocket-key': 'short' })],
    ['a handshake by POST', 400, () => toUpgrade({ 'content-length': '0' }, 'POST')],
    ['a handshake without a token', 401, () => toUpgrade({ authorization: '' })],
  ])('to %s is %i, kept by no cache and repeats nothing', async (_what, status, toText) => {
    const answer = await exchange(toText())
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
    expect(answer).toMatch(/cache-control: private, no-store\r\n/i)
    expect(answer).toMatch(/x-content-type-options: nosniff\r\n/i)
    expect(/www-authenticate: Bearer/i.test(answer)).toBe(status === 401)
    expect(answer).not.toMatch(/hello|wonders|short|yyyy/)
  })

  test('never has a second head in the middle of it', async () => {
    const waiting = await openTestServer({
      agent: async function* (scope) {
        await new Promise<void>((resolve) => scope.signal.addEventListener('abort', () => resolve()))
      },
    })
    const own = await waiting.signIn(0)
    const { runId } = (await waiting.request('POST', '/runs', { token: own, body: { input: { text: 'go' } } })).body
    const socket = connect(waiting.port, '127.0.0.1').on('error', () => undefined)
    let answer = ''
    socket.on('data', (chunk) => {
      answer += chunk.toString('latin1')
    })
    socket.write(`GET /runs/${runId}/events HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${own}\r\n\r\n`)
    await expect.poll(() => answer).toContain('agent_started')
    socket.write('hello\r\n\r\n')
    await new Promise((resolve) => socket.once('close', resolve))
    expect(answer.match(/HTTP\/1\.1/g)).toHaveLength(1)
    await waiting.close()
  })
})
