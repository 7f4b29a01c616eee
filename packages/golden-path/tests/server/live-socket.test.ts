import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { identityProvider, liveSessions, type VerifiedFacts, type VerifiedUser } from 'user-execution-context'
import { never } from '../phases/run-agent.ts'
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

describe('a renewal over a socket', () => {
  type Proof = VerifiedFacts & { readonly namespace: string }
  const proof = { namespace: 'https://id.example', userId: 'u-1', sessionId: 's-1', tenantId: 't-1' }
  const toToken = (more: Partial<Proof> = {}, lastsMs = 60_000): string =>
    Buffer.from(
      JSON.stringify({ ...proof, permissions: ['read', 'write'], expiresAtMs: Date.now() + lastsMs, ...more }),
    ).toString('base64url')
  const open = async () => {
    const sessions = liveSessions({ maxProofMs: 3_600_000 })
    const renewing = await openTestServer({
      sessions,
      agent: async function* () {
        yield { type: 'agent_message_delta', text: 'begun' }
        await never()
      },
      identity: (token) => {
        const { namespace, ...facts } = JSON.parse(Buffer.from(token, 'base64url').toString()) as Proof
        return identityProvider({ name: 'theirs', namespace, sessions, verify: () => facts })(token)
      },
    })
    return { sessions, server: renewing }
  }
  let renewals = 0
  const renew = async (client: Awaited<ReturnType<typeof openClient>>, token: string): Promise<unknown> => {
    const clientRequestId = `renewal-${renewals++}`
    client.send({ type: 'renew_token', token, clientRequestId })
    const { type, code } = await client.next((message) => message['clientRequestId'] === clientRequestId)
    return code ?? type
  }

  test('is taken from the same user, in the same tenant and namespace, with no fewer rights', async () => {
    const { server: renewing } = await open()
    const client = await openClient(renewing, { token: toToken() })
    for (const [more, answer] of [
      [{ namespace: 'https://partner.example' }, 'ERR_CONTEXT_ANOTHER_SUBJECT'],
      [{ tenantId: 't-2' }, 'ERR_CONTEXT_ANOTHER_SUBJECT'],
      [{ tenantId: undefined }, 'ERR_CONTEXT_ANOTHER_SUBJECT'],
      [{ userId: 'u-2' }, 'ERR_CONTEXT_ANOTHER_SUBJECT'],
      [{ permissions: ['read'] }, 'ERR_CONTEXT_IDENTITY_REFUSED'],
      [{ permissions: ['write', 'more', 'read'] }, 'token_renewed'],
      [{ permissions: ['write', 'read'] }, 'ERR_CONTEXT_IDENTITY_REFUSED'],
      [{ permissions: ['write', 'more', 'read'], sessionId: 's-2' }, 'token_renewed'],
    ] as const)
      expect([more, await renew(client, toToken(more))]).toEqual([more, answer])
    client.close()
    await renewing.close()
  })

  test('into another session closes the socket with that one, and no longer with the old one', async () => {
    const { server: renewing, sessions } = await open()
    const client = await openClient(renewing, { token: toToken() })
    expect(await renew(client, toToken({ sessionId: 's-2' }))).toBe('token_renewed')
    const signOut = async (sessionId: string): Promise<unknown> => {
      const verify = (): VerifiedFacts => ({ userId: proof.userId, tenantId: proof.tenantId, sessionId })
      const user = await identityProvider({ name: 'theirs', namespace: proof.namespace, sessions, verify })('x')
      return sessions.revoke({ session: user })
    }
    await signOut('s-1')
    client.send({ type: 'ping' })
    await client.next(({ type }) => type === 'pong')
    await signOut('s-2')
    expect(await client.closed).toMatchObject({ code: 4401 })
    await renewing.close()
  })

  test('lets a run that was begun before last as long as the new proof', async () => {
    const { server: renewing } = await open()
    const client = await openClient(renewing, { token: toToken({}, 1500) })
    client.send({ type: 'start_run', input: { text: 'go' } })
    await client.next(({ type }) => type === 'agent_message_delta')
    expect(await renew(client, toToken())).toBe('token_renewed')
    await new Promise((resolve) => setTimeout(resolve, 2000))
    client.send({ type: 'ping' })
    await client.next(({ type }) => type === 'pong')
    expect(client.messages.map(({ type }) => type)).not.toContain('agent_cancelled')
    client.close()
    await renewing.close()
  })
})
