/**
 * Answers to what never became a request, or is none any more: Node gives no response object for them, and what
 * it writes by itself could be cached.
 */
import { STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { toClientAnswer } from 'user-execution-context'
import { commonHeaders } from './answer.ts'

/** Ends a socket with the answer to an error: code and sentence, as over HTTP. */
export const endWithError = (socket: Duplex, error: unknown): void => {
  const { code, message, httpStatus } = toClientAnswer(error)
  const body = JSON.stringify({ code, message })
  endWith(
    socket,
    httpStatus,
    { 'content-type': 'application/json; charset=utf-8', ...(httpStatus === 401 && { 'www-authenticate': 'Bearer' }) },
    body,
  )
}

const statuses: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
}

/** Ends a socket whose bytes Node could not read as a request: the `clientError` of a server. */
export const endUnreadable = ({ code }: NodeJS.ErrnoException, socket: Duplex): void => {
  // In the middle of another answer a second head would be read as part of it.
  const current = (socket as { readonly _httpMessage?: { readonly headersSent: boolean } | null })._httpMessage
  if (code === 'ECONNRESET' || current?.headersSent === true) socket.destroy()
  else endWith(socket, statuses[code ?? ''] ?? 400, {}, '')
}

function endWith(socket: Duplex, httpStatus: number, headers: Readonly<Record<string, string>>, body: string): void {
  const all = { ...commonHeaders, ...headers, 'connection': 'close', 'content-length': Buffer.byteLength(body) }
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`)
  socket.end([`HTTP/1.1 ${httpStatus} ${STATUS_CODES[httpStatus] ?? ''}`, ...lines, '', body].join('\r\n'))
  // A peer that never closes its side would keep the socket.
  setTimeout(() => socket.destroy(), 1000).unref()
}
