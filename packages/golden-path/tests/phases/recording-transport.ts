// A transport that keeps what it was given, and that can be made slow: the other side of a connection in tests.
import type { RunEvent, RunPosition, ServerMessage, Transport } from '../../src/index.ts'

export class RecordingTransport implements Transport {
  bufferedAmount = 0
  /** Set to true to let everything wait, as a client does that does not read. */
  isSlow = false
  readonly events: RunEvent[] = []
  readonly messages: ServerMessage[] = []
  readonly closes: { readonly code: number; readonly reason: string }[] = []
  maxBuffered = 0
  terminations = 0

  send(text: string, position?: RunPosition): void {
    if (position === undefined) this.messages.push(JSON.parse(text) as ServerMessage)
    else this.events.push(JSON.parse(text) as RunEvent)
    if (!this.isSlow) return
    this.bufferedAmount += Buffer.byteLength(text)
    this.maxBuffered = Math.max(this.maxBuffered, this.bufferedAmount)
  }

  close(code: number, reason: string): void {
    this.closes.push({ code, reason })
  }

  terminate(): void {
    this.terminations++
  }

  /** The client has read everything. */
  drain(): void {
    this.bufferedAmount = 0
  }

  get sequences(): readonly number[] {
    return this.events.map(({ sequence }) => sequence)
  }

  get types(): readonly string[] {
    return this.events.map(({ type }) => type)
  }
}

/** The whole text that a reader has, joined pieces or not. */
export const toText = (events: readonly RunEvent[]): string =>
  events.map((event) => (event.type === 'agent_message_delta' ? event.data.text : '')).join('')
