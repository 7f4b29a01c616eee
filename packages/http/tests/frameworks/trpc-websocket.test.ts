// tRPC over WebSockets, with tRPC's own adapter and sockets of ws: one connection, one user.
import { createServer } from 'node:http'
import { once } from 'node:events'
import { formatContextErrors, userContext, type TrpcRequestContext } from '@user-execution-context/http/trpc'
import { initTRPC } from '@trpc/server'
import { applyWSSHandler, type CreateWSSContextFnOptions } from '@trpc/server/adapters/ws'
import { identityProvider, liveSessions } from 'user-execution-context'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { closeAfterEach } from './two-users.ts'

type Message = {
  readonly id: number
  readonly result?: { readonly type: string; readonly data?: unknown }
  readonly error?: { readonly message: string; readonly data: { readonly contextCode?: string } }
}

const lifetimes = new Map([
  ['ada', 3_600_000],
  ['bob', 3_600_000],
])
/** Users whose verification waits. */
const slow = new Map<string, Promise<void>>()
const sessions = liveSessions({ maxProofMs: 3_600_000 })
const identity = identityProvider({
  name: 'tokens',
  sessions,
  verify: async (token: string) => {
    await slow.get(token)
    const lifetimeMs = lifetimes.get(token)
    if (lifetimeMs === undefined) return undefined
    return { userId: token, sessionId: `s-${token}`, expiresAtMs: Date.now() + lifetimeMs }
  },
})

const t = initTRPC.context<TrpcRequestContext>().create({ errorFormatter: formatContextErrors })
const procedure = t.procedure.use(userContext(identity))
const listening = new Map<string, Set<(text: string) => void>>()
const router = t.router({
  who: procedure.query(({ ctx }) => ctx.userContext.userId),
  say: procedure.input(String).mutation(({ ctx, input }) => {
    for (const hear of listening.get(ctx.userContext.userId) ?? []) hear(input)
  }),
  hear: procedure.subscription(async function* ({ ctx }) {
    const own = listening.get(ctx.userContext.userId) ?? new Set()
    listening.set(ctx.userContext.userId, own)
    for (;;) {
      yield await new Promise<string>((resolve) => {
        own.add(resolve)
        ctx.userScope.defer(() => own.delete(resolve))
      })
    }
  }),
})

const portOf = closeAfterEach()
const clients: WebSocket[] = []
/** The server's side of the connections. */
const sockets: CreateWSSContextFnOptions['res'][] = []
afterEach(() => {
  for (const client of clients.splice(0)) client.terminate()
})

/** A token in the header of the upgrade, or in the first message, where a browser has to put it. */
const createContext = ({ req, res, info }: CreateWSSContextFnOptions) => {
  sockets.push(res)
  const { token } = info.connectionParams ?? {}
  return { req: token === undefined ? req : { headers: { authorization: `Bearer ${token}` } }, res }
}
const listen = (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1')
  applyWSSHandler({ wss: new WebSocketServer({ server }), router, createContext })
  return portOf(server)
}
const connect = async (port: number, token: string | undefined, inFirstMessage = false) => {
  const path = inFirstMessage ? '/?connectionParams=1' : '/'
  const headers = token !== undefined && !inFirstMessage ? { authorization: `Bearer ${token}` } : {}
  const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, { headers })
  clients.push(socket)
  const messages: Message[] = []
  socket.on('message', (data) => messages.push(JSON.parse(String(data)) as Message))
  const closed = once(socket, 'close').then(([code, reason]) => ({ code: code as number, reason: String(reason) }))
  await once(socket, 'open')
  if (inFirstMessage) socket.send(JSON.stringify({ method: 'connectionParams', data: { token } }))
  let id = 0
  const send = (method: string, path: string, input?: string): number => {
    socket.send(JSON.stringify({ id: ++id, method, params: { path, input } }))
    return id
  }
  const call = async (method: string, path: string, input?: string): Promise<Message> => {
    const asked = send(method, path, input)
    return vi.waitUntil(() => messages.find((message) => message.id === asked), { timeout: 60_000 })
  }
  const heard = (): readonly unknown[] =>
    messages
      .filter(({ result }) => result?.type === 'data' && result.data !== undefined)
      .map(({ result }) => result!.data)
  return { socket, messages, closed, send, call, heard }
}
const waitFor = (isThere: () => boolean): Promise<boolean> => vi.waitUntil(isThere, { timeout: 60_000 })
const listeners = (user: string): number => listening.get(user)?.size ?? 0

