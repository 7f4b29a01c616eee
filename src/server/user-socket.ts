/**
 * Floor 8. The WebSocket class of the server: a socket of `ws` that knows whose it is. Listeners are shared by all
 * sockets and find their state on the socket: closures of each its own would cost more than the socket.
 */
import { WebSocket } from 'ws'
import type { LiveSocket } from './live-socket.ts'

/** A socket of the server. */
export class UserSocket extends WebSocket {
  /** Set when the socket is taken over. */
  live: LiveSocket | undefined = undefined
  /** Pings without an answer. */
  missedPings = 0
}

/** Listens to a socket. */
export const listen = (socket: UserSocket): void => {
  socket.on('message', onMessage)
  socket.on('pong', onPong)
  socket.on('close', onClose)
  // What a peer sends can be malformed: ws then emits an error, and closes by itself.
  socket.on('error', onError)
}

const missedBeforeEnd = 2

/**
 * Pings all sockets of a set at an interval and terminates those that missed two answers: a cut line leaves a socket
 * open for ever.
 *
 * @returns How to stop.
 */
export const startHeartbeat = (sockets: ReadonlySet<UserSocket>, intervalMs: number): (() => void) => {
  const timer = setInterval(() => {
    for (const socket of sockets) {
      if (socket.missedPings >= missedBeforeEnd) {
        socket.terminate()
        continue
      }
      socket.missedPings++
      if (socket.readyState === socket.OPEN) socket.ping()
    }
  }, intervalMs).unref()
  return () => clearInterval(timer)
}

function onMessage(this: WebSocket, data: Buffer | ArrayBuffer | Buffer[], isBinary: boolean): void {
  (this as UserSocket).live?.receive(isBinary ? '' : toText(data))
}

function onPong(this: WebSocket): void {
  (this as UserSocket).missedPings = 0
}

function onClose(this: WebSocket): void {
  (this as UserSocket).live?.release()
}

function onError(): void {}

function toText(data: Buffer | ArrayBuffer | Buffer[]): string {
  return Array.isArray(data) ? Buffer.concat(data).toString('utf8') : Buffer.from(data as Buffer).toString('utf8')
}
