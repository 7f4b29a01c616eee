// Express: a context for each request. A list is its user's, and a long report stops with its request.
import { setTimeout as pause } from 'node:timers/promises'
import express from 'express'
import { identityProvider, liveSessions, own } from 'user-execution-context'
import { answerContextErrors, userContext } from '@user-execution-context/http/express'

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
const app = express().use(users, express.json())
app.post(
  '/notes/:list',
  users.handler<{ list: string }>((request, response, { context }) => {
    const { params, body: { text } = {} } = request
    if (typeof text !== 'string') return response.status(400).json({ message: 'Send JSON: { "text": "…" }' })
    const notes = own(context, lists.get(params.list) ?? [])
    notes.push(text)
    lists.set(params.list, notes)
    return response.json({ user: context.userId, notes })
  }),
)
app.get(
  '/report',
  users.handler(async (_request, response, scope) => {
    reports.add(scope.context.requestId)
    scope.defer(() => reports.delete(scope.context.requestId))
    await pause(60_000, undefined, { signal: scope.signal })
    response.json({ user: scope.context.userId })
  }),
)
app.use(answerContextErrors({ log: console.error, others: true }))
export const server = app.listen(Number(process.env.PORT ?? 3000), '127.0.0.1')
server.on('listening', () => console.log('Listens on', server.address()))
