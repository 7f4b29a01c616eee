/**
 * What a connection needs of a socket. WebSockets and server-sent events fit behind it.
 */

import type { RunPosition } from '../ports/run-position.ts'

/** A way to one client. */
export type Transport = {
  /**
   * Sends one text. `position` is that of a run's event (the `id:` of server-sent events), undefined for other
   * messages; `bytes` is the length of the text in UTF-8.
   */
  send(text: string, position: RunPosition | undefined, bytes: number): void
  /** Bytes that were sent and have not left the process. */
  readonly bufferedAmount: number
  /** Where the client is, as limits count it. Personal data: it is told to `observe` only. */
  readonly address?: string | undefined
  /** Closes in good order. Codes of RFC 6455, 4000 to 4999 are ours. */
  close(code: number, reason: string): void
  /** Closes at once, for a peer that does not answer. */
  terminate?(): void
  /** Holds back what is sent until uncork(), so that the texts of one tick leave in one write. The two take turns. */
  cork?(): void
  uncork?(): void
}
