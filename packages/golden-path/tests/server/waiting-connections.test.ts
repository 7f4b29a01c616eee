import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, request as openRequest, type Server } from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, type Duplex } from 'node:stream'
import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, describe, expect, test } from 'vitest'
import { hardenHttpServer } from '../../src/server/harden-http-server.ts'
import { openClient, openTestServer } from './test-server.ts'

const head = 'host: localhost\r\n'
let sockets: Socket[] = []
let server: Server | undefined
afterEach(() => {
  for (const socket of sockets) socket.destroy()
  sockets = []
  server?.closeAllConnections()
  server?.close()
  server = undefined
})

const open = async (waitingConnectionsPerAddress: number, listener: Parameters<typeof createServer>[1]) => {
  server = hardenHttpServer(createServer(listener as never), { waitingConnectionsPerAddress })
  await new Promise<void>((resolve) => server!.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}
/** A connection, whether the server has ended it, and what it has answered. */
const dial = async (port: number, text = '') => {
  const socket = connect(port, '127.0.0.1')
  sockets.push(socket)
  let [isEnded, answer] = [false, '']
  socket.on('close', () => (isEnded = true))
  socket.on('error', () => undefined)
  socket.on('data', (chunk) => (answer += String(chunk)))
  await once(socket, 'connect')
  if (text !== '') socket.write(text)
  return { socket, isEnded: () => isEnded, answer: () => answer }
}
type Dialled = Awaited<ReturnType<typeof dial>>

/** Waits for a machine that is busy. */
const patience = { timeout: 30_000, interval: 10 }
const leave = async ({ socket, isEnded }: Dialled): Promise<void> => {
  socket.destroy()
  await expect.poll(isEnded, patience).toBe(true)
}
/** Resolves when the server ends a new connection at once. One that it takes is given up again. */
const expectNoRoom = (port: number): Promise<void> =>
  expect
    .poll(async () => {
      const one = await dial(port)
      await pause(50)
      const isRefused = one.isEnded()
      await leave(one)
      return isRefused
    }, patience)
    .toBe(true)
/** Resolves when the server takes so many new connections and no more. They are given up again. */
const expectRoom = (port: number, room: number): Promise<void> =>
  expect
    .poll(async () => {
      const all = await Promise.all(Array.from({ length: room + 2 }, () => dial(port)))
      await pause(50)
      const taken = all.filter(({ isEnded }) => !isEnded()).length
      await Promise.all(all.map(leave))
      return taken
    }, patience)
    .toBe(room)

describe('limitWaitingConnections', () => {
  test('ends what comes beyond the bound, and takes more when one has gone', async () => {
    const port = await open(2, (_request, response) => response.end('hello'))
    const [first, second] = [await dial(port), await dial(port)]
    await expectNoRoom(port)
    expect([first.isEnded(), second.isEnded()]).toEqual([false, false])
    await leave(first)
    await expectRoom(port, 1)
    const client = await dial(port, `GET / HTTP/1.1\r\n${head}\r\n`)
    await expect.poll(client.answer, patience).toContain('hello')
  })

  test.each([
    ['half of its headers', `GET / HTTP/1.1\r\n${head}`, ''],
    ['half of its body', `POST / HTTP/1.1\r\n${head}content-length: 9\r\n\r\nx`, ''],
    ['a request that was answered', `GET / HTTP/1.1\r\n${head}\r\n`, 'hello'],
    ['two requests that were answered', `GET / HTTP/1.1\r\n${head}\r\nGET / HTTP/1.1\r\n${head}\r\n`, 'hello'],
  ])('counts a connection with %s', async (_what, text, answer) => {
    const port = await open(1, (request, response) => {
      request.resume().on('end', () => response.end('hello'))
    })
    const first = await dial(port, text)
    await expect.poll(first.answer, patience).toContain(answer)
    await expectNoRoom(port)
    expect(first.isEnded()).toBe(false)
  })

  test('counts no connection to a Unix socket, which has no address: it would count for good', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'uec-unix-'))
    const path = join(directory, 'socket')
    server = hardenHttpServer(
      createServer((_request, response) => void response.end('hello')),
      { waitingConnectionsPerAddress: 1 },
    )
    await new Promise<void>((resolve) => server!.listen(path, resolve))
    const dialPath = async (): Promise<Socket> => {
      const socket = connect(path)
      sockets.push(socket)
      await once(socket, 'connect')
      return socket
    }
    const [waiting] = [await dialPath(), await dialPath()]
    for (let count = 0; count < 3; count++) {
      const gone = await dialPath()
      gone.destroy()
      await once(gone, 'close')
    }
    const client = await dialPath()
    client.write(`GET / HTTP/1.1\r\n${head}\r\n`)
    const [answer] = (await once(client, 'data')) as [Buffer]
    expect(String(answer)).toContain('200 OK')
    expect(waiting.destroyed).toBe(false)
    await rm(directory, { recursive: true })
  })

  test('counts a connection whose body comes to its end after the answer', async () => {
    const ended: string[] = []
    const port = await open(1, (request, response) => {
      request.resume().on('end', () => ended.push('body'))
      response.end('early')
    })
    const client = await dial(port, `POST / HTTP/1.1\r\n${head}content-length: 9\r\n\r\nx`)
    await expect.poll(client.answer, patience).toContain('early')
    client.socket.write('12345678')
    await expect.poll(() => ended, patience).toEqual(['body'])
    await expectNoRoom(port)
  })

  test('counts none whose request is under way, however many', async () => {
    const answers: (() => void)[] = []
    const port = await open(1, (request, response) => {
      request.resume().on('end', () => answers.push(() => response.end('late')))
    })
    const gets = [1, 2, 3].map(() => `GET / HTTP/1.1\r\n${head}\r\n`)
    const post = `POST / HTTP/1.1\r\n${head}content-length: 2\r\n\r\nok`
    const clients: Dialled[] = []
    for (const text of [...gets, post]) {
      clients.push(await dial(port, text))
      await expect.poll(() => answers.length, patience).toBe(clients.length)
    }
    expect(clients.some(({ isEnded }) => isEnded())).toBe(false)
    for (const answer of answers) answer()
    await expect.poll(() => clients.every(({ answer }) => answer().includes('late')), patience).toBe(true)
    // All four wait again: there is room for none.
    await expectNoRoom(port)
  })

  test('counts right after clients that left in the middle of anything', async () => {
    const port = await open(2, () => undefined)
    for (const text of [
      '',
      'GET',
      `GET / HTTP/1.1\r\n${head}\r\n`,
      `POST / HTTP/1.1\r\n${head}content-length: 9\r\n\r\nx`,
    ])
      for (let round = 0; round < 3; round++) {
        const client = await dial(port, text)
        await pause(10)
        await leave(client)
      }
    await expectRoom(port, 2)
  })

  test('counts the IPv6 addresses of one network together, and those of another apart', async () => {
    await open(1, () => undefined)
    const accept = (remoteAddress: string): Duplex => {
      const socket = Object.assign(new PassThrough(), { remoteAddress, remotePort: 1 })
      server!.emit('connection', socket)
      return socket
    }
    const all = ['2001:db8::1', '2001:db8::2', '2001:db8:0:1::1', '::ffff:192.0.2.1', '192.0.2.1'].map(accept)
    expect(all.map(({ destroyed }) => destroyed)).toEqual([false, true, false, false, true])
    for (const socket of all) socket.destroy()
  })
})

