/**
 * The golden path as handlers: an app mounts them in an HTTP server of its own, or lets this one listen.
 */
// TypeScript 6 and 7 include no types by themselves.
/// <reference types="node" preserve="true" />
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { setTimeout as pause } from 'node:timers/promises'
import { lockDirectory } from '../login/lock-directory.ts'
import { handleRequest, isOwnRequest } from './handle-request.ts'
import type { CloseOptions } from './lifecycle.ts'
import { openListener, type ListenOptions } from './listener.ts'
import { prepareServices } from './prepare-services.ts'
import type { OwnUsers } from './own-users.ts'
import { toRoutes } from './routes/all-routes.ts'
import { ClosingSteps } from '../phases/closing-steps.ts'
import { toCloseOptions } from '../phases/known-keys.ts'
import { parseServerOptions, type ServerSettings } from './parse-server-options.ts'
import type { GoldenPathServerOptions } from './server-options.ts'
import { openUpgrades } from './upgrade.ts'

/** The golden path, open. */
export type GoldenPathServer = {
  /**
   * Answers the requests of its routes, below the prefix. Any other goes to `next`, or is answered 404 when there is
   * none. Fits `createServer()` of `node:http` and `app.use()` of Express.
   */
  readonly handleRequest: (request: IncomingMessage, response: ServerResponse, next?: () => void) => void
  /** Whether handleRequest() would answer a request itself: for frameworks that must be told before, such as Koa. */
  readonly handles: (request: IncomingMessage) => boolean
  /**
   * Answers the WebSocket upgrades of a server: give it to `server.on('upgrade', …)`. An upgrade for another path than
   * `/ws` below the prefix goes to `next`; without one it is left to the other listeners of its server, and answered
   * 404 when there are none or none answers within `limits.foreignUpgradeTimeMs`. One to another protocol than
   * WebSocket, such as h2c, is answered as the request that it is, unless there is a `next` or another listener. From
   * Node 25 on one with a body is not, so give `createServer()` a `shouldUpgradeCallback` there.
   */
  readonly handleUpgrade: (request: IncomingMessage, socket: Duplex, head: Buffer, next?: () => void) => void
  /**
   * Listens on a port of its own, in place of an app's server. Resolves to the URL, such as `http://localhost:3000`.
   * Rejects with `ERR_CONTEXT_INVALID_OPTIONS` without a port, and with the error of Node when it is taken.
   */
  readonly listen: (options: ListenOptions) => Promise<string>
  /** The users that sign in here; undefined when `identity` checks the tokens of another issuer. */
  readonly users: OwnUsers | undefined
  /**
   * Whether new clients should come here: false from the moment when close() is called, and while `sessions` has not
   * heard of the revocations of other processes. `GET /readyz` says the same.
   */
  readonly isReady: boolean
  /**
   * Fails readiness, refuses new runs and sockets, lets runs finish, closes sockets and streams, and releases the data
   * directory. By default at once. The server of an app that mounts the handlers is left to the app. A part that cannot
   * be closed, such as a queue whose database is away, keeps no other open: close() rejects at the end with what it
   * threw, and tries it again when it is called again.
   */
  readonly close: (options?: CloseOptions) => Promise<void>
}

