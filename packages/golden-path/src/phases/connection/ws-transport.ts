/**
 * A WebSocket of `ws` as a transport. Types only of what is used, so that `ws` is needed only by the
 * server that has it.
 */
import type { Transport } from './transport.ts'

/** The part of a `WebSocket` of `ws` 8 that a transport uses. */
export type WsSocket = {
  readonly bufferedAmount: number
  readonly readyState: number
  /** The extensions that were negotiated, such as `permessage-deflate`; empty for none. */
  readonly extensions: string
  send(text: string): void
  close(code: number, reason: string): void
  terminate(): void
}

/** The part of a TCP or TLS socket that a transport uses: `request.socket` of the upgrade. */
export type RawSocket = { write(text: string, encoding: 'latin1'): unknown }

const open = 1
const { fromCharCode } = String

/**
 * A socket without extensions, whose frames are made here. Not public: wsTransport() is. A class, not an object of
 * closures: 450 bytes less for each socket, most of which idle. A server extends it by what it keeps of a socket.
 */
export class WsTransport implements Transport {
  readonly #socket: WsSocket
  readonly #rawSocket: RawSocket
  /** Frames that are held back, one character for each byte; undefined when none shall be. */
  #held: string | undefined

  constructor(socket: WsSocket, rawSocket: RawSocket) {
    this.#socket = socket
    this.#rawSocket = rawSocket
  }

  get bufferedAmount(): number {
    return this.#socket.bufferedAmount + (this.#held?.length ?? 0)
  }

  send(text: string, _position: unknown, bytes: number): void {
    // A socket that is closing takes nothing more; its `close` event tells the connection.
    if (this.#socket.readyState !== open) return
    const frame = toTextFrame(text, bytes)
    if (this.#held === undefined) this.#rawSocket.write(frame, 'latin1')
    else this.#held += frame
  }

  close(code: number, reason: string): void {
    this.uncork()
    this.#socket.close(code, reason)
  }

  terminate(): void {
    this.#socket.terminate()
  }

  cork(): void {
    this.#held ??= ''
  }

  uncork(): void {
    const held = this.#held
    this.#held = undefined
    if (held && this.#socket.readyState === open) this.#rawSocket.write(held, 'latin1')
  }
}

class AddressedWsTransport extends WsTransport {
  readonly address: string | undefined

  constructor(socket: WsSocket, rawSocket: RawSocket, address: string | undefined) {
    super(socket, rawSocket)
    this.address = address
  }
}

/** An extension changes what a frame holds, so `ws` has to make its frames. */
class ExtendedWsTransport implements Transport {
  readonly #socket: WsSocket
  readonly address: string | undefined

  constructor(socket: WsSocket, address: string | undefined) {
    this.#socket = socket
    this.address = address
  }

  get bufferedAmount(): number {
    return this.#socket.bufferedAmount
  }

  send(text: string): void {
    if (this.#socket.readyState === open) this.#socket.send(text)
  }

  close(code: number, reason: string): void {
    this.#socket.close(code, reason)
  }

  terminate(): void {
    this.#socket.terminate()
  }

  cork(): void {}

  uncork(): void {}
}

/**
 * A WebSocket as a transport.
 *
 * @param socket - From the `WebSocketServer` of `ws`.
 * @param rawSocket - `request.socket` of the upgrade request, so that the frames of one tick leave in one write.
 * @param address - Where the client is, for `observe`. Default: unknown.
 * @example
 * ```ts
 * import { wsTransport, type RawSocket, type WsSocket } from '@user-execution-context/golden-path'
 *
 * // `socket` comes from handleUpgrade() of ws, `rawSocket` from the 'upgrade' event of the HTTP server.
 * export const toTransport = (socket: WsSocket, rawSocket: RawSocket) => wsTransport(socket, rawSocket)
 * ```
 */
export const wsTransport = (socket: WsSocket, rawSocket: RawSocket, address?: string): Transport =>
  socket.extensions === ''
    ? new AddressedWsTransport(socket, rawSocket, address)
    : new ExtendedWsTransport(socket, address)

/**
 * One text frame as a server sends it: whole and unmasked (RFC 6455 section 5.2). One character for each byte, because
 * Node writes such a string without a buffer of its own, and a tick's frames become one by `+` (measured,
 * `npm run bench -- delivery`: three times cheaper than through `ws` in bursts, a fifth cheaper one at a time).
 */
function toTextFrame(text: string, bytes: number): string {
  const isAscii = bytes === text.length
  return toHeader(bytes) + (isAscii ? text : Buffer.from(text).toString('latin1'))
}

function toHeader(bytes: number): string {
  if (bytes < 126) return fromCharCode(0x81, bytes)
  if (bytes < 0x10000) return fromCharCode(0x81, 126, bytes >>> 8, bytes & 255)
  return fromCharCode(0x81, 127, 0, 0, 0, 0, bytes >>> 24, (bytes >>> 16) & 255, (bytes >>> 8) & 255, bytes & 255)
}
