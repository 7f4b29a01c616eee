// How a server closes: readiness first, then no new work, then the sockets, spread out.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { liveSessions, type RevocationListener } from 'user-execution-context'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { newGate } from '../phases/run-agent.ts'
import { openMountedApp, type MountedApp } from './mounted-app.ts'
import { openClient, type Client } from './test-server.ts'

let app: MountedApp
afterEach(async () => {
  vi.useRealTimers()
  await app.close()
})

const path = '/api/ws'
const isReady = async (): Promise<number> => (await app.request('GET', '/api/readyz')).status
const start = (token = 'alice'): Promise<Response> =>
  app.request('POST', '/api/runs', {
    token,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ input: { text: 'go' } }),
  })

describe('readiness', () => {
  test('fails while the revocations of other processes are not heard: every client would be refused', async () => {
    let feed!: RevocationListener
    const store = { write: async () => {}, follow: (listener: RevocationListener) => ((feed = listener), () => {}) }
    const sessions = liveSessions({ maxProofMs: 86_400_000, store })
    app = await openMountedApp('node:http', { sessions })
    expect([await isReady(), app.goldenPath.isReady]).toEqual([503, false])
    expect((await app.request('GET', '/api/healthz')).status).toBe(200)
    feed.heard()
    expect([await isReady(), app.goldenPath.isReady]).toEqual([200, true])
    sessions.close()
    expect([await isReady(), app.goldenPath.isReady]).toEqual([503, false])
  })
})

describe('close', () => {
  test('fails readiness while everything is still served, then refuses runs, sockets and streams', async () => {
    app = await openMountedApp('node:http')
    expect(await isReady()).toBe(200)
    expect((await app.request('GET', '/api/healthz')).status).toBe(200)
    const closed = app.goldenPath.close({ noticeMs: 300 })
    expect(app.goldenPath.isReady).toBe(false)
    expect(await isReady()).toBe(503)
    const { status, headers } = await start()
    expect(status).toBe(202)
    const client = await openClient(app, { token: 'alice', path })
    await closed
    expect(await client.closed).toMatchObject({ code: 1001 })
    expect((await start()).status).toBe(503)
    for (const target of [headers.get('location')!, '/api/chat/t-1/stream'])
      expect((await app.request('GET', target, { token: 'alice' })).status).toBe(503)
    await expect(openClient(app, { token: 'alice', path })).rejects.toMatchObject({ status: 503 })
    expect((await app.request('GET', '/api/healthz')).status).toBe(200)
  })

  test('lets runs that have started or wait finish, and fails those that take longer', async () => {
    const gate = newGate()
    app = await openMountedApp('node:http', {
      limits: { concurrentRunsPerUser: 1 },
      agent: async function* (scope) {
        if (scope.context.userId === 'bob')
          await new Promise((resolve) => scope.signal.addEventListener('abort', resolve))
        else await gate.opened
        yield { type: 'agent_message_delta', text: 'done' }
      },
    })
    const [alice, bob] = await Promise.all(['alice', 'bob'].map((token) => openClient(app, { token, path })))
    for (const client of [alice!, alice!, bob!]) client.send({ type: 'start_run', input: { text: 'go' } })
    for (const client of [alice!, bob!]) await client.next(({ type }) => type === 'agent_started')
    const closed = app.goldenPath.close({ finishMs: 400 })
    setTimeout(gate.open, 50)
    await closed
    const endsOf = ({ messages }: Client): readonly string[] =>
      messages.map(({ type }) => type).filter((type) => /^agent_[cf]/.test(type))
    expect(endsOf(alice!)).toEqual(['agent_completed', 'agent_completed'])
    expect(endsOf(bob!)).toEqual(['agent_failed'])
    const data = { code: 'ERR_CONTEXT_RUN_DRAINED', message: 'The run was cut off by a restart. Start it again.' }
    expect(bob!.messages.at(-1)).toMatchObject({ data })
  })

  test('closes sockets one after the other over the spread, with the code of a restart', async () => {
    app = await openMountedApp('node:http', { limits: { connectionsPerUser: 20 } })
    const clients = await Promise.all(Array.from({ length: 20 }, () => openClient(app, { token: 'alice', path })))
    await Promise.all(clients.map((client) => client.next(({ type }) => type === 'connection_ready')))
    const times: number[] = []
    const all = clients.map(async ({ closed }) => {
      const { code } = await closed
      times.push(performance.now())
      return code
    })
    await app.goldenPath.close({ spreadMs: 400 })
    expect(new Set(await Promise.all(all))).toEqual(new Set([1012]))
    // At once they would all close within one turn. That 20 random moments of 400 ms lie in a quarter of it is less
    // likely than one in 10^10.
    expect(Math.max(...times) - Math.min(...times)).toBeGreaterThan(100)
  })

  test('may be called again when its data directory is that of another server', async () => {
    const dataDirectory = await mkdtemp(join(tmpdir(), 'closing-'))
    app = await openMountedApp('node:http', { dataDirectory })
    await Promise.all([app.goldenPath.close(), app.goldenPath.close()])
    const next = await openMountedApp('node:http', { dataDirectory })
    await app.goldenPath.close()
    await expect(openMountedApp('node:http', { dataDirectory })).rejects.toMatchObject({
      code: 'ERR_CONTEXT_STORE_IN_USE',
    })
    await next.close()
    await rm(dataDirectory, { recursive: true })
  })

  test('goes by its first call: one more does not cut the notice of it short', async () => {
    app = await openMountedApp('node:http')
    const closed = app.goldenPath.close({ noticeMs: 300 })
    const again = app.goldenPath.close()
    expect((await start()).status).toBe(202)
    await Promise.all([closed, again])
    expect((await start()).status).toBe(503)
  })

  test('leaves no timer: neither that of pings nor that of tokens that end', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    app = await openMountedApp('node:http')
    const { headers } = await start()
    await (await app.request('GET', headers.get('location')!, { token: 'alice' })).text()
    expect(vi.getTimerCount()).toBeGreaterThan(1)
    await app.goldenPath.close()
    expect(vi.getTimerCount()).toBe(0)
  })
})
