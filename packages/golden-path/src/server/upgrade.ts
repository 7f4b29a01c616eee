/**
 * Floor 8. WebSocket upgrades: who asks is known before the socket exists. A refused upgrade is answered in HTTP.
 */
import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { setTimeout as pause } from 'node:timers/promises'
import { WebSocketServer } from 'ws'
import { ContextError, toClientAnswer, type VerifiedUser } from 'user-execution-context'
import type { AddressPlaces } from './address-limits.ts'
import { findBearerToken } from './bearer.ts'
import { LiveSocket } from './live-socket.ts'
import { endWithError } from './raw-answer.ts'
import { findBelow, parseRequestUrl } from './route.ts'
import { toErrorRecord } from './server-options.ts'
import { assertOrigin, type Services } from './services.ts'
import { startHeartbeat, UserSocket } from './user-socket.ts'

/** The subprotocol that the server speaks and echoes. A `bearer.<jwt>` beside it carries the token and is not echoed. */
export const subprotocol = 'uec.v1'
const tokenPrefix = 'bearer.'
/** How long peers may take to answer the close of a server that stops. */
const closeGraceMs = 1000

/** Handles upgrades until it is closed. */
export type Upgrades = {
  readonly handle: (request: IncomingMessage, socket: Duplex, head: Buffer) => void
  /** Waits a moment for the close handshakes under way, then ends what is left. */
  readonly close: () => Promise<void>
}

/** Opens the WebSocket side of a server. */
export const openUpgrades = (services: Services): Upgrades => {
  const { limits, log, addresses, toAddress } = services
  const webSockets = new WebSocketServer({
    noServer: true,
    WebSocket: UserSocket,
    // Compression costs ten times the CPU of a message, and mixes secrets with what an attacker can add (CRIME).
    perMessageDeflate: false,
    maxPayload: limits.messageBytes,
    maxFragments: limits.messageFragments,
    maxBufferedChunks: 1024,
    handleProtocols: (offered) => (offered.has(subprotocol) ? subprotocol : false),
  })
  webSockets.on('wsClientError', (_error, socket) =>
    endWithError(socket, new ContextError('ERR_CONTEXT_INVALID_MESSAGE')),
  )
  const stopHeartbeat = startHeartbeat(webSockets.clients, limits.heartbeatMs)
  let pending = 0

  const handle = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    // Before anything else: an error of a socket that nobody listens to ends the process.
    socket.on('error', destroy)
    let isPending = true
    let places: AddressPlaces | undefined
    const settle = (): void => {
      isPending = false
      pending--
      clearTimeout(timer)
      // What stays on an open socket keeps the request alive, its headers and token included.
      socket.off('close', leave)
    }
    const leave = (): void => {
      settle()
      if (places !== undefined) addresses.giveBack(places)
    }
    const refuse = (error: unknown): void => {
      if (!isPending) return
      leave()
      log(toErrorRecord('upgrade-refused', error))
      endWithError(socket, error)
    }
    const accept = (user: VerifiedUser): void => {
      if (!isPending) return
      // Of a malformed handshake ws tells nobody here: the place is held until the socket is taken over.
      webSockets.handleUpgrade(request, socket, head, (webSocket) => {
        settle()
        takeOver(services, user, webSocket, request.socket, places!)
      })
    }
    pending++
    // Node does not time out an upgrade: without this, who never finishes holds a place for ever.
    const timer = setTimeout(() => refuse(new ContextError('ERR_CONTEXT_SCOPE_TIMEOUT')), limits.upgradeTimeMs)
    socket.on('close', leave)
    try {
      if (pending > limits.pendingUpgrades) {
        throw new ContextError('ERR_CONTEXT_TOO_MANY_CONNECTIONS', {
          issues: [{ path: 'limits.pendingUpgrades', kind: 'too large' }],
        })
      }
      if (findBelow(services.prefix, parseRequestUrl(request).pathname) !== '/ws')
        throw new ContextError('ERR_CONTEXT_ROUTE_UNKNOWN')
      assertOrigin(services, request)
      places = addresses.take(toAddress(request))
    } catch (error) {
      refuse(error)
      return
    }
    authenticate(services, request).then(accept).catch(refuse)
  }

  return Object.freeze({
    handle,
    close: async () => {
      stopHeartbeat()
      const endsAtMs = performance.now() + closeGraceMs
      while (webSockets.clients.size > 0 && performance.now() < endsAtMs) await pause(10)
      for (const client of webSockets.clients) client.terminate()
      webSockets.close()
    },
  })
}

// Out of the closure above, which holds the request.
function takeOver(
  services: Services,
  user: VerifiedUser,
  socket: UserSocket,
  rawSocket: Socket,
  places: AddressPlaces,
): void {
  rawSocket.off('error', destroy)
  try {
    socket.live = new LiveSocket(services, user, socket, rawSocket, places)
  } catch (error) {
    services.addresses.giveBack(places)
    services.log(toErrorRecord('socket-refused', error))
    const { closeCode, message } = toClientAnswer(error)
    socket.close(closeCode, message)
    setTimeout(() => socket.terminate(), closeGraceMs).unref()
  }
}

function destroy(this: Duplex): void {
  this.destroy()
}

/** The user of an upgrade, by header, subprotocol or ticket, in this order. A token in the query is never looked at. */
async function authenticate({ identity, tickets }: Services, request: IncomingMessage): Promise<VerifiedUser> {
  const token = findBearerToken(request) ?? findProtocolToken(request)
  if (token !== undefined) return identity(token)
  const ticket = parseRequestUrl(request).searchParams.get('ticket')
  if (ticket === null) throw new ContextError('ERR_CONTEXT_IDENTITY_REFUSED')
  return identity(await tickets.redeem(ticket))
}

function findProtocolToken(request: IncomingMessage): string | undefined {
  const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim())
  if (!offered.includes(subprotocol)) return undefined
  return offered.find((name) => name.startsWith(tokenPrefix))?.slice(tokenPrefix.length)
}
