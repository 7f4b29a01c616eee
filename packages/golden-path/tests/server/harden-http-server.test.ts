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

  test('answers unreadable bytes, and an expectation that it does not know, with headers that keep them out of caches', async () => {
    server = hardenHttpServer(createServer())
    const answer = await exchange('hello\r\n\r\n')
    expect(answer).toMatch(/^HTTP\/1.1 400 /)
    expect(answer).toMatch(/cache-control: private, no-store/)
  })

  test('keeps the listeners and the shorter times of the app', async () => {
    server = createServer({ headersTimeout: 1000 })
    server.on('clientError', (_error, socket) => socket.end('HTTP/1.1 400 the app\r\n\r\n'))
    hardenHttpServer(server)
    expect(server.headersTimeout).toBe(1000)
    expect(await exchange('hello\r\n\r\n')).toBe('HTTP/1.1 400 the app\r\n\r\n')
  })

  test('bounds headers where the app had switched the bound off, and leaves the time of whole requests to the app', () => {
    server = createServer({ headersTimeout: 0, requestTimeout: 77_000 })
    expect(hardenHttpServer(server)).toBe(server)
    expect([server.headersTimeout, server.requestTimeout]).toEqual([10_000, 77_000])
  })
})
