// A client that has gone before its gateway calls connect(), over real sockets: nobody would close its scope.
import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import { UserContexts, type GatewayClient } from '@user-execution-context/http/nestjs'
import { identityProvider } from 'user-execution-context'
import { expect, test, vi } from 'vitest'
import { Server as SocketIoServer, type Socket as SocketIoSocket } from 'socket.io'
import { io } from 'socket.io-client'
import { WebSocket, WebSocketServer } from 'ws'
import { closeAfterEach } from './two-users.ts'

const portOf = closeAfterEach()
const token = { authorization: 'Bearer ada' }

type Arrived = {
  readonly client: GatewayClient
  readonly request: IncomingMessage | undefined
  readonly leave: () => Promise<void>
}
const kinds: Readonly<Record<string, () => Promise<Arrived>>> = {
  'ws': async () => {
    const server = createServer()
    const webSockets = new WebSocketServer({ server })
    const port = await portOf(server.listen(0, '127.0.0.1'))
    const arrival = once(webSockets, 'connection') as Promise<[WebSocket, IncomingMessage]>
    const peer = new WebSocket(`ws://127.0.0.1:${port}`, { headers: token }).on('error', () => undefined)
    const [client, request] = await arrival
    const leave = async (): Promise<void> => {
      peer.terminate()
      await once(client, 'close')
    }
    return { client: client as unknown as GatewayClient, request, leave }
  },
  'Socket.IO': async () => {
    const server = createServer()
    const sockets = new SocketIoServer(server)
    const port = await portOf(server.listen(0, '127.0.0.1'))
    const arrival = once(sockets, 'connection') as Promise<[SocketIoSocket]>
    const peer = io(`http://127.0.0.1:${port}`, { extraHeaders: token, transports: ['websocket'], reconnection: false })
    const [client] = await arrival
    const leave = async (): Promise<void> => {
      const left = once(client, 'disconnect')
      peer.disconnect()
      await left
    }
    return { client: client as unknown as GatewayClient, request: undefined, leave }
  },
}

test.each(Object.entries(kinds))(
  'connect() verifies and opens nothing for a client of %s that has gone',
  async (_k, arrive) => {
    const verify = vi.fn((userId: string) => ({ userId }))
    const contexts = new UserContexts({ identity: identityProvider({ name: 'counted', verify }) })
    const { client, request, leave } = await arrive()
    await contexts.connect(client, request)
    expect(verify).toHaveBeenCalledTimes(1)
    await leave()
    await contexts.connect(client, request)
    expect(verify).toHaveBeenCalledTimes(1)
  },
)
