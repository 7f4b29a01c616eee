/**
 * An HTTP server of our own around the handlers.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { ContextError, findUnknownKeys } from 'user-execution-context'
import { hardenHttpServer } from './harden-http-server.ts'
import { isReadByNode, isWebSocketUpgrade } from './other-upgrade.ts'

/** Where to listen, and what answers the requests that are not for the golden path. */
export type ListenOptions = {
  /** 0 takes a free port. */
  readonly port: number
  /** The interface to listen on. Default `'127.0.0.1'`: this machine only. */
  readonly host?: string | undefined
  /** Answers a request that no route of the golden path takes, such as one for a page. Default: 404. */
  readonly fallback?: ((request: IncomingMessage, response: ServerResponse) => void) | undefined
}

/** An HTTP server that may listen once. */
export type Listener = {
  /**
   * Resolves to the port. Rejects with `ERR_CONTEXT_INVALID_OPTIONS`, and with the error of Node when the port is taken
   * (`EADDRINUSE`).
   */
  readonly listen: (options: ListenOptions) => Promise<number>
  /** Takes no new connection. */
  readonly stop: () => void
  /** Ends what is left and resolves when all is closed. */
  readonly close: () => Promise<void>
}

const serverOptions = {
  maxHeaderSize: 16_384,
  keepAliveTimeout: 5000,
  // A missing host is refused in handleRequest(): the answer of Node has no headers.
  requireHostHeader: false,
  // Node 24.9 and later ask: what Node reads itself is a request. handleUpgrade() makes one of all else, with what
  // comes behind it, which Node would drop.
  shouldUpgradeCallback: (request: IncomingMessage) => isWebSocketUpgrade(request) || !isReadByNode(request),
}

/** Makes the server; nothing is opened before listen(). */
export const openListener = (
  handleRequest: (request: IncomingMessage, response: ServerResponse, next?: () => void) => void,
  handleUpgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void,
  waitingConnectionsPerAddress: number | undefined,
): Listener => {
  let fallback: ListenOptions['fallback']
  const server = hardenHttpServer(
    createServer(serverOptions, (request, response) =>
      // "OPTIONS *" asks about the server, not about a page of the fallback.
      handleRequest(
        request,
        response,
        request.url === '*' ? undefined : fallback && (() => fallback?.(request, response)),
      ),
    ),
    { requestTimeMs: 20_000, waitingConnectionsPerAddress },
  )
  server.on('upgrade', handleUpgrade)
  let closed: Promise<unknown> = Promise.resolve()
  return Object.freeze({
    listen: async (options: ListenOptions) => {
      assertListenOptions(options)
      const { port, host = '127.0.0.1', fallback: given } = options
      fallback = given
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject)
        server.listen(port, host, () => {
          server.off('error', reject)
          resolve()
        })
      })
      return (server.address() as AddressInfo).port
    },
    stop: () => {
      if (server.listening) closed = new Promise((resolve) => server.close(resolve))
    },
    close: async () => {
      server.closeAllConnections()
      await closed
    },
  })
}

// Without a port Node takes any free one: a server that nobody finds, and no error.
function assertListenOptions(options: ListenOptions): void {
  const issues = findUnknownKeys(options, ['port', 'host', 'fallback'])
  const { port, host, fallback } = (options ?? {}) as Partial<ListenOptions>
  if (!Number.isInteger(port)) issues.push({ path: 'port', kind: port === undefined ? 'missing' : 'not a number' })
  else if (port! < 0 || port! > 65_535) issues.push({ path: 'port', kind: port! < 0 ? 'too small' : 'too large' })
  if (host !== undefined && typeof host !== 'string') issues.push({ path: 'host', kind: 'not a string' })
  if (fallback !== undefined && typeof fallback !== 'function')
    issues.push({ path: 'fallback', kind: 'not a function' })
  if (issues.length === 0) return
  throw new ContextError('ERR_CONTEXT_INVALID_OPTIONS', {
    issues,
    fix: 'Pass an object with a port, 0 to 65535, 0 for any free one: server.listen({ port: 3000 }).',
  })
}
