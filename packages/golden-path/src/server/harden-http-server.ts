/**
 * What protects a server and cannot be done by a handler: time for headers, and answers to what is no request.
 */
import type { Server, ServerResponse } from 'node:http'
import type { Server as SecureServer } from 'node:https'
import { assertNumbers, invalidOptions } from '../phases/invalid-options.ts'
import { assertKnownKeys } from '../phases/known-keys.ts'
import { commonHeaders } from './answer.ts'
import { endUnreadable } from './raw-answer.ts'
import { limitWaitingConnections } from './waiting-connections.ts'

/** Bounds of a server, each 1 or more. */
export type ServerBounds = {
  /** How long the headers of a request may take, milliseconds. Default 10,000. A shorter time of the server stays. */
  readonly headersTimeMs?: number | undefined
  /** How long a whole request may take to arrive, milliseconds. Default: what the server has, 5 minutes in Node. */
  readonly requestTimeMs?: number | undefined
  /** How often Node looks for requests that take too long, milliseconds. Default 5,000. Counts from listen() on. */
  readonly checkEveryMs?: number | undefined
  /**
   * Connections of one address that may wait for their client at once, without a request or with half of one; more are
   * ended. Behind a reverse proxy all connections have its address, so leave it out there. Default: no bound.
   */
  readonly waitingConnectionsPerAddress?: number | undefined
}

/**
 * Bounds the time that headers may take, and answers bytes that are no HTTP with headers that keep them out of caches.
 * Listeners for `clientError` and `checkExpectation` that the server has already are left as they are.
 *
 * @param server - Of `node:http` or `node:https`. Call this before it listens: Node reads the interval of its checks
 *   then.
 * @returns The same server.
 * @throws {ContextError} `ERR_CONTEXT_INVALID_OPTIONS`.
 * @example
 * ```ts
 * import { createServer } from 'node:http'
 * import { hardenHttpServer } from '@user-execution-context/golden-path/server'
 *
 * export const server = hardenHttpServer(createServer((_request, response) => void response.end('Hello')))
 * server.listen(3000)
 * ```
 */
export const hardenHttpServer = <HttpServer extends Server | SecureServer>(
  server: HttpServer,
  bounds: ServerBounds = {},
): HttpServer => {
  if (typeof server?.on !== 'function')
    throw invalidOptions([{ path: 'server', kind: server === undefined ? 'missing' : 'does not fit' }], rules)
  assertKnownKeys(bounds, ['headersTimeMs', 'requestTimeMs', 'checkEveryMs', 'waitingConnectionsPerAddress'])
  // 0 is no bound to Node, and NaN throws where it listens, or never ends anything.
  assertNumbers(bounds, { headersTimeMs: 1, requestTimeMs: 1, checkEveryMs: 1, waitingConnectionsPerAddress: 1 })
  const { headersTimeMs = 10_000, requestTimeMs, checkEveryMs = 5000, waitingConnectionsPerAddress } = bounds
  if (server.headersTimeout === 0 || server.headersTimeout > headersTimeMs) server.headersTimeout = headersTimeMs
  if (requestTimeMs !== undefined) server.requestTimeout = requestTimeMs
  // An option of createServer() that Node reads again from the server when it begins to listen.
  Object.assign(server, { connectionsCheckingInterval: checkEveryMs })
  // The bytes of headers are bounded. A bound of lines drops the last ones, and with them what a proxy says of the
  // client.
  server.maxHeadersCount ??= 0
  if (waitingConnectionsPerAddress !== undefined) limitWaitingConnections(server, waitingConnectionsPerAddress)
  if (server.listenerCount('clientError') === 0) server.on('clientError', endUnreadable)
  if (server.listenerCount('checkExpectation') === 0) server.on('checkExpectation', refuseExpectation)
  return server
}

const rules = { server: 'What createServer() of node:http or node:https gave.' }

function refuseExpectation(_request: unknown, response: ServerResponse): void {
  response.writeHead(417, { ...commonHeaders }).end()
}
