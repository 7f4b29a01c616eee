import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, test, vi } from 'vitest'
import {
  identityProvider,
  liveSessions,
  type LiveSessions,
  type VerifiedFacts,
  type VerifiedUser,
} from 'user-execution-context'
import type { Agent } from '../../src/phases/ports/agent.ts'
import { openGoldenPathServer } from '../../src/server/open-golden-path-server.ts'
import { never } from '../phases/run-agent.ts'
import { UserSocket } from '../../src/server/user-socket.ts'
import { openMountedApp } from './mounted-app.ts'
import { openClient, openTestServer } from './test-server.ts'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

/** A server that holds no token, and the users whom it has let in, held by nobody here. */
const openForgetting = async (sessions: LiveSessions | undefined, open?: Parameters<typeof openTestServer>[1]) => {
  const letIn: WeakRef<VerifiedUser>[] = []
  const verify = identityProvider({
    name: 'theirs',
    ...(sessions && { sessions }),
    verify: async (token: string) => ({
      userId: token,
      sessionId: `session-of-${token}`,
      expiresAtMs: Date.now() + 600_000,
    }),
  })
  const agent: Agent = async function* () {
    yield { type: 'agent_message_delta', text: 'begun' }
    await never()
  }
  const identity = async (token: string): Promise<VerifiedUser> => {
    const user = await verify(token)
    letIn.push(new WeakRef(user))
    return user
  }
  const server = await openTestServer({ agent, identity }, open)
  const countHeld = (): number => {
    collectGarbage()
    return letIn.filter((user) => user.deref() !== undefined).length
  }
  return { server, countHeld }
}

// What watches for the end of a proof holds the connection, and with it its user, as long as it watches.
describe.each([
  ['with a registry', () => liveSessions({ maxProofMs: 3_600_000 })],
  ['without one', () => undefined],
])('a user whom nothing is open for any more, %s', (_what, openSessions) => {
  test('is held by the server while a socket is open, and no longer', async () => {
    const { server, countHeld } = await openForgetting(openSessions())
    const client = await openClient(server, { token: 'ada' })
    client.send({ type: 'ping' })
    await client.next(({ type }) => type === 'pong')
    for (let turn = 0; turn < 3; turn++) {
      await new Promise((resolve) => setTimeout(resolve, 10))
      expect(countHeld()).toBe(1)
    }
    client.close()
    await client.closed
    await expect.poll(countHeld).toBe(0)
    await server.close()
  })

  test('leaves nothing of a stream that has closed', async () => {
    const answers: WeakRef<ServerResponse>[] = []
    const { server } = await openForgetting(openSessions(), async (options) => {
      const goldenPath = await openGoldenPathServer(options)
      const http = createServer((request, response) => {
        if (request.url?.endsWith('/events')) answers.push(new WeakRef(response))
        goldenPath.handleRequest(request, response)
      }).listen(0)
      const { port } = http.address() as AddressInfo
      return { url: `http://127.0.0.1:${port}`, close: async () => (http.close(), goldenPath.close()) }
    })
    const { runId } = (await server.request('POST', '/runs', { token: 'ada', body: { input: { text: 'go' } } })).body
    const abort = new AbortController()
    const stream = await fetch(`http://127.0.0.1:${server.port}/runs/${runId}/events`, {
      headers: { authorization: 'Bearer ada' },
      signal: abort.signal,
    })
    expect(stream.status).toBe(200)
    const countHeld = (): number => {
      collectGarbage()
      return answers.filter((answer) => answer.deref() !== undefined).length
    }
    expect(countHeld()).toBe(1)
    abort.abort()
    await expect.poll(countHeld).toBe(0)
    await server.close()
  })
})

