/**
 * Apps that mount the golden path in a server of their own, each the way its framework does. For tests only.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import express from 'express'
import Koa from 'koa'
import { identityProvider, liveSessions, type LiveSessions, type VerifiedUser } from 'user-execution-context'
import { hardenHttpServer } from '../../src/server/harden-http-server.ts'
import { openGoldenPathServer, type GoldenPathServer } from '../../src/server/open-golden-path-server.ts'
import type { GoldenPathServerOptions } from '../../src/server/server-options.ts'
import { notingAgent } from './noting-agent.ts'

type Handle = GoldenPathServer

/** From the golden path to the handler of an app that answers `the app: METHOD PATH` to every other request. */
export const apps: Readonly<
  Record<string, (goldenPath: Handle) => (request: IncomingMessage, response: ServerResponse) => void>
> = {
  'node:http': (goldenPath) => (request, response) =>
    goldenPath.handleRequest(request, response, () => response.end(toAppText(request.method, request.url))),
  'Express at the root, behind express.json()': (goldenPath) =>
    express()
      .use(express.json())
      .use(goldenPath.handleRequest)
      .use((request, response) => void response.end(toAppText(request.method, request.url))),
  'Express at the path of the prefix': (goldenPath) =>
    express()
      .use('/api', goldenPath.handleRequest)
      .use((request, response) => void response.end(toAppText(request.method, request.originalUrl))),
  'Koa': (goldenPath) => {
    const app = new Koa()
    app.use(async (exchange: Exchange, next: () => Promise<void>) => {
      if (!goldenPath.handles(exchange.req)) return next()
      exchange.respond = false
      goldenPath.handleRequest(exchange.req, exchange.res)
    })
    app.use((exchange: Exchange) => {
      exchange.status = 200
      exchange.body = toAppText(exchange.req.method, exchange.req.url)
    })
    return app.callback()
  },
}

type Exchange = {
  readonly req: IncomingMessage
  readonly res: ServerResponse
  respond: boolean
  status: number
  body: string
}

const toAppText = (method: string | undefined, url: string | undefined): string => `the app: ${method} ${url}`

/**
 * Checks tokens of the form `user`, `user/session` or `user/session/end`, the end in milliseconds since the epoch: an
 * issuer of its own, as far as the golden path can tell.
 */
export const openTestIdentity = (sessions?: LiveSessions): ((token: string) => Promise<VerifiedUser>) =>
  identityProvider({
    name: 'test-issuer',
    sessions,
    verify: (token: string) => {
      const [userId = '', sessionId, end] = token.split('~')
      if (!['alice', 'bob'].includes(userId)) return undefined
      return { userId, sessionId, expiresAtMs: end === undefined ? undefined : Number(end) }
    },
  })
export const testIdentity = openTestIdentity()

export type MountedApp = {
  readonly goldenPath: GoldenPathServer
  readonly server: Server
  readonly port: number
  readonly request: (method: string, path: string, options?: RequestInit & { token?: string }) => Promise<Response>
  readonly close: () => Promise<void>
}

/** Opens an app on a free port, with the golden path below `/api`. */
export const openMountedApp = async (
  app: string,
  options: Partial<GoldenPathServerOptions> = {},
): Promise<MountedApp> => {
  const sessions = liveSessions({ maxProofMs: 86_400_000 })
  const goldenPath = await openGoldenPathServer({
    agent: notingAgent(),
    // A registry in which the users of another identity are not filed would sign nobody out.
    ...(options.identity === undefined && { identity: openTestIdentity(sessions), sessions }),
    prefix: '/api',
    log: () => {},
    ...options,
  })
  const server = hardenHttpServer(createServer(apps[app]!(goldenPath))).on('upgrade', goldenPath.handleUpgrade)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    goldenPath,
    server,
    port,
    request: (method, path, { token, headers, ...rest } = {}) =>
      fetch(`http://127.0.0.1:${port}${path}`, {
        method,
        headers: { ...(token !== undefined && { authorization: `Bearer ${token}` }), ...(headers as object) },
        ...rest,
      }),
    close: async () => {
      await goldenPath.close()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** The head of an upgrade, as raw bytes: for peers that no WebSocket client would be. */
export const toHandshake = (target: string, headers: readonly string[] = []): string =>
  [
    `GET ${target} HTTP/1.1`,
    'host: localhost',
    'connection: Upgrade',
    'upgrade: websocket',
    'sec-websocket-version: 13',
    `sec-websocket-key: ${Buffer.alloc(16).toString('base64')}`,
    ...headers,
    '',
    '',
  ].join('\r\n')
