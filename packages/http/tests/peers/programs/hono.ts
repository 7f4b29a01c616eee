// Hono, its user kept by us. For tests only.
import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import type { Server } from 'node:http'
import { contextOf, userContext } from '@user-execution-context/http/hono'
import type { RequestIdentity } from '@user-execution-context/http'

export const open = async (identity: RequestIdentity): Promise<Server> => {
  const app = new Hono()
  app.use(userContext(identity))
  app.get('/', (c) => c.text(contextOf(c).userId))
  return serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }) as Server
}
