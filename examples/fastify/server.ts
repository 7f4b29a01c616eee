// Fastify: a context for each request. A list is its user's, and a long report stops with its request.
import { setTimeout as pause } from 'node:timers/promises'
import Fastify from 'fastify'
import { identityProvider, liveSessions, own } from 'user-execution-context'
import { userContext } from '@user-execution-context/http/fastify'

// Yours: jwtIdentity() with your issuer. Here a table, so that the program needs no issuer.
export const tokens = new Map([
  ['token-of-ada', { userId: 'ada', sessionId: 's-1', expiresAtMs: Date.now() + 3_600_000 }],
  ['token-of-bob', { userId: 'bob', sessionId: 's-2', expiresAtMs: Date.now() + 3_600_000 }],
])
export const sessions = liveSessions({ maxProofMs: 3_600_000 })
const identity = identityProvider({ name: 'tokens', sessions, verify: (token: string) => tokens.get(token) })
const users = userContext(identity)
const lists = new Map<string, string[]>()
export const reports = new Set<string>()

const app = Fastify()
app.register(users).after(() => {
  app.post<{ Body: { text: string }; Params: { list: string } }>(
    '/notes/:list',
    { schema: { body: { type: 'object', required: ['text'], properties: { text: { type: 'string' } } } } },
    users.handler((request, _reply, { context }) => {
      const notes = own(context, lists.get(request.params.list) ?? [])
      notes.push(request.body.text)
      lists.set(request.params.list, notes)
      return { user: context.userId, notes }
    }),
  )
  app.get(
    '/report',
    users.handler(async (_request, _reply, scope) => {
      reports.add(scope.context.requestId)
      scope.defer(() => reports.delete(scope.context.requestId))
      return pause(60_000, { user: scope.context.userId }, { signal: scope.signal })
    }),
  )
})
console.log('Listens on', await app.listen({ port: Number(process.env.PORT ?? 3000) }))
export const { server } = app
