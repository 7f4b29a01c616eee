// Every pair of adapters that Nest has: Express or Fastify below, ws or Socket.IO on top.
import type { Type } from '@nestjs/common'
import { FastifyAdapter } from '@nestjs/platform-fastify'
import { IoAdapter } from '@nestjs/platform-socket.io'
import { WsAdapter } from '@nestjs/platform-ws'
import { create } from './app'
import { connectSocketIo, connectWs } from './live-client'

const servers = { Express: () => undefined, Fastify: () => new FastifyAdapter() }
const sockets = {
  'ws': { Adapter: WsAdapter, connect: connectWs, refusal: 4401 },
  'Socket.IO': { Adapter: IoAdapter, connect: connectSocketIo, refusal: 'io server disconnect' },
}

export const transports = Object.entries(servers).flatMap(([server, toAdapter]) =>
  Object.entries(sockets).map(([socket, { Adapter, connect, refusal }]) => ({
    name: `${server} and ${socket}`,
    connect,
    refusal,
    create: async (module: Type) => {
      const app = await create(module, toAdapter())
      return app.useWebSocketAdapter(new Adapter(app))
    },
  })),
)
