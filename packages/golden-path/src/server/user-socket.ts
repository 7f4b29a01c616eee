/**
 * Floor 8. The WebSocket class of the server: a socket of `ws` that knows whose it is.
 */
import { WebSocket } from 'ws'
import type { LiveSocket } from './live-socket.ts'

/**
 * A socket of the server. It takes its events itself: four listeners on each socket would cost 200 bytes of a socket
 * that idles, and a closure for each more than that.
 */
export class UserSocket extends WebSocket {
  /** Set when the socket is taken over. */
  live: LiveSocket | undefined = undefined
  /** Pings without an answer. */
  missedPings = 0

  override emit(event: string | symbol, ...values: any[]): boolean {
    switch (event) {
      case 'message':
        this.live?.receive(values[1] === true ? '' : toText(values[0]))
        return true
      case 'pong':
        this.missedPings = 0
        return true
      case 'close':
        this.live?.release()
        return super.emit(event, ...values)
      case 'error':
        // What a peer sends can be malformed: ws says so here, and closes by itself.
        return true
      default:
        return super.emit(event, ...values)
    }
  }
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

function toText(data: Buffer | ArrayBuffer | Buffer[]): string {
  if (Buffer.isBuffer(data)) return data.toString('utf8')
  return Array.isArray(data) ? Buffer.concat(data).toString('utf8') : Buffer.from(data).toString('utf8')
}
