// Users who are filed in a registry, and how to name them for a revocation.
import type { LiveSessions } from '../../src/context/live-sessions.ts'
import { vouchForUser, type VerifiedUser } from '../../src/identity/verified-user.ts'

export const hour = 3_600_000
const namespace = 'https://id.example.com'
export const vouch = (
  sessions: LiveSessions | undefined,
  userId: string,
  more: { sessionId?: string; expiresAtMs?: number } = {},
): VerifiedUser => vouchForUser(userId, { reason: 'unit test', namespace, sessions, ...more })
export const byUser = (userId: string) => ({ user: { namespace, userId } })
