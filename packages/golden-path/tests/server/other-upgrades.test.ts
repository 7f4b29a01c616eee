// An upgrade to what is not spoken here is a request like any other: RFC 9110, section 7.8. Java's HttpClient and
// curl --http2 offer h2c with each first request, also with one that has a body.
import { once } from 'node:events'
import { createServer as createSecureServer } from 'node:https'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { connect as connectSecure } from 'node:tls'
import { afterEach, describe, expect, test } from 'vitest'
import type { Agent } from '../../src/phases/ports/agent.ts'
import { hardenHttpServer } from '../../src/server/harden-http-server.ts'
import { openGoldenPathServer } from '../../src/server/open-golden-path-server.ts'
import { openMountedApp, testIdentity } from './mounted-app.ts'
import { openTestServer } from './test-server.ts'

type Opened = { readonly port: number; readonly close: () => Promise<void> }
let opened: Opened[] = []
let peers: Socket[] = []
afterEach(async () => {
  for (const peer of peers) peer.destroy()
  await Promise.all(opened.map(({ close }) => close()))
  peers = []
  opened = []
})
const keep = <Server extends Opened>(server: Server): Server => {
  opened.push(server)
  return server
}

const h2c = ['connection: Upgrade, HTTP2-Settings', 'upgrade: h2c', 'http2-settings: AAMAAABkAAQCAAAAAAIAAAAA']
const toText = (start: string, headers: readonly string[], body = ''): string =>
  [`${start} HTTP/1.1`, 'host: localhost', ...headers, '', body].join('\r\n')

/** A connection, and what was answered on it so far. */
const dial = async ({ port }: Opened) => {
  const socket = connect(port, '127.0.0.1').on('error', () => undefined)
  peers.push(socket)
  let heard = ''
  socket.on('data', (chunk) => (heard += chunk.toString('latin1')))
  await once(socket, 'connect')
  const statuses = (): readonly string[] => [...heard.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => status!)
  const answered = async (count: number): Promise<readonly string[]> => {
    await expect.poll(() => statuses().length, { timeout: 10_000 }).toBe(count)
    return statuses()
  }
  return { socket, answered, heard: () => heard }
}

const noAgent: Agent = async function* () {}

const login = JSON.stringify({ userName: 'alice', password: 'password-of-alice' })
const ofLogin = ['content-type: application/json', `content-length: ${login.length}`]

describe.each([
  ['h2c', h2c],
  ['another protocol', ['connection: upgrade', 'upgrade: IRC/6.9, RTA/x11']],
  ['another protocol, and close', ['connection: close, upgrade', 'upgrade: foo']],
])('an upgrade to %s', (_what, upgrade) => {
  test('is answered as the request that it is', async () => {
    const peer = await dial(keep(await openTestServer()))
    peer.socket.write(toText('GET /healthz', upgrade))
    expect(await peer.answered(1)).toEqual(['200'])
    expect(peer.heard()).not.toMatch(/^upgrade:/im)
  })

  test.each([
    ['at once', (text: string) => [text]],
    ['late', (text: string) => [text.slice(0, -10), text.slice(-10)]],
  ])('is answered when its body has come, %s', async (_when, split) => {
    const peer = await dial(keep(await openTestServer()))
    for (const part of split(toText('POST /login', [...upgrade, ...ofLogin], login))) {
      peer.socket.write(part)
      await pause(100)
    }
    expect(await peer.answered(1)).toEqual(['200'])
    expect(peer.heard()).toContain('"accessToken"')
  })

  test('of a body in chunks, too', async () => {
    const peer = await dial(keep(await openTestServer()))
    const chunks = `${login.length.toString(16)}\r\n${login}\r\n0\r\n\r\n`
    const headers = [...upgrade, 'content-type: application/json', 'transfer-encoding: chunked']
    peer.socket.write(toText('POST /login', headers, chunks))
    expect(await peer.answered(1)).toEqual(['200'])
  })

  test('is refused like the request without it', async () => {
    const server = keep(await openTestServer())
    const peer = await dial(server)
    peer.socket.write(toText('GET /threads', [...upgrade, 'authorization: Bearer nobody']))
    expect(await peer.answered(1)).toEqual(['401'])
  })

  test('goes to the app that mounts the golden path', async () => {
    const app = keep(await openMountedApp('node:http'))
    const [own, theirs] = [await dial(app), await dial(app)]
    own.socket.write(toText('GET /api/healthz', upgrade))
    theirs.socket.write(toText('GET /elsewhere?x=1', upgrade))
    expect([await own.answered(1), await theirs.answered(1)]).toEqual([['200'], ['200']])
    expect(theirs.heard()).toContain('the app: GET /elsewhere?x=1')
  })
})

