import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { hardenHttpServer } from '../../src/server/harden-http-server.ts'

let server: Server
afterEach(() => {
  server.closeAllConnections()
  server.close()
})

const listen = async (): Promise<number> => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}
const toExpectation = (what: string): string =>
  `GET / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\nexpect: ${what}\r\n\r\n`
const toManyHeaders = (count: number): string => {
  const many = Array.from({ length: count }, (_, index) => `a${index}:`)
  const lines = ['GET / HTTP/1.1', 'host: localhost', 'connection: close', ...many, 'x-forwarded-for: 192.0.2.1']
  return [...lines, '', ''].join('\r\n')
}
const exchangeHardened = (text: string): Promise<string> => {
  hardenHttpServer(server)
  return exchange(text)
}
const exchange = async (text: string): Promise<string> => {
  const socket = connect(await listen(), '127.0.0.1')
  let answer = ''
  socket.on('data', (chunk) => (answer += chunk.toString('latin1')))
  socket.write(text)
  await once(socket, 'close')
  return answer
}

describe('hardenHttpServer', () => {
  test('ends a client that is slow with its headers, in a server that Node would let wait for a minute', async () => {
    server = hardenHttpServer(createServer(), { headersTimeMs: 50, checkEveryMs: 20 })
    const answer = await exchange('GET / HTTP/1.1\r\nhost: localhost\r\nx-slow: ')
    expect(answer).toMatch(/^HTTP\/1.1 408 /)
    expect(answer).toMatch(/cache-control: private, no-store/)
  })

  test('ends a body that is slow where it is given a time for whole requests', async () => {
    server = hardenHttpServer(createServer(), { requestTimeMs: 100, headersTimeMs: 50, checkEveryMs: 20 })
    expect(await exchange('POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 9\r\n\r\nx')).toMatch(
      /^HTTP\/1.1 408 /,
    )
  })

  test.each([
    ['unreadable bytes', 400, 'hello\r\n\r\n'],
    ['an expectation that it does not know', 417, toExpectation('wonders')],
  ])('answers %s with headers that keep the answer out of caches', async (_what, status, text) => {
    server = hardenHttpServer(createServer((_request, response) => void response.end('the app')))
    const answer = await exchange(text)
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
    expect(answer).toMatch(/cache-control: private, no-store/)
  })

  test('keeps the shorter time of the app', () => {
    server = hardenHttpServer(createServer({ headersTimeout: 1000 }))
    expect(server.headersTimeout).toBe(1000)
  })

  // An answer that comes a moment later shows which listeners there are: the first to answer wins.
  test('leaves unreadable bytes to the listener of the app', async () => {
    server = createServer()
    server.on('clientError', (_error, socket) => setTimeout(() => socket.end('HTTP/1.1 400 the app\r\n\r\n'), 20))
    expect(await exchangeHardened('hello\r\n\r\n')).toBe('HTTP/1.1 400 the app\r\n\r\n')
  })

  test('leaves an expectation to the listener of the app', async () => {
    server = createServer()
    server.on('checkExpectation', (_request, response) => setTimeout(() => response.end('the app'), 20))
    expect(await exchangeHardened(toExpectation('wonders'))).toMatch(/^HTTP\/1.1 200 [^]*the app/)
  })

  test('lets the last of very many headers through: a proxy says there who the client is', async () => {
    server = hardenHttpServer(
      createServer((request, response) => void response.end(String(request.headers['x-forwarded-for']))),
    )
    expect(await exchange(toManyHeaders(2500))).toMatch(/192\.0\.2\.1/)
  })

  test('keeps the bound of headers that the app has set', async () => {
    server = createServer((request, response) => void response.end(`${Object.keys(request.headers).length} headers`))
    server.maxHeadersCount = 5
    expect(await exchangeHardened(toManyHeaders(50))).toMatch(/\b[1-5] headers/)
  })

  test('bounds headers where the app had switched that off, and leaves whole requests to the app', () => {
    server = createServer({ headersTimeout: 0, requestTimeout: 77_000 })
    expect(hardenHttpServer(server)).toBe(server)
    expect([server.headersTimeout, server.requestTimeout]).toEqual([10_000, 77_000])
  })
})
