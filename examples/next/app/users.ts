import { headers } from 'next/headers'
import { redirect } from 'next/navigation'
import { identityProvider, liveSessions, type LiveSessions } from 'user-execution-context'
import { userContext } from '@user-execution-context/http/next'

type Proof = { readonly userId: string; readonly sessionId: string; readonly expiresAtMs: number }
// Next.js runs this file once for route handlers and once for pages: a sign-out must reach both.
const shared = globalThis as { tokens?: Map<string, Proof>; sessions?: LiveSessions }

// Yours: jwtIdentity() with your issuer, or the session of your sign-in.
export const tokens = (shared.tokens ??= new Map([
  ['token-of-ada', { userId: 'ada', sessionId: 's-1', expiresAtMs: Date.now() + 3_600_000 }],
  ['token-of-bob', { userId: 'bob', sessionId: 's-2', expiresAtMs: Date.now() + 3_600_000 }],
]))
export const sessions = (shared.sessions ??= liveSessions({ maxProofMs: 3_600_000 }))
const identity = identityProvider({ name: 'tokens', sessions, verify: (token: string) => tokens.get(token) })

export const users = userContext(identity, { headers, onRefused: () => redirect('/sign-in') })
