// Fastify, its user kept by @fastify/request-context. For tests only.
import { fastifyRequestContext, requestContext } from '@fastify/request-context'
import Fastify from 'fastify'
import type { Server } from 'node:http'
import type { RequestIdentity } from '@user-execution-context/http'
import { check } from './check.ts'

declare module '@fastify/request-context' {
  interface RequestContextData {
    userId: string
  }
}

export const open = async (identity: RequestIdentity): Promise<Server> => {
  const app = Fastify()
  await app.register(fastifyRequestContext)
  app.addHook('onRequest', async ({ headers }) => {
    const { userId } = await check(identity, headers.authorization)
    requestContext.set('userId', userId)
  })
  app.get('/', () => requestContext.get('userId'))
  await app.listen({ port: 0, host: '127.0.0.1' })
  return app.server
}
