// The golden path in the server of an app: what protects a server of its own holds here too, without code of the app.
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, describe, expect, test } from 'vitest'
import WebSocket, { WebSocketServer } from 'ws'
import { newGate } from '../phases/run-agent.ts'
import { apps, openMountedApp, toHandshake, type MountedApp } from './mounted-app.ts'
import { isEnd, openClient } from './test-server.ts'

let opened: MountedApp[] = []
afterEach(async () => {
  await Promise.all(opened.map((app) => app.close()))
  opened = []
})

const open: typeof openMountedApp = async (...given) => {
  const app = await openMountedApp(...given)
  opened.push(app)
  return app
}
const path = '/api/ws'
const json = { 'content-type': 'application/json' }
const toBody = (text: string): string => JSON.stringify({ input: { text } })

const follow = async (app: MountedApp, token: string, text: string): Promise<string> => {
  const started = await app.request('POST', '/api/runs', { token, headers: json, body: toBody(text) })
  expect(started.status).toBe(202)
  const location = started.headers.get('location')!
  expect(location).toMatch(/^\/api\/runs\//)
  return (await app.request('GET', location, { token })).text()
}
const countConnections = (app: MountedApp): Promise<number> =>
  new Promise((resolve, reject) =>
    app.server.getConnections((error, count) => (error === null ? resolve(count) : reject(error))),
  )

describe.each(Object.keys(apps))('the golden path mounted in %s', (name) => {
  test('serves two users over HTTP, server-sent events and WebSocket, and each gets only what is theirs', async () => {
    const app = await open(name)
    expect(await follow(app, 'alice', 'add the secret of alice')).toContain('agent_completed')
    expect(await follow(app, 'bob', 'list')).not.toContain('secret of alice')
    const clients = {
      alice: await openClient(app, { token: 'alice', path }),
      bob: await openClient(app, { token: 'bob', path }),
    }
    for (const client of Object.values(clients)) client.send({ type: 'start_run', input: { text: 'list' } })
    await Promise.all(Object.values(clients).map((client) => client.next(isEnd)))
    expect(JSON.stringify(clients.alice.messages)).toContain('secret of alice')
    expect(JSON.stringify(clients.bob.messages)).not.toContain('secret of alice')
    expect((await app.request('GET', '/api/threads')).status).toBe(401)
  })

  test('leaves every other request to the app: other paths, methods, preflights of its routes', async () => {
    const app = await open(name)
    for (const [method, target] of [
      ['GET', '/'],
      ['GET', '/apiary'],
      ['GET', '/api/unknown'],
      ['GET', '/api/runs'],
      ['GET', '/runs/r-1/events'],
      ['OPTIONS', '/upload'],
      ['OPTIONS', '/api/unknown'],
    ] as const) {
      const headers =
        method === 'OPTIONS' ? { 'origin': 'https://a.test', 'access-control-request-method': 'POST' } : {}
      const answer = await app.request(method, target, { headers })
      expect(await answer.text()).toBe(`the app: ${method} ${target}`)
    }
  })

  test('answers the preflight of its own routes, for the origins of its list only', async () => {
    const app = await open(name, { origins: ['https://chat.example.com'] })
    const ask = (origin: string): Promise<Response> =>
      app.request('OPTIONS', '/api/runs', { headers: { origin, 'access-control-request-method': 'POST' } })
    const allowed = await ask('https://chat.example.com')
    expect(allowed.status).toBe(204)
    expect(allowed.headers.get('access-control-allow-origin')).toBe('https://chat.example.com')
    expect((await ask('https://evil.example.com')).status).toBe(403)
  })

  test.each([
    ['expires', (token: string) => `${token}~s-1~${Date.now() + 1_500}`, async () => {}],
    [
      'is signed out',
      (token: string) => `${token}~s-1`,
      async (app: MountedApp, token: string) =>
        expect((await app.request('POST', '/api/logout', { token })).status).toBe(204),
    ],
  ])('closes sockets and streams when the identity %s', async (_what, toToken, end) => {
    const never = newGate()
    const app = await open(name, {
      agent: async function* () {
        yield { type: 'agent_thinking', text: 'On it.' }
        await never.opened
      },
    })
    const token = toToken('alice')
    const client = await openClient(app, { token, path })
    const other = await openClient(app, { token: 'bob~s-1-of-bob', path })
    const { headers } = await app.request('POST', '/api/runs', { token, headers: json, body: toBody('go') })
    const stream = await app.request('GET', headers.get('location')!, { token })
    const read = stream.text()
    await end(app, token)
    expect(await client.closed).toMatchObject({ code: 4401 })
    expect(await read).toContain('agent_started')
    await expect(openClient(app, { token, path })).rejects.toMatchObject({ status: 401 })
    other.send({ type: 'ping' })
    expect(await other.next(({ type }) => type === 'pong')).toBeDefined()
    never.open()
  })

  test('lets a page in by a ticket, once', async () => {
    const app = await open(name)
    const { ticket } = (await (await app.request('POST', '/api/ticket', { token: 'alice' })).json()) as {
      ticket: string
    }
    const client = await openClient(app, { path: `${path}?ticket=${ticket}` })
    await expect(openClient(app, { path: `${path}?ticket=${ticket}` })).rejects.toMatchObject({ status: 401 })
    client.close()
  })

  test('leaves upgrades for other paths to the other handler of the server', async () => {
    const app = await open(name)
    const echo = new WebSocketServer({ noServer: true })
    app.server.on('upgrade', (request, socket, head) => {
      if (request.url === '/echo')
        echo.handleUpgrade(request, socket, head, (own) => own.on('message', (data) => own.send(String(data))))
    })
    const socket = new WebSocket(`ws://127.0.0.1:${app.port}/echo`)
    await once(socket, 'open')
    socket.send('hello')
    expect(String((await once(socket, 'message'))[0])).toBe('hello')
    const client = await openClient(app, { token: 'alice', path })
    expect(await client.next(({ type }) => type === 'connection_ready')).toBeDefined()
    socket.terminate()
    echo.close()
  })
})

describe('the golden path mounted in a server', () => {
  test('holds nothing of 500 refused upgrades whose clients keep their side open', async () => {
    const app = await open('node:http', { limits: { connectionsPerAddress: 1000 } })
    const sockets = await Promise.all(
      Array.from({ length: 500 }, async (_, index) => {
        const socket = connect({ port: app.port, host: '127.0.0.1', allowHalfOpen: true })
        socket.on('error', () => undefined)
        socket.write(toHandshake(index % 2 === 0 ? path : '/unknown'))
        await once(socket, 'data')
        return socket
      }),
    )
    await expect.poll(() => countConnections(app), { timeout: 10_000 }).toBe(0)
    for (const socket of sockets) socket.destroy()
  })

  test('ends an upgrade for another path that no handler answers', async () => {
    const app = await open('node:http', { limits: { foreignUpgradeTimeMs: 50 } })
    app.server.on('upgrade', () => undefined)
    const socket = connect({ port: app.port, host: '127.0.0.1', allowHalfOpen: true })
    socket.write(toHandshake('/unknown'))
    const [answer] = await once(socket, 'data')
    expect(String(answer)).toMatch(/^HTTP\/1.1 404 /)
    await expect.poll(() => countConnections(app), { timeout: 10_000 }).toBe(0)
    socket.destroy()
  })

  test('touches no upgrade for another path that a handler has answered', async () => {
    const app = await open('node:http', { limits: { foreignUpgradeTimeMs: 50 } })
    let taken: Socket | undefined
    app.server.on('upgrade', (_request, socket: Socket) => {
      taken = socket
      socket.write('HTTP/1.1 101 Switching Protocols\r\n\r\n')
    })
    const socket = connect(app.port, '127.0.0.1')
    socket.write(toHandshake('/unknown'))
    let heard = ''
    socket.on('data', (data) => (heard += String(data)))
    await expect.poll(() => heard, { timeout: 30_000 }).toBe('HTTP/1.1 101 Switching Protocols\r\n\r\n')
    // Longer than an upgrade may wait that nobody has answered.
    await pause(200)
    expect(heard).toBe('HTTP/1.1 101 Switching Protocols\r\n\r\n')
    expect([socket.readyState, taken?.readyState]).toEqual(['open', 'open'])
    taken?.destroy()
    socket.destroy()
  })

  test('gives an upgrade for another path to next, and keeps its own', async () => {
    const app = await open('node:http')
    app.server.removeAllListeners('upgrade')
    app.server.on('upgrade', (request, socket: Socket, head) =>
      app.goldenPath.handleUpgrade(request, socket, head, () => socket.end('HTTP/1.1 418 the app\r\n\r\n')),
    )
    const socket = connect(app.port, '127.0.0.1')
    socket.write(toHandshake('/elsewhere'))
    expect(String((await once(socket, 'data'))[0])).toMatch(/^HTTP\/1.1 418 /)
    socket.destroy()
    expect(await openClient(app, { token: 'alice', path })).toBeDefined()
  })

  test('ends a body that takes too long, whatever the server allows', async () => {
    const app = await open('node:http', { limits: { requestTimeMs: 50 } })
    const socket = connect(app.port, '127.0.0.1')
    socket.write(
      'POST /api/runs HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer alice\r\n' +
        'content-type: application/json\r\ncontent-length: 100\r\n\r\n{',
    )
    let answer = ''
    socket.on('data', (data) => (answer += String(data)))
    await once(socket, 'close')
    expect(answer).toMatch(/^HTTP\/1.1 504 /)
  })

  test('terminates a peer that answers no ping, and a user with the most sockets can connect again', async () => {
    const app = await open('node:http', { limits: { heartbeatMs: 30, connectionsPerUser: 1 } })
    const dead = connect(app.port, '127.0.0.1')
    dead.on('error', () => undefined)
    dead.write(toHandshake(path, ['authorization: Bearer alice']))
    await once(dead, 'data')
    await once(dead.resume(), 'close')
    const client = await openClient(app, { token: 'alice', path })
    expect(await client.next(({ type }) => type === 'connection_ready')).toBeDefined()
  })

  test('counts sockets of one address', async () => {
    const app = await open('node:http', { limits: { connectionsPerAddress: 1 } })
    await openClient(app, { token: 'alice', path })
    await expect(openClient(app, { token: 'bob', path })).rejects.toMatchObject({ status: 429 })
  })

  test('refuses pages of origins that are not on its list, over HTTP and WebSocket', async () => {
    const app = await open('node:http', { origins: ['https://chat.example.com'] })
    const headers = { origin: 'https://evil.example.com' }
    expect((await app.request('GET', '/api/threads', { token: 'alice', headers })).status).toBe(403)
    await expect(openClient(app, { token: 'alice', path, headers })).rejects.toMatchObject({ status: 403 })
    const own = await openClient(app, { token: 'alice', path, headers: { origin: 'https://chat.example.com' } })
    expect(own).toBeDefined()
  })

  test('needs no file without a data directory', async () => {
    const before = readdirSync('.')
    const app = await open('node:http')
    await follow(app, 'alice~s-1', 'list')
    await app.request('POST', '/api/logout', { token: 'alice~s-1' })
    expect((await app.request('GET', '/api/threads', { token: 'alice~s-1' })).status).toBe(401)
    expect(readdirSync('.')).toEqual(before)
    expect(app.goldenPath.users).toBeUndefined()
  })

  test('serves the AI SDK and AG-UI below the prefix', async () => {
    const app = await open('node:http')
    const message = { role: 'user', parts: [{ type: 'text', text: 'list' }] }
    const chat = await app.request('POST', '/api/chat', {
      token: 'alice',
      headers: json,
      body: JSON.stringify({ id: 't-1', messages: [message] }),
    })
    expect(await chat.text()).toContain('[DONE]')
    const agUi = await app.request('POST', '/api/ag-ui', {
      token: 'alice',
      headers: json,
      body: JSON.stringify({ threadId: 't-1', messages: [{ role: 'user', content: 'list' }] }),
    })
    expect(await agUi.text()).toContain('RUN_FINISHED')
  })
})
