// tRPC: a context for each request. Everyone has notes of their own, and a long report stops with its request.
import { setTimeout as pause } from 'node:timers/promises'
import { initTRPC } from '@trpc/server'
import { createHTTPServer } from '@trpc/server/adapters/standalone'
import { identityProvider, liveSessions, toOwnerKey } from 'user-execution-context'
import { formatContextErrors, userContext, type TrpcRequestContext } from '@user-execution-context/http/trpc'

// Yours: jwtIdentity() with your issuer. Here a table, so that the program needs no issuer.
export const tokens = new Map([
  ['token-of-ada', { userId: 'ada', sessionId: 's-1', expiresAtMs: Date.now() + 3_600_000 }],
  ['token-of-bob', { userId: 'bob', sessionId: 's-2', expiresAtMs: Date.now() + 3_600_000 }],
])
export const sessions = liveSessions({ maxProofMs: 3_600_000 })
const identity = identityProvider({ name: 'tokens', sessions, verify: (token: string) => tokens.get(token) })
const notes = new Map<string, string[]>()
export const reports = new Set<string>()

const t = initTRPC.context<TrpcRequestContext>().create({ errorFormatter: formatContextErrors })
const userProcedure = t.procedure.use(userContext(identity))
const noteInput = (input: unknown): string => {
  const text = (input as { readonly text?: unknown } | null | undefined)?.text
  if (typeof text !== 'string') throw new TypeError('Send JSON: { "text": "…" }')
  return text
}
export const router = t.router({
  notes: userProcedure.input(noteInput).mutation(({ ctx: { userContext }, input }) => {
    const own = [...(notes.get(toOwnerKey(userContext)) ?? []), input]
    notes.set(toOwnerKey(userContext), own)
    return { user: userContext.userId, notes: own }
  }),
  report: userProcedure.query(async ({ ctx: { userContext, userScope } }) => {
    reports.add(userContext.requestId)
    userScope.defer(() => reports.delete(userContext.requestId))
    await pause(60_000, undefined, { signal: userScope.signal })
    return { user: userContext.userId }
  }),
})
export const server = createHTTPServer({ router, createContext: ({ req, res }) => ({ req, res }) })
server.listen(Number(process.env.PORT ?? 3000), '127.0.0.1')
server.on('listening', () => console.log('Listens on', server.address()))
