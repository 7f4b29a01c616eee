import { once } from 'node:events'
import { createServer } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openGoldenPathServer, type GoldenPathServer } from '../../src/server/open-golden-path-server.ts'
import type { LogRecord } from '../../src/server/log-record.ts'
import { testIdentity } from './mounted-app.ts'
import { notingAgent } from './noting-agent.ts'

let goldenPath: GoldenPathServer
const log: LogRecord[] = []
/** What the app does with a request after it has handed it on. */
let afterwards: (request: NodeJS.EventEmitter, response: NodeJS.EventEmitter) => void = () => {}
const server = createServer({ requireHostHeader: false }, (request, response) => {
  goldenPath.handleRequest(request, response)
  afterwards(request, response)
})
beforeAll(async () => {
  goldenPath = await openGoldenPathServer({
    agent: notingAgent(),
    identity: testIdentity,
    origins: ['https://chat.example.com'],
    log: (record) => log.push(record),
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})
afterAll(async () => {
  await goldenPath.close()
  server.closeAllConnections()
  server.close()
})

const exchange = async (head: string): Promise<string> => {
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
  let answer = ''
  socket.on('data', (chunk) => (answer += String(chunk)))
  socket.write(`${head}\r\nconnection: close\r\n\r\n`)
  await once(socket, 'close')
  return answer
}
const ask = (path: string, ...headers: readonly string[]): Promise<string> =>
  exchange([`GET ${path} HTTP/1.1`, 'host: localhost', ...headers].join('\r\n'))

describe('handleRequest', () => {
  test.each([
    ['of HTTP/1.0, which knows no host', 'GET /healthz HTTP/1.0\r\nx: y', 200],
    ['of HTTP/1.1 with a host', 'GET /healthz HTTP/1.1\r\nhost: localhost', 200],
    ['of HTTP/1.1 without a host', 'GET /healthz HTTP/1.1\r\nx: y', 400],
  ])('answers a request %s', async (_what, head, status) => {
    expect(await exchange(head)).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
  })

  test('survives what Node reports of a request and of a response after it took them', async () => {
    afterwards = (request, response) => {
      request.emit('error', new Error('the client has gone'))
      response.emit('error', new Error('write after end'))
    }
    expect(await ask('/healthz')).toMatch(/^HTTP\/1.1 200 /)
    afterwards = () => {}
  })

  test('logs what it refuses, and no path that does not exist: anybody could fill the log with those', async () => {
    log.length = 0
    expect(await ask('/unknown')).toMatch(/^HTTP\/1.1 404 /)
    expect(log).toEqual([])
    expect(await ask('/threads')).toMatch(/^HTTP\/1.1 401 /)
    expect(log).toMatchObject([{ event: 'request-refused', method: 'GET', path: '/threads' }])
  })

  test('logs a run that its asker has not, with the route and without the run', async () => {
    log.length = 0
    expect(await ask('/runs/r-1/events', 'authorization: Bearer alice')).toMatch(/^HTTP\/1.1 404 /)
    expect(log).toMatchObject([
      { event: 'request-refused', level: 'warn', code: 'ERR_CONTEXT_RUN_NOT_FOUND', path: '/runs/:runId/events' },
    ])
    expect(JSON.stringify(log)).not.toContain('r-1')
  })

  test('allows the origin of its list to read the answer, and names no other', async () => {
    const allowed = await ask('/healthz', 'origin: https://chat.example.com')
    expect(allowed).toMatch(/access-control-allow-origin: https:\/\/chat\.example\.com\r\n/i)
    expect(await ask('/healthz')).not.toMatch(/access-control-allow-origin/i)
    const refused = await ask('/healthz', 'origin: https://evil.example.com')
    expect(refused).toMatch(/^HTTP\/1.1 403 /)
    expect(refused).not.toMatch(/access-control-allow-origin/i)
  })

  test('reads origins as they were given, whatever happens to the list afterwards', async () => {
    const origins = ['https://chat.example.com']
    const opening = openGoldenPathServer({ agent: notingAgent(), identity: testIdentity, origins, log: () => {} })
    origins[0] = 'https://evil.example.com'
    origins.push('https://evil.example.org')
    const other = await opening
    const url = await other.listen({ port: 0 })
    const statusOf = async (origin: string): Promise<number> =>
      (await fetch(`${url}/healthz`, { headers: { origin } })).status
    expect(await statusOf('https://chat.example.com')).toBe(200)
    expect(await statusOf('https://evil.example.com')).toBe(403)
    expect(await statusOf('https://evil.example.org')).toBe(403)
    await other.close()
  })
})