describe('LiveSocket', () => {
  test('reminds nobody whose token is near its end from the start, and reminds again after a renewal', async () => {
    const mounted = await openMountedApp('node:http')
    const toToken = (endsInMs: number): string => `alice~s-1~${Date.now() + endsInMs}`
    const client = await openClient(mounted, { token: toToken(30_000), path: '/api/ws' })
    await new Promise((resolve) => setTimeout(resolve, 600))
    const countReminders = (): number => client.messages.filter(({ type }) => type === 'token_expiring').length
    expect(countReminders()).toBe(0)
    client.send({ type: 'renew_token', token: toToken(60_300) })
    await expect.poll(countReminders).toBe(1)
    client.send({ type: 'renew_token', token: toToken(60_300) })
    await expect.poll(countReminders).toBe(2)
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

describe('a socket whose messages wait for an answer', () => {
  test('is read no further than eight of them, and goes on where it was', async () => {
    const identify = identityProvider({ name: 'slow', verify: (token: string) => ({ userId: token.split('~')[0]! }) })
    let letGo = (): void => {}
    const held = new Promise<void>((resolve) => (letGo = resolve))
    let asked = 0
    const slow = await openTestServer({
      limits: { messagesPerSecond: 1000 },
      identity: async (token) => {
        if (token.includes('~') && ++asked > 0) await held
        return identify(token)
      },
    })
    const pause = vi.spyOn(UserSocket.prototype, 'pause')
    const client = await openClient(slow, { token: 'ada' })
    await client.next(({ type }) => type === 'connection_ready')
    client.send({ type: 'renew_token', token: 'ada~1', clientRequestId: 'first' })
    for (let ping = 0; ping < 6; ping++) client.send({ type: 'ping' })
    await expect.poll(() => asked).toBe(1)
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(pause).not.toHaveBeenCalled()
    for (let ping = 0; ping < 4; ping++) client.send({ type: 'ping' })
    await expect.poll(() => pause.mock.calls.length).toBe(1)
    letGo()
    const pongs = (): number => client.messages.filter(({ type }) => type === 'pong').length
    await expect.poll(pongs).toBe(10)
    // What was sent before may have been read in one piece: only what comes now shows that it is read again.
    client.send({ type: 'ping' })
    await expect.poll(pongs).toBe(11)
    pause.mockRestore()
    client.close()
    await slow.close()
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

  test('with an older token shortens nothing: the socket stays until the end that it had', async () => {
    const { server: renewing } = await open()
    const expiresAtMs = Date.now() + 60_000
    const expiresAt = new Date(expiresAtMs).toISOString()
    const client = await openClient(renewing, { token: toToken({ expiresAtMs }) })
    client.send({ type: 'renew_token', token: toToken({}, 700), clientRequestId: 'older' })
    expect(await client.next((message) => message['clientRequestId'] === 'older')).toMatchObject({
      type: 'token_renewed',
      expiresAt,
    })
    await new Promise((resolve) => setTimeout(resolve, 1200))
    expect(await renew(client, toToken({}, 90_000))).toBe('token_renewed')
    client.send({ type: 'start_run', threadId: 't', input: { text: 'go' } })
    await client.next(({ type }) => type === 'agent_message_delta')
    client.close()
    await renewing.close()
  })

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

  test.each<[string, VerifiedFacts['actors'], VerifiedFacts['actors']]>([
    ['with an actor where none acted', undefined, [{ name: 'agent-1', kind: 'agent' }]],
    ['without the one who acted', [{ name: 'agent-1', kind: 'agent' }], undefined],
    ['with another', [{ name: 'agent-1', kind: 'agent' }], [{ name: 'agent-2', kind: 'agent' }]],
    ['with another person', [{ name: 'ada', kind: 'person' }], [{ name: 'bob', kind: 'person' }]],
    ['with one of another kind', [{ name: 'a', kind: 'agent' }], [{ name: 'a', kind: 'service' }]],
    [
      'with one more',
      [{ name: 'agent-1', kind: 'agent' }],
      [
        { name: 'agent-2', kind: 'agent' },
        { name: 'agent-1', kind: 'agent' },
      ],
    ],
  ])('is refused %s, and taken with the same (RFC 8693 section 4.1)', async (_name, actors, others) => {
    const { server: renewing } = await open()
    const client = await openClient(renewing, { token: toToken({ actors }) })
    expect(await renew(client, toToken({ actors: others }))).toBe('ERR_CONTEXT_IDENTITY_REFUSED')
    expect(await renew(client, toToken({ actors }))).toBe('token_renewed')
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

  test('is refused in bounded time when its check hangs, and what comes late changes nothing', async () => {
    let answer: (() => void) | undefined
    const verify = identityProvider({
      name: 'theirs',
      verify: (token: string) => ({ userId: 'ada', expiresAtMs: Number(token) }),
    })
    const hanging = await openTestServer({
      limits: { upgradeTimeMs: 300 },
      identity: async (token) => {
        if (token.endsWith('9')) await new Promise<void>((resolve) => (answer = resolve))
        return verify(token)
      },
    })
    const endsAtMs = Math.ceil(Date.now() / 10) * 10 + 1_500
    const client = await openClient(hanging, { token: `${endsAtMs}` })
    expect(await renew(client, `${endsAtMs + 60_009}`)).toBe('ERR_CONTEXT_SCOPE_TIMEOUT')
    client.send({ type: 'ping' })
    await client.next(({ type }) => type === 'pong')
    answer!()
    // With the token that it had.
    expect(await client.closed).toMatchObject({ code: 4401 })
    await hanging.close()
  })
})
