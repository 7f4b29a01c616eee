/**
 * Floor 8. Server-sent events as a transport (WHATWG HTML, section 9.2).
 */
import type { ServerResponse } from 'node:http'
import { commonHeaders } from './answer.ts'
import type { StreamTransport } from './stream-run.ts'

/** Headers of a stream. The last one keeps nginx from holding events back. */
const headers = Object.freeze({ ...commonHeaders, 'content-type': 'text/event-stream; charset=utf-8', 'x-accel-buffering': 'no' })

/** How soon a client that was cut comes back. Without it browsers wait several seconds. */
const retryMs = 1000

/**
 * A response as a transport. Events of runs have their sequence as `id:`, which a client sends back in `Last-Event-ID`;
 * other messages have their type as `event:`, so that a plain `onmessage` gets events of runs only.
 *
 * @param keepAliveMs - How often a comment is sent, so that proxies do not take the stream for dead.
 */
export const eventStreamTransport = (response: ServerResponse, keepAliveMs: number): StreamTransport => {
  const sendHead = (): void => {
    if (response.headersSent || response.destroyed) return
    response.writeHead(200, headers).write(`retry: ${retryMs}\n\n`)
    // Not before there is a head: a client that has left meanwhile closes nothing again, and the timer would stay.
    const timer = setInterval(() => !response.writableEnded && response.write(': alive\n\n'), keepAliveMs).unref()
    response.once('close', () => clearInterval(timer))
  }
  return {
    sendHead,
    send: (text, sequence) => {
      if (response.writableEnded || response.destroyed) return
      sendHead()
      // JSON has no raw line breaks, so one data line holds it.
      const field = sequence === undefined ? `event: ${toType(text)}` : `id: ${sequence}`
      response.write(`${field}\ndata: ${text}\n\n`)
    },
    get bufferedAmount() {
      return response.writableLength
    },
    close: () => void response.end(),
    terminate: () => void response.destroy(),
  }
}

function toType(text: string): string {
  return (JSON.parse(text) as { readonly type: string }).type
}
