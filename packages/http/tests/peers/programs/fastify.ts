// Fastify, its user kept by us. For tests only.
import Fastify from 'fastify'
import type { Server } from 'node:http'
import { contextOf, userContext } from '@user-execution-context/http/fastify'
import type { RequestIdentity } from '@user-execution-context/http'

export const open = async (identity: RequestIdentity): Promise<Server> => {
  const app = Fastify()
  await app.register(userContext(identity))
  app.get('/', (request) => contextOf(request).userId)
  await app.listen({ port: 0, host: '127.0.0.1' })
  return app.server
}
