/**
 * Floor 6. A WebSocket of `ws` as a transport. Types only of what is used, so that `ws` is needed by nobody but the
 * server that has it.
 */
import type { Transport } from './transport.ts'

/** The part of a `WebSocket` of `ws` 8 that a transport uses. */
export type WsSocket = {
  readonly bufferedAmount: number
  readonly readyState: number
  send(text: string): void
  close(code: number, reason: string): void
  terminate(): void
}

/** The part of a TCP or TLS socket that a transport uses: `request.socket` of the upgrade. */
export type RawSocket = { cork(): void; uncork(): void }

const open = 1

// A class, not an object of closures: 450 bytes less for each socket, most of which idle.
class WsTransport implements Transport {
  readonly #socket: WsSocket
  readonly #rawSocket: RawSocket

  constructor(socket: WsSocket, rawSocket: RawSocket) {
    this.#socket = socket
    this.#rawSocket = rawSocket
  }

  get bufferedAmount(): number {
    return this.#socket.bufferedAmount
  }

  send(text: string): void {
    // A socket that is closing takes nothing more; its `close` event tells the connection.
    if (this.#socket.readyState === open) this.#socket.send(text)
  }

  close(code: number, reason: string): void {
    this.#socket.close(code, reason)
  }

  terminate(): void {
    this.#socket.terminate()
  }

  cork(): void {
    this.#rawSocket.cork()
  }

  uncork(): void {
    this.#rawSocket.uncork()
  }
}

/**
 * A WebSocket as a transport.
 *
 * @param socket - From the `WebSocketServer` of `ws`.
 * @param rawSocket - `request.socket` of the upgrade request, so that the frames of one tick leave in one write.
 */
export const wsTransport = (socket: WsSocket, rawSocket: RawSocket): Transport => new WsTransport(socket, rawSocket)
