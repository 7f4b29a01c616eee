/**
 * One WebSocket that comes back by itself. After a cut it connects again, and the owner resumes what was open.
 */
import { readFrame, type ClientMessage, type ControlMessage, type RunMessage } from './wire.ts'

/** What the user is told about the connection. */
export type ConnectionState = 'connecting' | 'open' | 'waiting' | 'closed'

/** What the socket reports. */
export type RunSocketOptions = {
  /** The token of the moment: a new connection uses the newest one. */
  readonly token: () => string
  readonly onMessage: (message: RunMessage | ControlMessage) => void
  readonly onState: (state: ConnectionState) => void
  /** The server refuses this user: sign in again. */
  readonly onRefused: () => void
  /** The server takes no message of the size that was sent last. */
  readonly onTooLarge: () => void
}

const firstDelayMs = 300
const maxDelayMs = 10_000
const pingEveryMs = 20_000
/** The server drops what comes faster than 20 messages in one second: so many at once, and then one each time. */
const burst = 8
const paceMs = 100
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
  #queue: ClientMessage[] = []
  #credit = burst
  #pace: ReturnType<typeof setInterval> | undefined

  constructor(options: RunSocketOptions) {
    this.#options = options
    addEventListener('online', this.#connectNow)
    options.onState('connecting')
    this.#connect()
  }

  get isOpen(): boolean {
    return this.#socket?.readyState === WebSocket.OPEN
  }

  /** Sends as soon as the pace allows, or says that there is no connection: the owner repeats it after the next one. */
  send(message: ClientMessage): boolean {
    if (!this.isOpen) return false
    this.#queue.push(message)
    this.#flush()
    return true
  }

  close(): void {
    this.#closed = true
    removeEventListener('online', this.#connectNow)
    clearTimeout(this.#retry)
    this.#stopTimers()
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
    const url = new URL('/ws', location.href)
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:'
    const socket = new WebSocket(url, ['uec.v1', `bearer.${this.#options.token()}`])
    this.#socket = socket
    // A browser waits minutes for a handshake without an answer.
    this.#ping = setTimeout(() => {
      socket.close()
      this.#onClose(socket, 1006)
    }, silenceMs)
    socket.onopen = () => {
      this.#delayMs = firstDelayMs
      this.#watch(socket)
      this.#options.onState('open')
    }
    socket.onmessage = ({ data }) => {
      this.#watch(socket)
      const message = readFrame(data)
      if (message !== undefined) this.#options.onMessage(message)
    }
    socket.onclose = ({ code }) => this.#onClose(socket, code)
  }

  #onClose(socket: WebSocket, code: number): void {
    if (this.#closed || this.#socket !== socket) return
    this.#socket = undefined
    this.#stopTimers()
    if (code === 4401) return this.#options.onRefused()
    if (code === 1009) this.#options.onTooLarge()
    this.#options.onState('waiting')
    this.#retry = setTimeout(() => this.#connect(), this.#delayMs * (0.5 + Math.random() / 2))
    this.#delayMs = Math.min(this.#delayMs * 2, maxDelayMs)
  }

  // A cut cable closes nothing: only a ping without an answer tells.
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

  #flush(): void {
    while (this.#credit > 0 && this.#queue.length > 0) {
      this.#credit--
      this.#socket?.send(JSON.stringify(this.#queue.shift()))
    }
    this.#pace ??= setInterval(() => {
      this.#credit++
      this.#flush()
      if (this.#credit < burst) return
      clearInterval(this.#pace)
      this.#pace = undefined
    }, paceMs)
  }

  // What was not sent is dropped with the connection: its owner knows what it still has to ask for.
  #stopTimers(): void {
    clearTimeout(this.#ping)
    clearInterval(this.#pace)
    this.#pace = undefined
    this.#queue = []
    this.#credit = burst
  }
}
