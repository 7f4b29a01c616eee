import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { identityProvider, type VerifiedUser } from 'user-execution-context'
import { openMountedApp } from './mounted-app.ts'
import { openClient, openTestServer, type TestServer } from './test-server.ts'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

/** The users whom the server has let in, held by nobody here. */
const letIn: WeakRef<VerifiedUser>[] = []
let server: TestServer
beforeAll(async () => {
  const verify = identityProvider({
    name: 'theirs',
    verify: async (token: string) => ({ userId: token, sessionId: `session-of-${token}` }),
  })
  server = await openTestServer({
    identity: async (token) => {
      const user = await verify(token)
      letIn.push(new WeakRef(user))
      return user
    },
  })
})
afterAll(() => server.close())

describe('LiveSocket', () => {
  test('keeps its user while it is open, and leaves nothing of the user in the server when it has closed', async () => {
    const client = await openClient(server, { token: 'ada' })
    client.send({ type: 'ping' })
    await client.next(({ type }) => type === 'pong')
    const held = (): boolean => {
      collectGarbage()
      return letIn.some((user) => user.deref() !== undefined)
    }
    expect(letIn).toHaveLength(1)
    for (let turn = 0; turn < 3; turn++) {
      await new Promise((resolve) => setTimeout(resolve, 10))
      expect(held()).toBe(true)
    }
    client.close()
    await client.closed
    await expect.poll(held, { timeout: 5000 }).toBe(false)
  })

  test('reminds nobody whose token is near its end from the start, and reminds again after a renewal', async () => {
    const mounted = await openMountedApp('node:http')
    const toToken = (endsInMs: number): string => `alice~s-1~${Date.now() + endsInMs}`
    const client = await openClient(mounted, { token: toToken(30_000), path: '/api/ws' })
    await new Promise((resolve) => setTimeout(resolve, 600))
    const countReminders = (): number => client.messages.filter(({ type }) => type === 'token_expiring').length
    expect(countReminders()).toBe(0)
    client.send({ type: 'renew_token', token: toToken(60_300) })
    await expect.poll(countReminders, { timeout: 3000 }).toBe(1)
    client.send({ type: 'renew_token', token: toToken(60_300) })
    await expect.poll(countReminders, { timeout: 3000 }).toBe(2)
    client.close()
    await mounted.close()
  })

  test('starts runs of the renewed token that were asked for after the renewal', async () => {
    const seen: (number | undefined)[] = []
    const mounted = await openMountedApp('node:http', {
      agent: async function* ({ context }) {
        seen.push(context.expiresAtMs)
        yield { type: 'agent_message_delta', text: 'done' }
      },
    })
    const [first, second] = [Date.now() + 100_000, Date.now() + 200_000]
    const client = await openClient(mounted, { token: `alice~s-1~${first}`, path: '/api/ws' })
    const start = { type: 'start_run', input: { text: 'go' } }
    for (const message of [start, { type: 'renew_token', token: `alice~s-1~${second}` }, start]) client.send(message)
    await expect.poll(() => seen).toEqual([first, second])
    client.close()
    await mounted.close()
  })

  test('gives back the places of its user and of its address when it closes', async () => {
    const mounted = await openMountedApp('node:http', { limits: { connectionsPerUser: 1, connectionsPerAddress: 1 } })
    for (let turn = 0; turn < 3; turn++) {
      const client = await openClient(mounted, { token: 'alice', path: '/api/ws' })
      await client.next(({ type }) => type === 'connection_ready')
      client.close()
      await client.closed
    }
    await mounted.close()
  })
})
