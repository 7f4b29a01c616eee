/**
 * Server-sent events as a transport (WHATWG HTML, section 9.2).
 */
import type { ServerResponse } from 'node:http'
import { writeStreamHead } from './stream-head.ts'
import type { StreamTransport } from './stream-run.ts'

/** How soon a client that was cut comes back. Without it browsers wait several seconds. */
const retryMs = 1000

/**
 * A response as a transport. Events of runs have `EPOCH.SEQUENCE` as `id:`, which a client sends back in
 * `Last-Event-ID`; other messages have their type as `event:`, so that a plain `onmessage` gets events of runs only.
 *
 * @param keepAliveMs - How often a comment is sent, so that proxies do not take the stream for dead.
 */
export const eventStreamTransport = (response: ServerResponse, keepAliveMs: number): StreamTransport => {
  let isCorked = false
  /** Events that are held back until their tick ends: Node frames, and looks at, each chunk of an answer. */
  let held = ''
  const isOver = (): boolean => response.writableEnded || response.destroyed
  const write = (text: string): void => {
    if (isCorked) held += text
    else response.write(text)
  }
  const sendHead = (): void => {
    if (writeStreamHead(response, keepAliveMs)) write(`retry: ${retryMs}\n\n`)
  }
  const release = (): string => {
    const text = held
    held = ''
    isCorked = false
    return text
  }
  return {
    sendHead,
    send: (text, position) => {
      if (isOver()) return
      sendHead()
      // JSON has no raw line breaks, so one data line holds it.
      const field = position === undefined ? `event: ${toType(text)}` : `id: ${position.epoch}.${position.sequence}`
      write(`${field}\ndata: ${text}\n\n`)
    },
    get bufferedAmount() {
      return response.writableLength + held.length
    },
    cork: () => void (isCorked = true),
    uncork: () => {
      const text = release()
      if (text !== '' && !isOver()) response.write(text)
    },
    close: () => {
      const text = release()
      if (text === '' || isOver()) response.end()
      else response.end(text)
    },
    terminate: () => void response.destroy(),
  }
}

/** How every message of this server begins: what it says of a user comes after it. */
const start = /^\{"version":\d+,"type":"([a-z_]+)"/

// Parsing a whole message for its second member would cost more than writing it.
function toType(text: string): string {
  return start.exec(text)?.[1] ?? (JSON.parse(text) as { readonly type: string }).type
}
