// The golden path below a prefix of each framework, with two users: the app's page, sign-in, SSE, WebSocket.
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Agent } from '@user-execution-context/golden-path'
import { passwordHasher } from '@user-execution-context/golden-path/login'
import { openGoldenPathServer, type GoldenPathServer } from '@user-execution-context/golden-path/server'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import type { Server } from 'node:http'
import { ask, portOf } from './client.ts'
import { mounts } from './mounts.ts'

const agent: Agent = async function* ({ context }, { text }) {
  yield { type: 'agent_message_delta', text: `${context.userId} said: ${text}` }
}
const users = ['ada', 'bob'] as const

describe.each(Object.keys(mounts))('the golden path mounted in %s', (name) => {
  let goldenPath: GoldenPathServer
  let server: Server
  let port: number
  let directory: string
  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'mounted-'))
    goldenPath = await openGoldenPathServer({ agent, dataDirectory: directory, prefix: '/api', log: () => {} })
    for (const user of users) {
      const password = await passwordHasher({ cost: 1024 }).toRecord(`password of ${user}`)
      await goldenPath.users!.store.add({ userId: user, userName: user, password })
    }
    server = await mounts[name]!(goldenPath)
    port = await portOf(server.listen(0, '127.0.0.1'))
  })
  afterEach(async () => {
    await goldenPath.close()
    server.closeAllConnections()
    await new Promise((closed) => server.close(closed))
    rmSync(directory, { recursive: true })
  })

  const signIn = async (userName: string): Promise<string> => {
    const body = { userName, password: `password of ${userName}` }
    const { status, text } = await ask(port, { method: 'POST', path: '/api/login', body })
    expect(status, text).toBe(200)
    return (JSON.parse(text) as { accessToken: string }).accessToken
  }

  const connect = async (path: string, headers: Readonly<Record<string, string>> = {}) => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, { headers })
    const heard: string[] = []
    socket.on('message', (data) => heard.push(String(data)))
    const closed = once(socket, 'close') as Promise<[number]>
    await once(socket, 'open')
    return { socket, heard, closed }
  }

  test('leaves the page to the app, and a stranger outside', async () => {
    expect((await ask(port, { path: '/' })).text).toBe('the page')
    expect((await ask(port, { path: '/api/threads' })).status).toBe(401)
  })

  test('gives two users the events of their own runs, and an unknown run for the other', async () => {
    const runs = await Promise.all(
      users.map(async (user) => {
        const token = await signIn(user)
        const body = { input: { text: `secret of ${user}` } }
        const started = await ask(port, { method: 'POST', path: '/api/runs', token, body })
        expect(started.status).toBe(202)
        const location = started.headers.location!
        expect(location).toMatch(/^\/api\/runs\//)
        return { token, location, events: (await ask(port, { path: location, token })).text }
      }),
    )
    for (const [index, user] of users.entries()) {
      expect(runs[index]!.events).toContain(`${user} said: secret of ${user}`)
      expect(runs[index]!.events).not.toContain(`secret of ${users[1 - index]}`)
      expect((await ask(port, { path: runs[1 - index]!.location, token: runs[index]!.token })).status).toBe(404)
    }
  })

  test('gives two users their own answers over WebSocket, one by header and one by a ticket', async () => {
    const answer = await ask(port, { method: 'POST', path: '/api/ticket', token: await signIn('bob') })
    const { ticket } = JSON.parse(answer.text) as { ticket: string }
    const clients = {
      ada: await connect('/api/ws', { authorization: `Bearer ${await signIn('ada')}` }),
      bob: await connect(`/api/ws?ticket=${ticket}`),
    }
    for (const [user, { socket }] of Object.entries(clients))
      socket.send(JSON.stringify({ type: 'start_run', input: { text: `secret of ${user}` } }))
    for (const [user, { heard }] of Object.entries(clients)) {
      await expect.poll(() => heard.join(), { timeout: 10_000 }).toContain('agent_completed')
      expect(heard.join()).toContain(`${user} said`)
      expect(heard.join()).not.toContain(`secret of ${user === 'ada' ? 'bob' : 'ada'}`)
    }
  })

  test('closes the socket of a user who signs out, and no other', async () => {
    const token = await signIn('ada')
    const ada = await connect('/api/ws', { authorization: `Bearer ${token}` })
    const bob = await connect('/api/ws', { authorization: `Bearer ${await signIn('bob')}` })
    expect((await ask(port, { method: 'POST', path: '/api/logout', token })).status).toBe(204)
    expect((await ada.closed)[0]).toBe(4401)
    expect(bob.socket.readyState).toBe(WebSocket.OPEN)
  })
})