describe('a server with more connections of one address than may wait', () => {
  test('serves sockets that are open, and others as soon as there is room', async () => {
    const server = await openTestServer({ limits: { waitingConnectionsPerAddress: 5 } })
    const token = await server.signIn(0)
    const clients = []
    for (let count = 0; count < 7; count++) clients.push(await openClient(server, { token }))
    const idle: Dialled[] = []
    for (let count = 0; count < 40; count++) idle.push(await dial(server.port))
    await expect.poll(() => idle.filter(({ isEnded }) => !isEnded()).length, patience).toBeLessThanOrEqual(5)
    for (const client of clients) {
      client.send({ type: 'ping' })
      await client.next(({ type }) => type === 'pong')
      client.close()
    }
    await Promise.all(idle.map(leave))
    const health = (): Promise<number> =>
      server
        .request('GET', '/healthz')
        .then(({ status }) => status)
        .catch(() => 0)
    await expect.poll(health, patience).toBe(200)
    await server.close()
  })

  test('bounds nothing by the address of a trusted proxy', async () => {
    const server = await openTestServer({ trustedProxies: 1, limits: { waitingConnectionsPerAddress: 5 } })
    const idle: Dialled[] = []
    for (let count = 0; count < 8; count++) idle.push(await dial(server.port))
    expect((await server.request('GET', '/healthz')).status).toBe(200)
    expect(idle.some(({ isEnded }) => isEnded())).toBe(false)
    await server.close()
  })
})

describe('requests that are rare', () => {
  test('HEAD is GET without a body, and holds no stream open', async () => {
    const server = await openTestServer()
    const token = await server.signIn(0)
    const { body } = await server.request('POST', '/runs', { token, body: { input: { text: 'list' } } })
    for (const path of ['/healthz', '/threads', `/runs/${body.runId}/events`]) {
      const answer = await server.request('HEAD', path, { token })
      expect([path, answer.status, answer.text]).toEqual([path, 200, ''])
    }
    expect((await server.request('HEAD', '/threads')).status).toBe(401)
    expect((await server.request('HEAD', '/runs', { token })).status).toBe(404)
    await server.close()
  })

  const ask = (port: number, method: string, path: string, headers = {}) =>
    new Promise<{ status: number | undefined; allow: string | undefined }>((resolve, reject) => {
      const request = openRequest({ port, host: '127.0.0.1', method, path, headers }, (response) => {
        response.resume()
        resolve({ status: response.statusCode, allow: response.headers.allow })
      })
      request.on('error', reject).end()
    })

  test('a target that is a whole URL is one that is a path', async () => {
    const server = await openTestServer()
    for (const origin of [`http://127.0.0.1:${server.port}`, 'http://another.example.com', 'HTTPS://x']) {
      expect(await ask(server.port, 'GET', `${origin}/healthz`)).toMatchObject({ status: 200 })
      expect(await ask(server.port, 'GET', `${origin}/threads`)).toMatchObject({ status: 401 })
      expect(await ask(server.port, 'GET', origin)).toMatchObject({ status: 404 })
    }
    for (const target of ['ftp://x/healthz'])
      expect(await ask(server.port, 'GET', target)).toMatchObject({ status: 404 })
    await server.close()
  })

  test('OPTIONS says what there is, for the server and for a path', async () => {
    const server = await openTestServer()
    expect(await ask(server.port, 'OPTIONS', '*')).toEqual({ status: 204, allow: 'GET, HEAD, POST, DELETE, OPTIONS' })
    expect(await ask(server.port, 'OPTIONS', '/runs')).toEqual({ status: 204, allow: 'POST, OPTIONS' })
    expect(await ask(server.port, 'OPTIONS', '/runs/r-1/events')).toEqual({ status: 204, allow: 'GET, HEAD, OPTIONS' })
    expect(await ask(server.port, 'OPTIONS', '/nothing')).toMatchObject({ status: 404 })
    expect(await ask(server.port, 'OPTIONS', '*', { origin: 'https://evil.example.com' })).toMatchObject({
      status: 403,
    })
    await server.close()
  })
})
