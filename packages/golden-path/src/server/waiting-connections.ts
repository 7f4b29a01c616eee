/**
 * How many connections of one address may wait for their client at once: without a request, or with half of one. They
 * cost a client nothing, and a process has only so many file descriptors.
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Server as SecureServer } from 'node:https'
import type { Socket } from 'node:net'
import { toCounted } from './address-reader.ts'

/** `answering`: requests that have arrived whole and are not answered yet. */
type Waiting = { readonly socket: Socket; readonly key: string; readonly address: string; answering: number }

/** By server, so that who handles an upgrade needs to know nothing else. */
const leavers = new WeakMap<object, (request: IncomingMessage) => void>()

/**
 * Ends each new connection of an address that has as many that wait. Requests under way and upgraded connections do not
 * count, and neither does what has no address: a connection to a Unix socket.
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
  const accepted = new WeakMap<Socket, Waiting>()
  const end = (waiting: Waiting): void => {
    if (connections.get(waiting.key) !== waiting) return
    connections.delete(waiting.key)
    if (waiting.answering === 0) count(waiting.address, -1)
  }
  // One function for all sockets, and taken off an upgraded one: most of those idle, and each byte of them counts.
  const onClose = function (this: Socket): void {
    const waiting = accepted.get(this)
    if (waiting !== undefined) end(waiting)
  }
  server.on('connection', (socket: Socket) => {
    // A Unix socket has no address: all that connect would be one address, and have one key. A connection that has
    // ended has none either.
    if (socket.remoteAddress === undefined) return
    const address = toCounted(socket.remoteAddress)
    if ((counts.get(address) ?? 0) >= perAddress) return void socket.destroy()
    const key = toKey(socket)
    const waiting: Waiting = { socket, key, address, answering: 0 }
    count(address, 1)
    connections.set(key, waiting)
    accepted.set(socket, waiting)
    socket.on('close', onClose)
  })
  // Over TLS the socket of a request is another one.
  const find = (socket: Socket): Waiting | undefined => connections.get(accepted.get(socket)?.key ?? toKey(socket))
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const waiting = find(request.socket)
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
      if (isAnswering && --waiting.answering === 0 && connections.get(waiting.key) === waiting)
        count(waiting.address, 1)
      isAnswering = true
    })
  })
  leavers.set(server, (request) => {
    const waiting = find(request.socket)
    if (waiting === undefined) return
    end(waiting)
    accepted.delete(waiting.socket)
    waiting.socket.off('close', onClose)
  })
}

/**
 * Counts the connection of an upgrade no longer. Called by who handles it: a listener of ours would make Node take
 * upgrades for handled in a server that handles none.
 */
export const leaveWaiting = (request: IncomingMessage): void => {
  const { server } = request.socket as { readonly server?: object }
  if (server !== undefined) leavers.get(server)?.(request)
}

function toKey({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`
}
