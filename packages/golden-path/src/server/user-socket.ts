/**
 * The WebSocket class of the server: a socket of `ws` that hands what it hears to its owner.
 */
import { WebSocket } from 'ws'

/** What a socket tells of itself. */
export type SocketOwner = {
  /** Called with each text message of the socket; empty for a binary one. */
  receive(text: string, socket: UserSocket): void
  /** Called now and then while the socket is open, with the time: milliseconds since the epoch. */
  remind(nowMs: number): void
  /** Called when the socket has closed. */
  release(): void
}

/** As many as `ws` has wait by itself: a client that pings and does not read would fill the memory. */
const maxPendingPongs = 60

/**
 * A socket of the server. It takes its events itself, answers pings and says when it has closed: listeners on each
 * socket would cost a tenth of what one holds that idles. Its server has `ws` do neither (`autoPong`,
 * `clientTracking`).
 */
export class UserSocket extends WebSocket {
  /** The open sockets of its server. Set when the socket is made. */
  openSockets: Set<UserSocket> | undefined = undefined
  /** Set when the socket is taken over. */
  owner: SocketOwner | undefined = undefined
  /** Pings without an answer. */
  missedPings = 0
  /** Answers to pings that the peer has not taken yet. */
  pendingPongs = 0

  override emit(event: string | symbol, ...values: any[]): boolean {
    switch (event) {
      case 'message':
        this.owner?.receive(values[1] === true ? '' : toText(values[0]), this)
        return true
      case 'ping':
        if (this.readyState === WebSocket.OPEN) answerPing(this, values[0])
        return true
      case 'pong':
        this.missedPings = 0
        return true
      case 'close':
        this.openSockets?.delete(this)
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

function answerPing(socket: UserSocket, data: Buffer): void {
  if (socket.pendingPongs >= maxPendingPongs) return socket.terminate()
  socket.pendingPongs++
  socket.pong(data, false, () => socket.pendingPongs--)
}

function toText(data: Buffer | ArrayBuffer | Buffer[]): string {
  if (Buffer.isBuffer(data)) return data.toString('utf8')
  return Array.isArray(data) ? Buffer.concat(data).toString('utf8') : Buffer.from(data).toString('utf8')
}
