// The users of the guides, and 40 calls of two of them at once.
import { createForUser, identityProvider, liveSessions } from 'user-execution-context'

export const sessions = liveSessions({ maxProofMs: 3_600_000 })
const verify = (userId) =>
  ['patient-ada', 'patient-bob'].includes(userId)
    ? { userId, sessionId: `session-of-${userId}`, expiresAtMs: Date.now() + 3_600_000 }
    : undefined
export const identity = identityProvider({ name: 'tokens', sessions, verify })

export const newContext = async (userId) =>
  createForUser(await identity(userId), { agentContext: { note: 'very-private' } })
export const [ada, bob] = await Promise.all(['patient-ada', 'patient-bob'].map(newContext))
/** What no log, span or stored state may hold. */
export const personal = /patient-|session-of-|very-private/

export const each = (work) => Promise.all(Array.from({ length: 40 }, (_, index) => work([ada, bob][index % 2], index)))

/** Somebody whom no other check signs out. */
export const visitor = async (name, permissions = []) => {
  const signIn = identityProvider({ name: 'visitors', verify: (userId) => ({ userId, permissions }) })
  return createForUser(await signIn(`visitor-${name}`))
}
