import { once } from 'node:events'
import { connect } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { openMountedApp, toHandshake, type MountedApp } from './mounted-app.ts'
import { openClient } from './test-server.ts'

describe('startHeartbeat', () => {
  let app: MountedApp
  afterEach(() => app.close())

  test('lets a peer live that answers its pings', async () => {
    app = await openMountedApp('node:http', { limits: { heartbeatMs: 20 } })
    const client = await openClient(app, { token: 'alice', path: '/api/ws' })
    let pings = 0
    client.socket.on('ping', () => pings++)
    await expect.poll(() => pings).toBeGreaterThan(5)
    client.send({ type: 'ping' })
    expect(await client.next(({ type }) => type === 'pong')).toBeDefined()
  })

  test('pings a peer twice, and ends one that answered neither, without one more ping', async () => {
    app = await openMountedApp('node:http', { limits: { heartbeatMs: 30 } })
    const peer = connect(app.port, '127.0.0.1')
    const chunks: Buffer[] = []
    peer.on('data', (chunk) => chunks.push(chunk))
    peer.write(toHandshake('/api/ws', ['authorization: Bearer alice']))
    await once(peer, 'close')
    expect(Buffer.concat(chunks).toString('latin1').split(emptyPing)).toHaveLength(3)
  })

  test('keeps a peer that is late with one answer', async () => {
    app = await openMountedApp('node:http', { limits: { heartbeatMs: 100 } })
    const client = await openClient(app, { token: 'alice', path: '/api/ws', autoPong: false })
    let pings = 0
    // Only every second ping is answered.
    client.socket.on('ping', () => ++pings % 2 === 0 && client.socket.pong())
    await expect.poll(() => pings).toBeGreaterThan(5)
    expect(client.socket.readyState).toBe(client.socket.OPEN)
  })
})

/** A ping of a server without data (RFC 6455 section 5.5.2). */
const emptyPing = '\x89\x00'
