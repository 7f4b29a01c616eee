import type { IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { addressReader } from '../../src/server/address-reader.ts'
import { openClient, openTestServer, type TestServer } from './test-server.ts'

const requestFrom = (remoteAddress: string | undefined, headers: object = {}): IncomingMessage =>
  ({ socket: { remoteAddress }, headers }) as unknown as IncomingMessage

describe('addressReader', () => {
  test.each([
    ['10.1.2.3', '10.1.2.3'],
    ['::ffff:10.1.2.3', '10.1.2.3'],
    ['2001:db8:1:2:aaaa::1', '2001:db8:1:2::/64'],
    ['2001:db8:1:2:bbbb:c:d:e', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    [undefined, 'unknown'],
    ['2001:0DB8:0001:2::1', '2001:db8:1:2::/64'],
    ['::1:2:3:4:5:1.2.3.4', '0:1:2:3::/64'],
  ])('counts %s as %s', (address, counted) => {
    expect(addressReader()(requestFrom(address))).toBe(counted)
  })

  test('does not look at what a client says about itself', () => {
    const headers = { 'x-forwarded-for': '1.1.1.1', 'forwarded': 'for=1.1.1.1', 'x-real-ip': '1.1.1.1' }
    expect(addressReader()(requestFrom('10.1.2.3', headers))).toBe('10.1.2.3')
    expect(addressReader(0)(requestFrom('10.1.2.3', headers))).toBe('10.1.2.3')
  })

  test.each([
    [1, '192.0.2.7', '192.0.2.7'],
    [1, '203.0.113.9, 192.0.2.7', '192.0.2.7'],
    [2, '192.0.2.7, 10.0.0.2', '192.0.2.7'],
    [2, '203.0.113.9, 192.0.2.7 ,\t10.0.0.2 ', '192.0.2.7'],
    [1, '192.0.2.7:50123', '192.0.2.7'],
    [1, '2001:db8:1:2:aaaa::1', '2001:db8:1:2::/64'],
    [1, '[2001:db8:1:2:aaaa::1]', '2001:db8:1:2::/64'],
    [1, '[2001:DB8:1:2::1]:50123', '2001:db8:1:2::/64'],
    [1, '::ffff:192.0.2.7', '192.0.2.7'],
  ])('counts, behind %i proxies, "%s" as %s', (proxies, forwarded, counted) => {
    expect(addressReader(proxies)(requestFrom('10.1.2.3', { 'x-forwarded-for': forwarded }))).toBe(counted)
  })

  test.each([
    [1, undefined],
    [1, ''],
    [1, '192.0.2.7,'],
    [1, '192.0.2.7, unknown'],
    [1, 'localhost'],
    [1, '192.0.2.7 192.0.2.8'],
    [1, '192.0.2.300'],
    [1, '[192.0.2.7'],
    [1, '192.0.2.7:'],
    [1, '2001:db8::1:x'],
    [1, '192.0.2.7:5:6'],
    [2, '192.0.2.7'],
    [2, 'x, 10.0.0.2'],
    [3, ', 10.0.0.2'],
  ])('counts, behind %i proxies, the socket when the header is "%s"', (proxies, forwarded) => {
    expect(addressReader(proxies)(requestFrom('10.1.2.3', { 'x-forwarded-for': forwarded }))).toBe('10.1.2.3')
  })

  test.each([-1, 1.5, Number.NaN, Infinity, '1', null])('refuses %s proxies', (trustedProxies) => {
    const kind = trustedProxies === -1 ? 'too small' : 'not a number'
    expect(() => addressReader(trustedProxies as number)).toThrow(
      expect.objectContaining({
        code: 'ERR_CONTEXT_INVALID_OPTIONS',
        issues: [{ path: 'trustedProxies', kind }],
      }),
    )
  })
})

describe('a server behind a proxy', () => {
  let server: TestServer
  beforeAll(async () => {
    server = await openTestServer({
      trustedProxies: 1,
      attempts: { perAddress: 2 },
      limits: { connectionsPerAddress: 1 },
    })
  })
  afterAll(() => server.close())

  const guess = async (forwarded: string, userName: string): Promise<number> =>
    (
      await server.request('POST', '/login', {
        body: { userName, password: 'guess' },
        headers: { 'x-forwarded-for': forwarded },
      })
    ).status

  test('counts the attempts of each client behind it, and a forged entry changes nothing', async () => {
    expect(await guess('192.0.2.1', 'a')).toBe(401)
    expect(await guess('203.0.113.1, 192.0.2.1', 'b')).toBe(401)
    expect(await guess('203.0.113.2, 192.0.2.1', 'c')).toBe(429)
    expect(await guess('192.0.2.2', 'd')).toBe(401)
  })

  test('counts the sockets and streams of each client behind it', async () => {
    const token = await server.signIn(0)
    const from = (forwarded: string) => openClient(server, { token, headers: { 'x-forwarded-for': forwarded } })
    const first = await from('192.0.2.3')
    first.send({ type: 'start_run', input: { text: 'list' } })
    const { runId } = await first.next(({ type }) => type === 'agent_completed')
    await expect(from('203.0.113.3, 192.0.2.3')).rejects.toMatchObject({ status: 429 })
    const follow = (forwarded: string) =>
      server.request('GET', `/runs/${runId}/events`, { token, headers: { 'x-forwarded-for': forwarded } })
    expect((await follow('203.0.113.4, 192.0.2.3')).status).toBe(429)
    expect((await follow('192.0.2.4')).status).toBe(200)
    const second = await vi.waitFor(() => from('192.0.2.4'), 5000)
    for (const client of [first, second]) client.close()
    await Promise.all([first.closed, second.closed])
  })

  test('reads what the proxy wrote last, however many lines a client put before it', async () => {
    const body = JSON.stringify({ userName: 'e', password: 'guess' })
    const flood = async (forged: string): Promise<string> => {
      const socket = connect(server.port, '127.0.0.1')
      socket.write(
        [
          'POST /login HTTP/1.1',
          'host: x',
          'connection: close',
          'content-type: application/json',
          `content-length: ${body.length}`,
          `x-forwarded-for: ${forged}`,
          ...Array<string>(2500).fill('a:'),
          'x-forwarded-for: 192.0.2.5',
          '',
          body,
        ].join('\r\n'),
      )
      let answer = ''
      for await (const chunk of socket) answer += String(chunk)
      return answer.split(' ')[1]!
    }
    expect([await flood('203.0.113.5'), await flood('203.0.113.6'), await flood('203.0.113.7')]).toEqual([
      '401',
      '401',
      '429',
    ])
  })
})

describe('a server without trusted proxies', () => {
  test('counts all that comes from one socket address together, whatever the header says', async () => {
    const server = await openTestServer({ attempts: { perAddress: 2 } })
    const guess = async (forwarded: string): Promise<number> =>
      (
        await server.request('POST', '/login', {
          body: { userName: forwarded, password: 'guess' },
          headers: { 'x-forwarded-for': forwarded },
        })
      ).status
    expect([await guess('192.0.2.1'), await guess('192.0.2.2'), await guess('192.0.2.3')]).toEqual([401, 401, 429])
    await server.close()
  })

  test('does not open with a number of proxies that is none', async () => {
    await expect(openTestServer({ trustedProxies: -1 })).rejects.toMatchObject({ code: 'ERR_CONTEXT_INVALID_OPTIONS' })
  })
})
