/**
 * Server-sent events of a foreign protocol as a transport: each event of the run goes through a mapping first.
 */
import type { ServerResponse } from 'node:http'
import type { ResumeGap, ServerMessage } from '../phases/wire/server-message.ts'
import type { RunEvent } from '../phases/wire/wire-envelope.ts'
import { writeStreamHead } from './stream-head.ts'
import type { StreamTransport } from './stream-run.ts'

/** What a foreign protocol needs of a stream. */
export type MappedStreamOptions = {
  /** From an event of the run, or a gap in it, to the values that are sent for it, each as JSON in its own event. */
  readonly map: (message: RunEvent | ResumeGap) => readonly unknown[]
  /** Headers of the answer beside the common ones. Default none. */
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** Data that closes a stream that is complete. One that is not is cut. Default none. */
  readonly end?: string | undefined
  /** How often a comment is sent, so that proxies do not take the stream for dead. */
  readonly keepAliveMs: number
}

/**
 * A response as a transport. Other messages than the events of a run and the gaps in it have no place in a foreign
 * protocol and are left out.
 */
export const mappedStreamTransport = (response: ServerResponse, options: MappedStreamOptions): StreamTransport => {
  const { map, headers, end, keepAliveMs } = options
  const sendHead = (): void => {
    if (writeStreamHead(response, keepAliveMs, headers)) response.flushHeaders()
  }
  const isOver = (): boolean => response.writableEnded || response.destroyed
  return {
    sendHead,
    send: (text) => {
      if (isOver()) return
      const message = JSON.parse(text) as RunEvent | ServerMessage
      if (!('sequence' in message) && message.type !== 'resume_gap') return
      sendHead()
      const data = map(message)
        .map((value) => `data: ${JSON.stringify(value)}\n\n`)
        .join('')
      if (data !== '') response.write(data)
    },
    get bufferedAmount() {
      return response.writableLength
    },
    close: (code) => {
      if (isOver()) return
      // These protocols have no word for an answer that is cut off: one that ends in good order would pass for whole.
      if (code !== 1000) response.destroy()
      else response.end(end === undefined ? undefined : `data: ${end}\n\n`)
    },
    terminate: () => void response.destroy(),
  }
}