describe('a connection with an upgrade to another protocol', () => {
  test('answers the requests after it, also those that came with it', async () => {
    const peer = await dial(keep(await openTestServer()))
    peer.socket.write(toText('GET /healthz', h2c) + toText('GET /threads', []))
    expect(await peer.answered(2)).toEqual(['200', '401'])
    peer.socket.write(toText('GET /healthz', []))
    expect(await peer.answered(3)).toEqual(['200', '401', '200'])
  })

  test('opens a WebSocket later', async () => {
    const server = keep(await openTestServer())
    const peer = await dial(server)
    peer.socket.write(toText('GET /healthz', h2c))
    expect(await peer.answered(1)).toEqual(['200'])
    const key = Buffer.alloc(16).toString('base64')
    const headers = ['connection: keep-alive, Upgrade', 'upgrade: WebSocket', `sec-websocket-key: ${key}`]
    const token = `authorization: Bearer ${await server.signIn(0)}`
    peer.socket.write(toText('GET /ws', [...headers, 'sec-websocket-version: 13', token]))
    expect(await peer.answered(2)).toEqual(['200', '101'])
  })

  test('waits for its client as every other, and counts as one', async () => {
    const server = keep(await openTestServer({ limits: { waitingConnectionsPerAddress: 3 } }))
    for (let round = 0; round < 5; round++) {
      const peer = await dial(server)
      peer.socket.write(toText('GET /healthz', h2c))
      expect(await peer.answered(1)).toEqual(['200'])
      const closed = once(peer.socket, 'close')
      peer.socket.end()
      await closed
    }
    const waiting = [await dial(server), await dial(server), await dial(server)]
    waiting[0]!.socket.write(toText('GET /healthz', h2c))
    expect(await waiting[0]!.answered(1)).toEqual(['200'])
    const fourth = await dial(server)
    await once(fourth.socket, 'close')
    expect(waiting.map(({ socket }) => socket.closed)).toEqual([false, false, false])
  })

  test('is left to the other listeners of a server that has any', async () => {
    const app = keep(await openMountedApp('node:http'))
    app.server.on('upgrade', (request, socket) => {
      if (request.headers.upgrade === 'h2c') socket.end('HTTP/1.1 101 Switching Protocols\r\n\r\n')
    })
    const peer = await dial(app)
    peer.socket.write(toText('GET /api/healthz', h2c))
    expect(await peer.answered(1)).toEqual(['101'])
  })

  test('goes on over TLS, and is counted as before', async () => {
    const goldenPath = await openGoldenPathServer({ agent: noAgent, identity: testIdentity, log: () => {} })
    // A key that both know, in place of a certificate (RFC 4279).
    const keys = { psk: Buffer.alloc(16, 7), identity: 'test' }
    const tls = { ciphers: 'PSK', maxVersion: 'TLSv1.2' } as const
    const server = createSecureServer({ ...tls, pskCallback: () => keys.psk }, goldenPath.handleRequest)
    hardenHttpServer(server, { waitingConnectionsPerAddress: 2 }).on('upgrade', goldenPath.handleUpgrade)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const close = async () => {
      await goldenPath.close()
      server.closeAllConnections()
      server.close()
    }
    keep({ port, close })
    const dialSecure = async () => {
      const peer = connectSecure({ port, ...tls, pskCallback: () => keys, checkServerIdentity: () => undefined })
      peers.push(peer)
      let heard = ''
      peer.on('error', () => undefined).on('data', (chunk) => (heard += String(chunk)))
      const closed = new Promise((resolve) => peer.once('close', resolve))
      await Promise.race([new Promise((resolve) => peer.once('secureConnect', resolve)), closed])
      return { peer, closed, heard: () => heard }
    }
    const first = await dialSecure()
    for (const text of [toText('POST /nowhere', [...h2c, 'content-length: 2'], '{}'), toText('GET /healthz', h2c)])
      first.peer.write(text)
    await expect.poll(first.heard).toMatch(/^HTTP\/1\.1 404 /)
    await first.closed
    const second = await dialSecure()
    second.peer.write(toText('GET /healthz', h2c))
    await expect.poll(second.heard).toMatch(/^HTTP\/1\.1 200 /)
    await dialSecure()
    await (
      await dialSecure()
    ).closed
    expect(second.peer.closed).toBe(false)
  })
})