describe('userContext() in tRPC over WebSockets', () => {
  test.each([
    ['in the header of the upgrade', false],
    ['in the first message', true],
  ])('keeps two users apart, with the token %s', async (_where, inFirstMessage) => {
    const port = await listen()
    const [ada, bob] = [await connect(port, 'ada', inFirstMessage), await connect(port, 'bob', inFirstMessage)]
    expect((await ada.call('query', 'who')).result).toMatchObject({ data: 'ada' })
    expect((await bob.call('query', 'who')).result).toMatchObject({ data: 'bob' })
    for (const client of [ada, bob]) client.send('subscription', 'hear')
    await waitFor(() => listeners('ada') > 0 && listeners('bob') > 0)
    await ada.call('mutation', 'say', 'secret of ada')
    await bob.call('mutation', 'say', 'secret of bob')
    await waitFor(() => [ada, bob].every(({ heard }) => heard().some((said) => String(said).startsWith('secret'))))
    expect(ada.heard().filter((said) => said === 'secret of bob')).toEqual([])
    expect(bob.heard().filter((said) => said === 'secret of ada')).toEqual([])
    for (const { socket } of [ada, bob]) socket.terminate()
    await waitFor(() => listeners('ada') + listeners('bob') === 0)
  })

  test.each([undefined, 'mallory'])('refuses each call of a connection with the token %s', async (token) => {
    const stranger = await connect(await listen(), token)
    for (const [method, path] of [['query', 'who'] as const, ['subscription', 'hear'] as const]) {
      const { error } = await stranger.call(method, path)
      expect(error).toMatchObject({
        message: 'Please sign in.',
        data: { contextCode: 'ERR_CONTEXT_IDENTITY_REFUSED' },
      })
    }
    expect(listening.get('mallory')).toBeUndefined()
  })

  test('closes the connections of a user who is signed out with 4401, and no others', async () => {
    const port = await listen()
    const [idle, ada, bob] = [await connect(port, 'ada'), await connect(port, 'ada'), await connect(port, 'bob')]
    await idle.call('query', 'who')
    for (const client of [ada, bob]) client.send('subscription', 'hear')
    await waitFor(() => listeners('ada') > 0 && listeners('bob') > 0)
    await sessions.revoke({ user: { namespace: 'tokens', userId: 'ada' } })
    const end = { code: 4401, reason: 'Please sign in.' }
    expect([await idle.closed, await ada.closed]).toEqual([end, end])
    await waitFor(() => listeners('ada') === 0)
    expect((await bob.call('query', 'who')).result).toMatchObject({ data: 'bob' })
    expect(listeners('bob')).toBe(1)
  })

  test('closes a connection whose token expires', async () => {
    lifetimes.set('dora', 2_000)
    const dora = await connect(await listen(), 'dora')
    dora.send('subscription', 'hear')
    expect((await dora.closed).code).toBe(4401)
    await waitFor(() => listeners('dora') === 0)
  })

  test('watches a connection once, and no longer than it is open', async () => {
    lifetimes.set('erin', 3_600_000)
    const client = await connect(await listen(), 'erin')
    await client.call('query', 'who')
    const socket = sockets.at(-1)!
    const before = socket.listenerCount('close')
    await Promise.all(Array.from({ length: 20 }, () => client.call('query', 'who')))
    expect(socket.listenerCount('close')).toBe(before)
    const close = vi.spyOn(socket, 'close')
    const closed = once(socket, 'close')
    client.socket.terminate()
    await closed
    await sessions.revoke({ user: { namespace: 'tokens', userId: 'erin' } })
    expect(close).not.toHaveBeenCalled()
  })

  test('does not watch for a client that left while its user was verified', async () => {
    lifetimes.set('fay', 3_600_000)
    let resolve = (): void => undefined
    slow.set('fay', new Promise((done) => (resolve = done)))
    const client = await connect(await listen(), 'fay')
    client.send('query', 'who')
    const socket = sockets.at(-1)!
    const closed = once(socket, 'close')
    client.socket.terminate()
    await closed
    const before = socket.listenerCount('close')
    resolve()
    await new Promise((later) => setImmediate(later))
    expect(socket.listenerCount('close')).toBe(before)
  })
})
