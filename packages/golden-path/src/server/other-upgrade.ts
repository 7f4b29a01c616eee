/**
 * Upgrades to what is not spoken here, such as h2c: a server may ignore one and answer the request (RFC 9110, section
 * 7.8). Java's HttpClient and `curl --http2` offer one with each first request, and expect that.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
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
 * body too, once there is any listener for upgrades. Behind an answer that is not complete it ends the connection.
 *
 * @returns Whether it does: not where another listener may speak what is offered, and not where Node has read the body.
 */
export const answerWithoutUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): boolean => {
  if (countListeners(request) !== 1) return false
  const { server, encrypted, _httpMessage: earlier } = request.socket as Connection
  if (earlier) endAfterAnswers(request.socket)
  else if (isReadByNode(request)) return false
  else {
    socket.unshift(Buffer.concat([toRequestHead(request), head]))
    // It waits for its client again, and is counted as a connection. Over TLS it was counted before.
    if (!encrypted) leaveWaiting(request)
    server!.emit(encrypted ? 'secureConnection' : 'connection', socket)
  }
  return true
}

type Connection = Socket & {
  readonly server?: { emit(event: string, socket: Duplex): void }
  readonly encrypted?: boolean
  readonly _httpMessage?: ServerResponse | null
}

/**
 * Ends a connection when the answers under way on it are complete: a client that did not wait for them asks again for
 * what it has no answer to (RFC 9112, section 9.3.2). Node has taken off all that it listened with: without a part of
 * it, an answer stops at the first full buffer, and its handler never hears that the client has left.
 */
function endAfterAnswers(socket: Connection): void {
  const end = (): void => socket.destroySoon()
  const destroy = (): unknown => socket.destroy()
  const drain = (): void => {
    const answer = socket._httpMessage
    if (answer?.writableEnded === false) answer.emit('drain')
  }
  const wait = (): void => {
    const answer = socket._httpMessage
    if (!answer) return end()
    answer.once('close', () => {
      if (socket.destroyed) answer.req.destroy()
      else wait()
    })
  }
  socket.on('error', destroy).on('timeout', destroy).on('end', end).on('drain', drain)
  wait()
  // What comes behind it is thrown away: unread, it would hide the end of the connection.
  socket.resume()
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
