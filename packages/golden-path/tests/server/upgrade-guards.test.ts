// What an upgrade and a socket leave behind, and what ends peers that do not end by themselves.
import { once } from 'node:events'
import { createServer } from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, describe, expect, test, vi } from 'vitest'
import WebSocket, { WebSocketServer } from 'ws'
import { identityProvider } from 'user-execution-context'
import { openMountedApp, testIdentity, toHandshake, type MountedApp } from './mounted-app.ts'
import { watchTimers } from './pending-timers.ts'
import { openClient } from './test-server.ts'

let app: MountedApp
let peers: Socket[] = []
afterEach(async () => {
  vi.restoreAllMocks()
  for (const peer of peers) peer.destroy()
  peers = []
  await app.close()
})

const path = '/api/ws'
/** A peer that is past the handshake, and answers nothing that the server sends: no ping, no close. */
const openMutePeer = async (user: string): Promise<Socket> => {
  const peer = connect(app.port, '127.0.0.1').on('error', () => undefined)
  peers.push(peer)
  peer.write(toHandshake(path, [`authorization: Bearer ${user}`]))
  const [head] = (await once(peer, 'data')) as [Buffer]
  expect(String(head)).toMatch(/^HTTP\/1.1 101 /)
  peer.resume()
  return peer
}

describe('openUpgrades', () => {
  test('refuses an upgrade once close() has begun, while the sockets that are open still finish', async () => {
    app = await openMountedApp('node:http', {
      agent: async function* (scope) {
        await new Promise((resolve) => scope.signal.addEventListener('abort', resolve))
      },
    })
    const client = await openClient(app, { token: 'alice', path })
    client.send({ type: 'start_run', input: { text: 'go' } })
    await client.next(({ type }) => type === 'agent_started')
    const closed = app.goldenPath.close({ finishMs: 500 })
    await expect(openClient(app, { token: 'bob', path })).rejects.toMatchObject({ status: 503 })
    expect(client.socket.readyState).toBe(client.socket.OPEN)
    await closed
  })

  test('keeps no timer of an upgrade that was accepted, refused or left', async () => {
    const countTimers = watchTimers(61_234)
    const asked: (() => void)[] = []
    app = await openMountedApp('node:http', {
      limits: { upgradeTimeMs: 61_234 },
      identity: identityProvider({
        name: 'slow',
        verify: async (token: string) => {
          if (token === 'slow') await new Promise<void>((resolve) => asked.push(resolve))
          return { userId: token }
        },
      }),
    })
    await openMutePeer('alice')
    expect(countTimers()).toBe(0)
    await expect(openClient(app, { path })).rejects.toMatchObject({ status: 401 })
    const leaving = connect(app.port, '127.0.0.1').on('error', () => undefined)
    leaving.write(toHandshake(path, ['authorization: Bearer slow']))
    await expect.poll(() => asked.length).toBe(1)
    expect(countTimers()).toBe(1)
    leaving.resetAndDestroy()
    await expect.poll(countTimers).toBe(0)
    asked[0]!()
  })

  test('answers an upgrade once, though its token is accepted after its time was up', async () => {
    const asked: (() => void)[] = []
    app = await openMountedApp('node:http', {
      limits: { upgradeTimeMs: 50 },
      identity: identityProvider({
        name: 'slow',
        verify: async (token: string) => {
          await new Promise<void>((resolve) => asked.push(resolve))
          return { userId: token }
        },
      }),
    })
    const peer = connect({ port: app.port, host: '127.0.0.1', allowHalfOpen: true }).on('error', () => undefined)
    peers.push(peer)
    let heard = ''
    peer.on('data', (chunk) => (heard += String(chunk)))
    peer.write(toHandshake(path, ['authorization: Bearer alice']))
    await expect.poll(() => heard).toMatch(/^HTTP\/1.1 504 /)
    asked[0]!()
    await pause(50)
    expect(heard.match(/HTTP\/1.1/g)).toHaveLength(1)
  })

  test('ends a client that sends one message in more pieces than it keeps', async () => {
    app = await openMountedApp('node:http')
    const peer = await openMutePeer('alice')
    peer.setNoDelay()
    let heard = ''
    peer.on('data', (chunk) => (heard += chunk.toString('latin1')))
    const isOver = once(peer, 'close')
    // A frame of 4,000 bytes (RFC 6455 section 5.2), of which each byte comes by itself.
    peer.write(Buffer.from([0x81, 0x80 | 126, 4000 >> 8, 4000 & 0xff, 0, 0, 0, 0]))
    for (let index = 0; index < 1500 && !peer.destroyed && !heard.includes(tooManyPieces); index++) {
      peer.write('x')
      await new Promise((resolve) => setImmediate(() => setImmediate(resolve)))
    }
    expect(heard).toContain(tooManyPieces)
    peer.end()
    await isOver
  })

  test('ends peers that do not answer the close of a server that stops', async () => {
    app = await openMountedApp('node:http')
    const peer = await openMutePeer('alice')
    const startedAt = performance.now()
    await app.goldenPath.close()
    await (peer.destroyed || once(peer, 'close'))
    expect(performance.now() - startedAt).toBeLessThan(5000)
  })

  test('ends a peer that does not answer the close of a socket that was refused', async () => {
    app = await openMountedApp('node:http', { limits: { connectionsPerUser: 1 } })
    await openMutePeer('alice')
    const refused = await openMutePeer('alice')
    const startedAt = performance.now()
    await once(refused, 'close')
    expect(performance.now() - startedAt).toBeLessThan(5000)
  })
})

