// Hono: a context for each request. A list is its user's, and a long report stops with its request.
import { setTimeout as pause } from 'node:timers/promises'
import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { validator } from 'hono/validator'
import { identityProvider, liveSessions, own } from 'user-execution-context'
import { scopeOf, userContext } from '@user-execution-context/http/hono'

// Yours: jwtIdentity() with your issuer. Here a table, so that the program needs no issuer.
export const tokens = new Map([
  ['token-of-ada', { userId: 'ada', sessionId: 's-1', expiresAtMs: Date.now() + 3_600_000 }],
  ['token-of-bob', { userId: 'bob', sessionId: 's-2', expiresAtMs: Date.now() + 3_600_000 }],
])
export const sessions = liveSessions({ maxProofMs: 3_600_000 })
const identity = identityProvider({ name: 'tokens', sessions, verify: (token: string) => tokens.get(token) })

const noteBody = validator('json', (body, c) =>
  typeof body?.text === 'string' ? { text: String(body.text) } : c.json({ message: 'Send JSON: { "text": "…" }' }, 400),
)
const lists = new Map<string, string[]>()
export const reports = new Set<string>()

const app = new Hono()
  .use(userContext(identity))
  .post('/notes/:list', noteBody, (c) => {
    const notes = own(c.var.userContext, lists.get(c.req.param('list')) ?? [])
    notes.push(c.req.valid('json').text)
    lists.set(c.req.param('list'), notes)
    return c.json({ user: c.var.userContext.userId, notes })
  })
  .get('/report', async (c) => {
    const scope = scopeOf(c)
    reports.add(scope.context.requestId)
    scope.defer(() => reports.delete(scope.context.requestId))
    return c.json(await pause(60_000, { user: scope.context.userId }, { signal: scope.signal }))
  })
const port = Number(process.env.PORT ?? 3000)
export const server = serve({ fetch: app.fetch, port, hostname: '127.0.0.1' })
console.log(`Listens on http://127.0.0.1:${port}`)
