/**
 * The client of a gateway, of `ws` or of Socket.IO.
 */
import type { ClientAnswer } from 'user-execution-context'
import type { NodeRequest } from '../request/any-request.ts'

/** What a gateway needs of a client: a WebSocket of `ws`, or a socket of Socket.IO. */
export type GatewayClient = {
  once(event: string, listener: (...parameters: never[]) => void): unknown
  close?(code: number, reason: string): void
  disconnect?(close: boolean): unknown
  send?(...parameters: never[]): unknown
  readonly request?: NodeRequest
  /** Of `ws`: 3 when it has closed. */
  readonly readyState?: unknown
  /** Of Socket.IO. */
  readonly connected?: unknown
}

/** Calls a listener when the client has gone. */
export const onceClosed = (client: GatewayClient, listener: () => void): void => {
  client.once(isSocketIo(client) ? 'disconnect' : 'close', listener)
}

/** Whether a client has gone already: of that, nobody is told any more. */
export const isGone = (client: GatewayClient): boolean =>
  isSocketIo(client) ? client.connected === false : client.readyState === closed

/** Of the WebSocket API. */
const closed = 3

/** Ends the connection, with what the client may be told where its protocol has a place for it. */
export const closeClient = (client: GatewayClient, { closeCode, message }: ClientAnswer): void => {
  if (isSocketIo(client)) client.disconnect?.(true)
  else client.close?.(closeCode, message)
}

/** Tells a client of an error, in the form of Nest: the event `exception`. */
export const tellClient = (client: GatewayClient, data: object): void => {
  if (isSocketIo(client)) (client as unknown as { emit(event: string, data: object): void }).emit('exception', data)
  else client.send?.(JSON.stringify({ event: 'exception', data }) as never)
}

/** The request that a socket of Socket.IO holds. */
export const requestOf = (client: GatewayClient): NodeRequest | undefined =>
  isSocketIo(client) ? client.request : undefined

function isSocketIo(client: GatewayClient): boolean {
  return typeof client.disconnect === 'function'
}
