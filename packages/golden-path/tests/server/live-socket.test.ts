import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { identityProvider, type VerifiedUser } from 'user-execution-context'
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
})
