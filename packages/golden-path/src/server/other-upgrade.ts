/**
 * Upgrades to what is not spoken here, such as h2c: a server may ignore one and answer the request (RFC 9110, section
 * 7.8). Java's HttpClient and `curl --http2` offer one with each first request, and expect that.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { countListeners } from './foreign-upgrade.ts'
import { leaveWaiting } from './waiting-connections.ts'

/** Whether a client offers WebSocket, among others or alone (RFC 6455, section 4.2.1). */
export const isWebSocketUpgrade = ({ headers }: IncomingMessage): boolean =>
  (headers.upgrade ?? '').split(',').some((protocol) => protocol.trim().toLowerCase() === 'websocket')

/** Whether Node reads the body of an upgrade itself: it must not be waited for again. Node 24 does not, 26 does. */
export const isReadByNode = ({ headers }: IncomingMessage): boolean =>
  nodeMajor > 24 && (headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) !== 0)

const nodeMajor = Number.parseInt(process.versions.node, 10)

/**
 * Lets the server of an upgrade read it again as a request: Node has stopped to parse what comes on its connection, a
 * body too, once there is any listener for upgrades.
 *
 * @returns Whether it does: not where another listener may speak what is offered, and not where Node has read the body.
 */
export const answerWithoutUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): boolean => {
  if (countListeners(request) !== 1 || isReadByNode(request)) return false
  socket.unshift(Buffer.concat([toRequestHead(request), head]))
  readAgain(request, socket)
  return true
}

function readAgain(request: IncomingMessage, socket: Duplex): void {
  const { server, encrypted, _httpMessage: earlier } = request.socket as Kept
  if (earlier) {
    // A client that did not wait for the answer before: Node would never send the one to this.
    const destroy = (): unknown => socket.destroy()
    socket.on('error', destroy)
    earlier.once('close', () => {
      socket.off('error', destroy)
      if (!socket.destroyed) readAgain(request, socket)
    })
    return
  }
  // It waits for its client again, and is counted as a connection. Over TLS it was counted before.
  if (!encrypted) leaveWaiting(request)
  server!.emit(encrypted ? 'secureConnection' : 'connection', socket)
}

type Kept = {
  readonly server?: { emit(event: string, socket: Duplex): void }
  readonly encrypted?: boolean
  readonly _httpMessage?: ServerResponse | null
}

// As it was parsed, so that nothing stands here that the parser did not let pass.
function toRequestHead({ method, url, httpVersion, rawHeaders }: IncomingMessage): Buffer {
  const lines = [`${method} ${url} HTTP/${httpVersion}`]
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]!
    if (name.toLowerCase() !== 'upgrade') lines.push(`${name}: ${rawHeaders[index + 1]}`)
  }
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1')
}
