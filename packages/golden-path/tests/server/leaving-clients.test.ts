// What stays of a client that leaves when nothing of it is open yet: nothing.
import { connect } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { expect, test, vi } from 'vitest'
import type { LogRecord } from '../../src/server/log-record.ts'
import type { Agent } from '../../src/phases/ports/agent.ts'
import { identityProvider } from 'user-execution-context'
import { openClient, openTestServer } from './test-server.ts'

const waiting: Agent = async function* (scope) {
  yield { type: 'agent_thinking', text: 'hm' }
  await new Promise<void>((resolve) => scope.signal.addEventListener('abort', () => resolve()))
}
/** Takes the token `slow` after a while, and refuses `wrong` as late. */
const identity = identityProvider({
  name: 'slow',
  verify: async (token: string) => {
    if (token !== 'ada') await pause(60)
    return { userId: token === 'wrong' ? '' : 'ada' }
  },
})
const toRequest = (runId: string, token: string): string =>
  `GET /runs/${runId}/events HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${token}\r\n\r\n`

test('a client that leaves while its token is checked leaves no timer behind, and is no error in the log', async () => {
  const log: LogRecord[] = []
  const timers = new Set<unknown>()
  const { setInterval: set, clearInterval: clear } = globalThis
  const server = await openTestServer({ agent: waiting, identity, log: (record) => log.push(record) })
  const { runId } = (await server.request('POST', '/runs', { token: 'ada', body: { input: { text: 'go' } } })).body
  vi.spyOn(globalThis, 'setInterval').mockImplementation(((...given: Parameters<typeof set>) => {
    const timer = set(...given)
    timers.add(timer)
    return timer
  }) as never)
  vi.spyOn(globalThis, 'clearInterval').mockImplementation((timer) => {
    timers.delete(timer)
    clear(timer)
  })
  const open = connect(server.port, '127.0.0.1').on('error', () => undefined)
  open.resume().write(toRequest(runId, 'ada'))
  await expect.poll(() => timers.size).toBe(1)
  open.destroy()
  const socket = connect(server.port, '127.0.0.1')
  socket.write(toRequest(runId, 'slow'))
  await pause(20)
  socket.resetAndDestroy()
  // Longer than the token takes, and until everything is gone that it began.
  await pause(150)
  await expect.poll(() => timers.size, { timeout: 30_000 }).toBe(0)
  vi.restoreAllMocks()
  expect(log.filter(({ level }) => level === 'error')).toEqual([])
  await server.close()
})

test('a client that leaves while its token is checked holds no place', async () => {
  const server = await openTestServer({ agent: waiting, identity, limits: { connectionsPerAddress: 1 } })
  const { runId } = (await server.request('POST', '/runs', { token: 'ada', body: { input: { text: 'go' } } })).body
  const socket = connect(server.port, '127.0.0.1')
  socket.write(toRequest(runId, 'slow'))
  await pause(20)
  socket.resetAndDestroy()
  await pause(150)
  const isOpened = (): Promise<boolean> =>
    openClient(server, { token: 'ada' }).then(
      (client) => (client.close(), true),
      () => false,
    )
  await expect.poll(isOpened, { timeout: 30_000, interval: 100 }).toBe(true)
  await server.close()
})

test('a token that is wrong is in the log, also where its client did not wait for the answer', async () => {
  const server = await openTestServer({ agent: waiting, identity })
  const socket = connect(server.port, '127.0.0.1')
  socket.write(toRequest('r-1', 'wrong'))
  await pause(20)
  socket.resetAndDestroy()
  await expect.poll(() => server.log.map(({ event }) => event)).toContain('request-refused')
  await server.close()
})

test('streams that were asked for behind another answer hold no places when their client has left', async () => {
  const server = await openTestServer({ agent: waiting, limits: { connectionsPerAddress: 2 } })
  const token = await server.signIn(0)
  const { runId } = (await server.request('POST', '/runs', { token, body: { input: { text: 'go' } } })).body
  const socket = connect(server.port, '127.0.0.1')
  socket.resume().write(toRequest(runId, token).repeat(3))
  await pause(150)
  socket.destroy()
  const openBoth = async (): Promise<number> => {
    const answers = await Promise.allSettled([openClient(server, { token }), openClient(server, { token })])
    const clients = answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []))
    for (const client of clients) client.close()
    return clients.length
  }
  await expect.poll(openBoth, { timeout: 30_000, interval: 100 }).toBe(2)
  await server.close()
})
