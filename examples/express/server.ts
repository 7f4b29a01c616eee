// Express: a context for each request. Everyone has notes of their own, and a long report stops with its request.
import { setTimeout as pause } from 'node:timers/promises'
import express from 'express'
import { identityProvider, liveSessions, toOwnerKey } from 'user-execution-context'
import { answerContextErrors, userContext } from '@user-execution-context/http/express'

// Yours: jwtIdentity() with your issuer. Here a table, so that the program needs no issuer.
export const tokens = new Map([
  ['token-of-ada', { userId: 'ada', sessionId: 's-1', expiresAtMs: Date.now() + 3_600_000 }],
  ['token-of-bob', { userId: 'bob', sessionId: 's-2', expiresAtMs: Date.now() + 3_600_000 }],
])
export const sessions = liveSessions({ maxProofMs: 3_600_000 })
const identity = identityProvider({ name: 'tokens', sessions, verify: (token: string) => tokens.get(token) })

const users = userContext(identity)
const notes = new Map<string, string[]>()
export const reports = new Set<string>()

const app = express()
app.use(users, express.json())
app.post(
  '/notes',
  users.handler((request, response, { context }) => {
    const own = notes.get(toOwnerKey(context)) ?? []
    notes.set(toOwnerKey(context), [...own, String(request.body.text)])
    response.json({ user: context.userId, notes: notes.get(toOwnerKey(context)) })
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
app.use(answerContextErrors())
export const server = app.listen(Number(process.env.PORT ?? 3000), '127.0.0.1')
