import { headers } from 'next/headers'
import { redirect } from 'next/navigation'
import { identityProvider, liveSessions, type LiveSessions } from 'user-execution-context'
import { userContext } from '@user-execution-context/http/next'

// Yours: jwtIdentity() with your issuer, or the session of your sign-in.
export const tokens = new Map([
  ['token-of-ada', { userId: 'ada', sessionId: 's-1' }],
  ['token-of-bob', { userId: 'bob', sessionId: 's-2' }],
])
// Next.js runs this file once for route handlers and once for pages: a sign-out must reach both.
const shared = globalThis as { sessions?: LiveSessions }
export const sessions = (shared.sessions ??= liveSessions({ maxProofMs: 3_600_000 }))

const verify = (token: string) => {
  const user = tokens.get(token)
  return user && { ...user, expiresAtMs: Date.now() + 3_600_000 }
}
const identity = identityProvider({ name: 'tokens', sessions, verify })
export const users = userContext(identity, { headers, onRefused: () => redirect('/sign-in') })
