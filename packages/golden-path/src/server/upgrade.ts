/**
 * WebSocket upgrades: the user is known before the socket exists. A refused upgrade is answered in HTTP.
 */
import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { setTimeout as pause } from 'node:timers/promises'
import { WebSocketServer } from 'ws'
import { ContextError, toClientAnswer, type VerifiedUser } from 'user-execution-context'
import type { AddressPlaces } from './address-limits.ts'
import { authenticateUpgrade, subprotocol } from './authenticate-upgrade.ts'
import { leaveForeignUpgrade } from './foreign-upgrade.ts'
import { startHeartbeat } from './heartbeat.ts'
import { LiveSocket } from './live-socket.ts'
import { answerWithoutUpgrade, isWebSocketUpgrade } from './other-upgrade.ts'
import { endWithError } from './raw-answer.ts'
import { findPathBelow } from './route.ts'
import { assertOrigin, type Services } from './services.ts'
import { startTokenReminder } from './token-reminder.ts'
import { leaveWaiting } from './waiting-connections.ts'
import { UserSocket } from './user-socket.ts'

/** How long peers may take to answer the close of a server that stops. */
const closeGraceMs = 1000

/** An upgrade for another path goes to `next`, or to the other handlers of its server, or is answered 404. */
type HandleUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer, next?: () => void) => void

/** Handles upgrades until it is closed. */
export type Upgrades = {
  readonly handle: HandleUpgrade
  /** Waits a moment for the close handshakes under way, then ends what is left. */
  readonly close: () => Promise<void>
}

/** Opens the WebSocket side of a server. */
export const openUpgrades = (services: Services): Upgrades => {
  const { limits, report, addresses, toAddress, lifecycle } = services
  const webSockets = openWebSockets(services)
  const open = new Set<UserSocket>()
  const stopHeartbeat = startHeartbeat(open, limits.heartbeatMs)
  const stopReminder = startTokenReminder(open)
  let pending = 0

  const handleOwn = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    let isPending = true
    let places: AddressPlaces | undefined
    const settle = (): void => {
      isPending = false
      pending--
      clearTimeout(timer)
      // A listener that stays on an open socket keeps the request alive, its headers and token included.
      socket.off('close', leave)
    }
    const leave = (): void => {
      settle()
      if (places !== undefined) addresses.giveBack(places)
    }
    const refuse = (error: unknown): void => {
      if (!isPending) return
      leave()
      report('upgrade-refused', error, { address: toAddress(request) })
      endWithError(socket, error)
    }
    const accept = (user: VerifiedUser): void => {
      if (!isPending) return
      // ws does not report a malformed handshake here: the place is held until the socket is taken over.
      webSockets.handleUpgrade(request, socket, head, (webSocket) => {
        settle()
        open.add(webSocket)
        webSocket.openSockets = open
        takeOver(services, user, webSocket, request.socket, places!)
      })
    }
    pending++
    // Node does not time out an upgrade: without this, a client that never finishes holds its place.
    const timer = setTimeout(() => refuse(new ContextError('ERR_CONTEXT_SCOPE_TIMEOUT')), limits.upgradeTimeMs)
    socket.on('close', leave)
    try {
      if (lifecycle.isClosing) throw new ContextError('ERR_CONTEXT_CLOSED')
      if (pending > limits.pendingUpgrades) {
        throw new ContextError('ERR_CONTEXT_TOO_MANY_CONNECTIONS', {
          issues: [{ path: 'limits.pendingUpgrades', kind: 'too large' }],
        })
      }
      assertOrigin(services, request)
      places = addresses.take(toAddress(request))
    } catch (error) {
      refuse(error)
      return
    }
    authenticateUpgrade(services, request).then(accept).catch(refuse)
  }

  return Object.freeze({
    handle: (request: IncomingMessage, socket: Duplex, head: Buffer, next?: () => void) => {
      if (next === undefined && !isWebSocketUpgrade(request) && answerWithoutUpgrade(request, socket, head)) return
      // Before anything else: an error of a socket without a listener ends the process.
      socket.on('error', destroy)
      leaveWaiting(request)
      if (findPathBelow(services.prefix, request) === '/ws') handleOwn(request, socket, head)
      else if (next !== undefined) next()
      else leaveForeignUpgrade(request, socket, limits.foreignUpgradeTimeMs)
    },
    close: async () => {
      stopHeartbeat()
      stopReminder()
      const endsAtMs = performance.now() + closeGraceMs
      while (open.size > 0 && performance.now() < endsAtMs) await pause(10)
      for (const socket of open) socket.terminate()
      webSockets.close()
    },
  })
}

// Without a result type: that of ws names its class of sockets in two parameters.
function openWebSockets({ limits }: Services) {
  const webSockets = new WebSocketServer({
    noServer: true,
    WebSocket: UserSocket,
    // Its sockets do both, for less memory.
    autoPong: false,
    clientTracking: false,
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
  return webSockets
}

// Outside of openUpgrades(), whose closures hold the request.
function takeOver(
  services: Services,
  user: VerifiedUser,
  socket: UserSocket,
  rawSocket: Socket,
  places: AddressPlaces,
): void {
  rawSocket.off('error', destroy)
  letGo(socket, rawSocket)
  try {
    socket.owner = new LiveSocket(services, user, socket, rawSocket, places)
  } catch (error) {
    services.addresses.giveBack(places)
    services.report('socket-refused', error, { address: places.address })
    const { closeCode, message } = toClientAnswer(error)
    socket.close(closeCode, message)
    setTimeout(() => socket.terminate(), closeGraceMs).unref()
  }
}

function destroy(this: Duplex): void {
  this.destroy()
}

type KeptByNode = { _events?: unknown; _peername?: unknown }

// What Node keeps of each socket, and makes anew when asked: a table of listeners where there are none, and the address
// that limits asked for. Together a quarter of what an idle socket costs here. A Node without these fields has nothing
// to let go of.
function letGo(socket: UserSocket, rawSocket: Socket): void {
  const emitter: KeptByNode = socket as object
  const stream: KeptByNode = rawSocket as object
  if (emitter._events !== undefined && socket.eventNames().length === 0) emitter._events = undefined
  if (stream._peername !== undefined) stream._peername = undefined
}
