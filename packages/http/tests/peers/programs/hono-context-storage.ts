// Hono, its user kept by hono/context-storage. For tests only.
import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { contextStorage, getContext } from 'hono/context-storage'
import type { Server } from 'node:http'
import type { RequestIdentity } from '@user-execution-context/http'
import { check } from './check.ts'

type Env = { Variables: { userId: string } }

export const open = async (identity: RequestIdentity): Promise<Server> => {
  const app = new Hono<Env>()
  app.use(contextStorage())
  app.use(async (c, next) => {
    const { userId } = await check(identity, c.req.header('authorization'))
    c.set('userId', userId)
    await next()
  })
  app.get('/', (c) => c.text(getContext<Env>().var.userId))
  return serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }) as Server
}
