import { once } from 'node:events'
import { connect, type Socket as RawSocket } from 'node:net'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { UserSocket } from '../../src/server/user-socket.ts'
import { toHandshake } from './mounted-app.ts'
import { openClient, openTestServer, type TestServer } from './test-server.ts'

let server: TestServer
beforeAll(async () => {
  server = await openTestServer()
})
afterAll(() => server.close())

const openRaw = async (): Promise<RawSocket> => {
  const socket = connect(server.port, '127.0.0.1')
  socket.write(toHandshake('/ws', [`authorization: Bearer ${await server.signIn(0)}`]))
  await new Promise((resolve) => socket.once('data', resolve))
  return socket
}
/** A ping of 125 bytes, masked by zeros (RFC 6455 section 5.5.2). */
const ping = Buffer.concat([Buffer.from([0x89, 0x80 | 125, 0, 0, 0, 0]), Buffer.alloc(125)])

describe('UserSocket', () => {
  test('answers each ping with its data', async () => {
    const { socket, close } = await openClient(server, { token: await server.signIn(0) })
    for (let count = 0; count < 200; count++) {
      const answered = new Promise<Buffer>((resolve) => socket.once('pong', resolve))
      socket.ping(`ping ${count}`)
      expect(String(await answered)).toBe(`ping ${count}`)
    }
    close()
  })

  test('ends a client that pings and takes no answer', async () => {
    const socket = await openRaw()
    socket.pause()
    let isClosed = false
    socket.on('error', () => {}).once('close', () => (isClosed = true))
    const pings = Buffer.concat(Array<Buffer>(40).fill(ping))
    await expect.poll(() => (socket.write(pings), isClosed), { interval: 0, timeout: 60_000 }).toBe(true)
  })

  test('holds no table of listeners and no address while it idles, and gives both when it is asked', async () => {
    type KeptByNode = { _events?: unknown; _socket: { _peername?: unknown; remoteAddress?: string } }
    const emit = vi.spyOn(UserSocket.prototype, 'emit')
    const client = await openClient(server, { token: await server.signIn(0) })
    client.send({ type: 'ping' })
    await client.next(({ type }) => type === 'pong')
    const socket = emit.mock.contexts[0] as UserSocket
    emit.mockRestore()
    const { _events, _socket } = socket as unknown as KeptByNode
    expect([_events, _socket._peername]).toEqual([undefined, undefined])
    expect(_socket.remoteAddress).toBe('127.0.0.1')
    const closed = once(socket, 'close')
    client.close()
    expect((await closed)[0]).toBe(1005)
  })

  test('leaves the open sockets of its server when it closes', () => {
    // The types of ws know no socket of a server that has none yet.
    const Socket = UserSocket as unknown as new (address: null, protocols: undefined, options: object) => UserSocket
    const socket = new Socket(null, undefined, {})
    const open = new Set([socket])
    socket.openSockets = open
    socket.emit('close', 1000, '')
    expect(open.size).toBe(0)
  })
})