describe('handleUpgrade', () => {
  test('leaves no listener of its own on a socket that is open: there can be a hundred thousand', async () => {
    app = await openMountedApp('node:http')
    let raw: Socket | undefined
    app.server.on('upgrade', (_request, socket: Socket) => (raw = socket))
    const client = await openClient(app, { token: 'alice', path })
    await client.next(({ type }) => type === 'connection_ready')
    // One each of ws, none of ours.
    expect([raw!.listenerCount('error'), raw!.listenerCount('close')]).toEqual(await listenersOfWs())
    client.close()
  })

  test('gives the place of an address back once, though its token is refused after its time was up', async () => {
    const asked: (() => void)[] = []
    app = await openMountedApp('node:http', {
      limits: { upgradeTimeMs: 200, connectionsPerAddress: 2 },
      identity: identityProvider({
        name: 'slow',
        verify: async (token: string) => {
          if (token === 'slow') await new Promise<void>((resolve) => asked.push(resolve))
          return token === 'slow' ? undefined : { userId: token }
        },
      }),
    })
    const clients = [await openClient(app, { token: 'alice', path })]
    await expect(openClient(app, { token: 'slow', path })).rejects.toMatchObject({ status: 504 })
    clients.push(await openClient(app, { token: 'alice', path }))
    asked[0]!()
    await pause(50)
    await expect(openClient(app, { token: 'alice', path })).rejects.toMatchObject({ status: 429 })
    for (const client of clients) client.close()
  })

  test('gives the places of an address back once, though its socket closes after it was accepted', async () => {
    app = await openMountedApp('node:http', {
      identity: testIdentity,
      limits: { connectionsPerAddress: 2, pendingUpgrades: 1 },
    })
    for (let turn = 0; turn < 3; turn++) {
      const client = await openClient(app, { token: 'alice', path })
      client.close()
      await client.closed
    }
    const both = [await openClient(app, { token: 'alice', path }), await openClient(app, { token: 'bob', path })]
    await expect(openClient(app, { token: 'bob', path })).rejects.toMatchObject({ status: 429 })
    for (const client of both) client.close()
  })
})

/** How many listeners for `error` and `close` a socket has that ws alone has taken over. */
async function listenersOfWs(): Promise<number[]> {
  const counts = await new Promise<number[]>((resolve) => {
    const webSockets = new WebSocketServer({ noServer: true })
    const server = createServer().on('upgrade', (request, socket, head) =>
      webSockets.handleUpgrade(request, socket, head, (own) => {
        resolve([socket.listenerCount('error'), socket.listenerCount('close')])
        own.terminate()
        server.close()
      }),
    )
    server.listen(0, '127.0.0.1', () => {
      new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`).on('error', () => undefined)
    })
  })
  return counts
}

/** The close frame of ws for it: 1008, which is a violation of a policy (RFC 6455 section 7.4.1). */
const tooManyPieces = '\x88\x02\x03\xf0'
