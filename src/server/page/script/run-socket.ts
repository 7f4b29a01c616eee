/**
 * One WebSocket that comes back by itself. After a cut it connects again, and the owner resumes what was open.
 */
import { parseFrame, type ClientMessage, type ControlMessage, type RunMessage } from './wire.ts'

/** What the user is told about the connection. */
export type ConnectionState = 'connecting' | 'open' | 'waiting' | 'closed'

/** Who is told what. */
export type RunSocketOptions = {
  /** The token of the moment: a new connection uses the newest one. */
  readonly token: () => string
  readonly onMessage: (message: RunMessage | ControlMessage) => void
  readonly onState: (state: ConnectionState) => void
  /** The server refuses this user: sign in again. */
  readonly onRefused: () => void
}

const firstDelayMs = 300
const maxDelayMs = 10_000
const pingEveryMs = 20_000
/** How long the server may stay silent after a ping before the connection counts as dead. */
const silenceMs = 10_000

/** A connection that lasts until close(). */
export class RunSocket {
  readonly #options: RunSocketOptions
  #socket: WebSocket | undefined
  #retry: ReturnType<typeof setTimeout> | undefined
  #ping: ReturnType<typeof setTimeout> | undefined
  #delayMs = firstDelayMs
  #closed = false

  constructor(options: RunSocketOptions) {
    this.#options = options
    addEventListener('online', this.#connectNow)
    this.#connect()
  }

  get isOpen(): boolean {
    return this.#socket?.readyState === WebSocket.OPEN
  }

  /** Sends now, or says that it could not: the owner repeats it after the next connection. */
  send(message: ClientMessage): boolean {
    if (!this.isOpen) return false
    this.#socket?.send(JSON.stringify(message))
    return true
  }

  close(): void {
    this.#closed = true
    removeEventListener('online', this.#connectNow)
    clearTimeout(this.#retry)
    clearTimeout(this.#ping)
    if (this.#socket !== undefined) {
      // What is still under way belongs to a user who has left.
      this.#socket.onmessage = null
      this.#socket.close(1000)
    }
    this.#options.onState('closed')
  }

  readonly #connectNow = (): void => {
    if (this.#closed || this.#socket !== undefined) return
    clearTimeout(this.#retry)
    this.#connect()
  }

  #connect(): void {
    this.#options.onState('connecting')
    const url = new URL('/ws', location.href)
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:'
    const socket = new WebSocket(url, ['uec.v1', `bearer.${this.#options.token()}`])
    this.#socket = socket
    socket.onopen = () => {
      this.#delayMs = firstDelayMs
      this.#watch(socket)
      this.#options.onState('open')
    }
    socket.onmessage = ({ data }) => {
      this.#watch(socket)
      const message = parseFrame(data)
      if (message !== undefined) this.#options.onMessage(message)
    }
    socket.onclose = ({ code }) => this.#onClose(socket, code)
  }

  #onClose(socket: WebSocket, code: number): void {
    if (this.#closed || this.#socket !== socket) return
    this.#socket = undefined
    clearTimeout(this.#ping)
    if (code === 4401) return this.#options.onRefused()
    this.#options.onState('waiting')
    this.#retry = setTimeout(() => this.#connect(), this.#delayMs * (0.5 + Math.random() / 2))
    this.#delayMs = Math.min(this.#delayMs * 2, maxDelayMs)
  }

  // A cut cable closes nothing: only a ping that nobody answers tells.
  #watch(socket: WebSocket): void {
    clearTimeout(this.#ping)
    this.#ping = setTimeout(() => {
      this.send({ type: 'ping' })
      this.#ping = setTimeout(() => {
        socket.close()
        this.#onClose(socket, 1006)
      }, silenceMs)
    }, pingEveryMs)
  }
}