/**
 * Opens the golden path: sign-in or the tokens of your issuer, runs over WebSocket, server-sent events, AG-UI and the
 * AI SDK. Sockets and streams end when the token of their user expires or its session is signed out.
 *
 * @param options - `agent`, and `identity` or `dataDirectory`, or both.
 * @throws {ContextError} `ERR_CONTEXT_INVALID_OPTIONS` with all issues at once, `ERR_CONTEXT_STORE_IN_USE`,
 *   `ERR_CONTEXT_STORE_UNREADABLE`.
 * @example
 * ```ts
 * import { createServer } from 'node:http'
 * import type { Agent } from '@user-execution-context/golden-path'
 * import { jwtIdentity } from '@user-execution-context/golden-path/login'
 * import { hardenHttpServer, openGoldenPathServer } from '@user-execution-context/golden-path/server'
 *
 * const agent: Agent = async function* (_scope, { text }) {
 *   yield { type: 'agent_message_delta', text: `You said: ${text}` }
 * }
 * const goldenPath = await openGoldenPathServer({
 *   agent,
 *   identity: jwtIdentity({
 *     issuer: 'https://id.example.com',
 *     audience: 'chat',
 *     algorithms: ['RS256'],
 *     jwksUrl: 'https://id.example.com/.well-known/jwks.json',
 *   }),
 *   origins: ['https://chat.example.com'],
 *   prefix: '/api',
 * })
 * const server = hardenHttpServer(createServer(goldenPath.handleRequest)).on('upgrade', goldenPath.handleUpgrade)
 * server.listen(3000)
 * ```
 */
export const openGoldenPathServer = async (options: GoldenPathServerOptions): Promise<GoldenPathServer> => {
  const settings = parseServerOptions(options)
  const unlock = settings.dataDirectory === undefined ? async () => {} : await lockDirectory(settings.dataDirectory)
  try {
    return await openLocked(settings, unlock)
  } catch (error) {
    await unlock()
    throw error
  }
}

async function openLocked(settings: ServerSettings, unlock: () => Promise<void>): Promise<GoldenPathServer> {
  const { prefix } = settings
  const { services, login, users, addOrigins } = await prepareServices(settings)
  const { lifecycle, tell } = services
  const routes = toRoutes(login, prefix)
  const upgrades = openUpgrades(services)
  const handles = (request: IncomingMessage): boolean => isOwnRequest(prefix, routes, request)
  const handle: GoldenPathServer['handleRequest'] = (request, response, next) => {
    if (next !== undefined && !handles(request)) next()
    else void handleRequest(services, routes, request, response)
  }
  const listener = openListener(
    handle,
    upgrades.handle,
    settings.trustedProxies === 0 ? services.limits.waitingConnectionsPerAddress : undefined,
  )
  const closing = new ClosingSteps()
  const close = async ({ noticeMs = 0, ...drain }: CloseOptions): Promise<void> => {
    // What failed is tried again without the notice: load balancers have had it.
    const isFirst = lifecycle.isReady
    lifecycle.isReady = false
    if (isFirst) {
      tell({ type: 'server-draining', noticeMs, finishMs: drain.finishMs ?? 0, spreadMs: drain.spreadMs ?? 0 })
      if (noticeMs > 0) await pause(noticeMs)
    }
    lifecycle.isClosing = true
    // With a notice, connections that a load balancer holds open are still answered while runs finish.
    listener.stop()
    await closing.run({
      goldenPath: () => services.goldenPath.close(drain),
      upgrades: () => upgrades.close(),
      listener: () => listener.close(),
      lock: unlock,
    })
    tell({ type: 'server-closed' })
  }
  tell({ type: 'server-started' })
  let closed: Promise<void> | undefined
  return Object.freeze({
    handleRequest: handle,
    handles,
    handleUpgrade: upgrades.handle,
    listen: async (at: ListenOptions) => {
      const port = await listener.listen(at)
      tell({ type: 'server-listening', port })
      if (settings.origins === undefined) addOrigins(['localhost', '127.0.0.1'].map((name) => `http://${name}:${port}`))
      return `http://localhost:${port}`
    },
    users,
    get isReady() {
      return lifecycle.isReady && services.sessions?.isLivenessKnown !== false
    },
    close: async (options: CloseOptions = {}) => {
      const given = toCloseOptions(options, ['noticeMs', 'finishMs', 'spreadMs'])
      closed ??= close(given).catch((error: unknown) => {
        // What failed is tried again by the next call.
        closed = undefined
        throw error
      })
      await closed
    },
  })
}
