// Hono: a context for each request. Everyone has notes of their own, and a long report stops with its request.
import { setTimeout as pause } from 'node:timers/promises'
import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { identityProvider, liveSessions, toOwnerKey } from 'user-execution-context'
import { scopeOf, userContext } from '@user-execution-context/http/hono'

// Yours: jwtIdentity() with your issuer. Here a table, so that the program needs no issuer.
export const tokens = new Map([
  ['token-of-ada', { userId: 'ada', sessionId: 's-1', expiresAtMs: Date.now() + 3_600_000 }],
  ['token-of-bob', { userId: 'bob', sessionId: 's-2', expiresAtMs: Date.now() + 3_600_000 }],
])
export const sessions = liveSessions({ maxProofMs: 3_600_000 })
const identity = identityProvider({ name: 'tokens', sessions, verify: (token: string) => tokens.get(token) })

const notes = new Map<string, string[]>()
export const reports = new Set<string>()

const app = new Hono()
  .use(userContext(identity))
  .post('/notes', async (c) => {
    const { text } = await c.req.json<{ text: string }>()
    const owner = toOwnerKey(c.var.userContext)
    notes.set(owner, [...(notes.get(owner) ?? []), String(text)])
    return c.json({ user: c.var.userContext.userId, notes: notes.get(owner) })
  })
  .get('/report', async (c) => {
    const scope = scopeOf(c)
    reports.add(scope.context.requestId)
    scope.defer(() => reports.delete(scope.context.requestId))
    return c.json(await pause(60_000, { user: scope.context.userId }, { signal: scope.signal }))
  })
export const server = serve({ fetch: app.fetch, port: Number(process.env.PORT ?? 3000) })
