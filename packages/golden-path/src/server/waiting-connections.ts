/**
 * How many connections of one address may wait for their client at once: without a request, or with half of one. They
 * cost a client nothing, and a process has only so many file descriptors.
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Server as SecureServer } from 'node:https'
import type { Socket } from 'node:net'
import { toCounted } from './address-reader.ts'

/** `answering`: requests that have arrived whole and are not answered yet. */
type Waiting = { readonly address: string; answering: number; isOver: boolean }

/**
 * Ends each new connection of an address that has as many that wait. Requests under way and upgraded connections do not
 * count.
 */
export const limitWaitingConnections = (server: Server | SecureServer, perAddress: number): void => {
  const counts = new Map<string, number>()
  /** By the client's end of the connection: over TLS the socket of a request is not the one that was accepted. */
  const connections = new Map<string, Waiting>()
  const count = (address: string, by: 1 | -1): void => {
    const next = (counts.get(address) ?? 0) + by
    if (next === 0) counts.delete(address)
    else counts.set(address, next)
  }
  const end = (waiting: Waiting): void => {
    if (!waiting.isOver && waiting.answering === 0) count(waiting.address, -1)
    waiting.isOver = true
  }
  server.on('connection', (socket: Socket) => {
    const address = toCounted(socket.remoteAddress ?? 'unknown')
    if ((counts.get(address) ?? 0) >= perAddress) return void socket.destroy()
    const key = toKey(socket)
    const waiting: Waiting = { address, answering: 0, isOver: false }
    count(address, 1)
    connections.set(key, waiting)
    socket.once('close', () => {
      end(waiting)
      if (connections.get(key) === waiting) connections.delete(key)
    })
  })
  // Before the listeners of an app: they may answer at once.
  server.prependListener('request', (request: IncomingMessage, response: ServerResponse) => {
    const waiting = connections.get(toKey(request.socket))
    if (waiting === undefined) return
    let isAnswering = false
    const arrive = (): void => {
      if (isAnswering) return
      isAnswering = true
      if (waiting.answering++ === 0) count(waiting.address, -1)
    }
    // Node has read the end of a request without a body when this turn is over.
    process.nextTick(() => {
      if (request.complete) arrive()
      else request.once('end', arrive)
    })
    response.once('close', () => {
      if (isAnswering && --waiting.answering === 0 && !waiting.isOver) count(waiting.address, 1)
      isAnswering = true
    })
  })
  server.prependListener('upgrade', (request: IncomingMessage) => {
    const waiting = connections.get(toKey(request.socket))
    if (waiting !== undefined) end(waiting)
  })
}

function toKey({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`
}
