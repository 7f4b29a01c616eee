/**
 * A real server on a free port over a directory of its own, and real clients of it. For tests only.
 */
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { request as openRequest, type IncomingMessage } from 'node:http'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import WebSocket, { type ClientOptions } from 'ws'
import type { RunEvent } from '../../src/phases/wire/wire-envelope.ts'
import { passwordHasher } from '../../src/login/password-hasher.ts'
import { fileUserStore } from '../../src/login/user-store.ts'
import { openGoldenPathServer } from '../../src/server/open-golden-path-server.ts'
import { notingAgent } from './noting-agent.ts'
import type { LogRecord } from '../../src/server/log-record.ts'
import type { GoldenPathServerOptions } from '../../src/server/server-options.ts'

const users = [
  { userName: 'alice', password: 'password-of-alice' },
  { userName: 'bob', password: 'password-of-bob' },
] as const

export type TestServer = {
  readonly url: string
  /** Name and password of the two users. */
  readonly users: typeof users
  readonly dataDirectory: string
  readonly port: number
  readonly log: LogRecord[]
  readonly request: (method: string, path: string, options?: RequestOptions) => Promise<Answer>
  /** The access token of the first or the second user. */
  readonly signIn: (index: 0 | 1) => Promise<string>
  readonly close: () => Promise<void>
}

export type RequestOptions = {
  readonly token?: string
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}
export type Answer = { readonly status: number; readonly headers: Headers; readonly body: any; readonly text: string }

/** What a test may set of a server, and how it is opened. */
export type TestServerOptions = Partial<GoldenPathServerOptions>
type Opened = { readonly url: string; readonly close: () => Promise<void> }
type Open = (options: GoldenPathServerOptions & { readonly dataDirectory: string }) => Promise<Opened>

/** Opens a server. Close it with close(), which removes its directory. */
export const openTestServer = async (options: TestServerOptions = {}, open: Open = openBare): Promise<TestServer> => {
  const dataDirectory = options.dataDirectory ?? (await mkdtemp(join(tmpdir(), 'server-')))
  const log: LogRecord[] = []
  // Users as any store may hold them, with cheap password records: tests are not about the cost of scrypt.
  const hasher = passwordHasher({ cost: 1024 })
  const store = await fileUserStore(dataDirectory)
  if ((await store.count()) === 0) {
    for (const { userName, password } of users)
      await store.add({ userId: `id-of-${userName}`, userName, password: await hasher.toRecord(password) })
  }
  const server = await open({ agent: notingAgent(), log: (record) => log.push(record), ...options, dataDirectory })
  const port = Number(new URL(server.url).port)
  const request: TestServer['request'] = async (method, path, { token, body, headers } = {}) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      headers: {
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    const text = await response.text()
    const isJson = response.headers.get('content-type')?.includes('json') ?? false
    return {
      status: response.status,
      headers: response.headers,
      text,
      body: isJson && text !== '' ? JSON.parse(text) : undefined,
    }
  }
  return {
    ...server,
    users,
    dataDirectory,
    port,
    log,
    request,
    signIn: async (index) => {
      const { body } = await request('POST', '/login', { body: users[index] })
      return body.accessToken as string
    },
    close: async () => {
      await server.close()
      if (options.dataDirectory === undefined) await rm(dataDirectory, { recursive: true, force: true })
    },
  }
}

const openBare: Open = async (options) => {
  const server = await openGoldenPathServer(options)
  return { url: await server.listen({ port: 0 }), close: server.close }
}

/**
 * Sends the head of a POST, lets the server look at it, signs its session out, and sends the body. Gives the status.
 */
export const postAcrossSignOut = async (
  server: TestServer,
  path: string,
  token: string,
  body: object,
): Promise<number | undefined> => {
  const request = openRequest({
    port: server.port,
    host: '127.0.0.1',
    path,
    method: 'POST',
    headers: { 'authorization': `Bearer ${token}`, 'content-type': 'application/json' },
  })
  request.flushHeaders()
  await pause(100)
  await server.request('POST', '/logout', { token })
  request.end(JSON.stringify(body))
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  response.resume()
  await once(response, 'close')
  return response.statusCode
}

export type Message = { readonly type: string; readonly [key: string]: any }

export type Client = {
  readonly socket: WebSocket
  readonly messages: Message[]
  /** Every byte that came over the wire, the head of the upgrade included. */
  readonly bytes: () => Buffer
  readonly send: (message: unknown) => void
  /** The first message, so far or to come, that fits. */
  readonly next: (fits: (message: Message) => boolean) => Promise<Message>
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>
  readonly close: () => void
}

/** Opens a WebSocket. Rejects with the HTTP status of a refused upgrade. */
export const openClient = (
  server: Pick<TestServer, 'port'>,
  {
    token,
    protocols = [],
    path = '/ws',
    ...options
  }: ClientOptions & { token?: string; protocols?: string[]; path?: string } = {},
): Promise<Client> => {
  const chunks: Buffer[] = []
  const messages: Message[] = []
  const waiting = new Set<() => void>()
  const socket = new WebSocket(`ws://127.0.0.1:${server.port}${path}`, protocols, {
    ...options,
    headers: { ...(token !== undefined && { authorization: `Bearer ${token}` }), ...options.headers },
    createConnection: ((parameters: { port: number; host: string }): Socket =>
      connect(parameters.port, parameters.host).on('data', (chunk) => chunks.push(chunk))) as never,
  })
  const closed = new Promise<{ code: number; reason: string }>((resolve) =>
    socket.on('close', (code, reason) => resolve({ code, reason: reason.toString() })),
  )
  socket.on('message', (data) => {
    messages.push(JSON.parse(String(data)) as Message)
    for (const look of [...waiting]) look()
  })
  const next: Client['next'] = (fits) =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const found = messages.find(fits)
        if (found === undefined) return
        waiting.delete(look)
        resolve(found)
      }
      waiting.add(look)
      look()
      void closed.then(({ code }) => waiting.delete(look) && reject(new Error(`closed with ${code}`)))
    })
  return new Promise((resolve, reject) => {
    socket.on('error', reject)
    socket.on('unexpected-response', (_request, response) => {
      response.resume()
      reject(Object.assign(new Error('refused'), { status: response.statusCode }))
    })
    socket.on('open', () =>
      resolve({
        socket,
        messages,
        next,
        closed,
        bytes: () => Buffer.concat(chunks),
        send: (message) => socket.send(typeof message === 'string' ? message : JSON.stringify(message)),
        close: () => socket.close(),
      }),
    )
  })
}

/** Whether a message is an event of a run. */
export const isRunEvent = (message: Message): message is RunEvent & Message => 'sequence' in message
/** Whether a message ends a run. */
export const isEnd = ({ type }: Message): boolean =>
  ['agent_completed', 'agent_failed', 'agent_cancelled'].includes(type)
