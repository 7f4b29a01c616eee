/**
 * The WebSocket class of the server: a socket of `ws` that hands what it hears to its owner.
 */
import { WebSocket } from 'ws'

/** What a socket tells of itself. */
export type SocketOwner = {
  /** Called with each text message; empty for a binary one. */
  receive(text: string): void
  /** Called now and then while the socket is open, with the time: milliseconds since the epoch. */
  remind(nowMs: number): void
  /** Called when the socket has closed. */
  release(): void
}

/**
 * A socket of the server. It takes its events itself: four listeners on each socket would cost 200 bytes of a socket
 * that idles, and a closure for each more than that.
 */
export class UserSocket extends WebSocket {
  /** Set when the socket is taken over. */
  owner: SocketOwner | undefined = undefined
  /** Pings without an answer. */
  missedPings = 0

  override emit(event: string | symbol, ...values: any[]): boolean {
    switch (event) {
      case 'message':
        this.owner?.receive(values[1] === true ? '' : toText(values[0]))
        return true
      case 'pong':
        this.missedPings = 0
        return true
      case 'close':
        this.owner?.release()
        return super.emit(event, ...values)
      case 'error':
        // What a peer sends can be malformed: ws reports it here, and closes by itself.
        return true
      default:
        return super.emit(event, ...values)
    }
  }
}

function toText(data: Buffer | ArrayBuffer | Buffer[]): string {
  if (Buffer.isBuffer(data)) return data.toString('utf8')
  return Array.isArray(data) ? Buffer.concat(data).toString('utf8') : Buffer.from(data).toString('utf8')
}
