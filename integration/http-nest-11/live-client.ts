// A client of a gateway, of ws or of Socket.IO, on a real socket.
import { io } from 'socket.io-client'
import { WebSocket } from 'ws'

export type LiveClient = {
  readonly received: { readonly event: string; readonly data: unknown }[]
  /** The code of ws, or the reason of Socket.IO; undefined while the connection is open. */
  readonly ended: { by: number | string | undefined }
  readonly isOpen: () => boolean
  readonly say: (event: string) => void
  readonly close: () => void
}

export const connectWs = (port: number, token?: string): LiveClient => {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
  const socket = new WebSocket(`ws://127.0.0.1:${port}/live`, { headers })
  const client = {
    received: [] as LiveClient['received'],
    ended: { by: undefined as number | string | undefined },
    isOpen: () => socket.readyState === WebSocket.OPEN,
    say: (event: string) => socket.send(JSON.stringify({ event, data: {} })),
    close: () => socket.terminate(),
  }
  socket.on('message', (data) => client.received.push(JSON.parse(String(data))))
  socket.on('close', (code) => (client.ended.by = code))
  socket.on('error', () => {})
  return client
}

export const connectSocketIo = (port: number, token?: string): LiveClient => {
  const extraHeaders: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` }
  const socket = io(`http://127.0.0.1:${port}`, { path: '/live', extraHeaders, reconnection: false, forceNew: true })
  const client = {
    received: [] as LiveClient['received'],
    ended: { by: undefined as number | string | undefined },
    isOpen: () => socket.connected,
    say: (event: string) => void socket.emit(event, {}),
    close: () => void socket.close(),
  }
  socket.onAny((event: string, data: unknown) => client.received.push({ event, data }))
  socket.on('disconnect', (reason) => (client.ended.by = reason))
  return client
}
