/**
 * An HTTP server of our own around the handlers.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { hardenHttpServer } from './harden-http-server.ts'

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
  /** Resolves to the port. Rejects with the error of Node when the port is taken (`EADDRINUSE`). */
  readonly listen: (options: ListenOptions) => Promise<number>
  /** Takes no new connection. */
  readonly stop: () => void
  /** Ends what is left and resolves when all is closed. */
  readonly close: () => Promise<void>
}

/** Makes the server; nothing is opened before listen(). */
export const openListener = (
  handleRequest: (request: IncomingMessage, response: ServerResponse, next?: () => void) => void,
  handleUpgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void,
  waitingConnectionsPerAddress: number | undefined,
): Listener => {
  let fallback: ListenOptions['fallback']
  const server = hardenHttpServer(
    // A missing host is refused in handleRequest(): the answer of Node has no headers.
    createServer({ maxHeaderSize: 16_384, keepAliveTimeout: 5000, requireHostHeader: false }, (request, response) =>
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
    listen: async ({ port, host = '127.0.0.1', fallback: given }: ListenOptions) => {
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
