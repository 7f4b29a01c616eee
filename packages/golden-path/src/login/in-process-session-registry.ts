/**
 * The session registry of one process: revocations in memory, forgotten when the process ends.
 */
import { callListener } from '../phases/call-listener.ts'
import type { SessionRegistry } from './session-registry.ts'

/**
 * Keeps revocations in the memory of this process. A session that was signed out is accepted again after a restart,
 * until its token ends: use fileSessionRegistry() where that matters.
 *
 * @param revoked - Sessions that are revoked already, with the time in milliseconds until which each counts.
 * @example
 * ```ts
 * import { inProcessSessionRegistry } from '@user-execution-context/golden-path/login'
 *
 * const sessions = inProcessSessionRegistry()
 * await sessions.revoke('session-1', Date.now() + 900_000)
 * export const isRevoked = await sessions.isRevoked('session-1') // => true
 * ```
 */
export const inProcessSessionRegistry = (revoked: Map<string, number> = new Map()): SessionRegistry => {
  const watchers = new Set<(sessionId: string) => void>()
  return Object.freeze({
    isRevoked: async (sessionId: string) => revoked.has(sessionId),
    revoke: async (sessionId: string, untilMs: number) => {
      const nowMs = Date.now()
      for (const [known, knownUntilMs] of revoked) if (knownUntilMs <= nowMs) revoked.delete(known)
      revoked.set(sessionId, Math.max(untilMs, revoked.get(sessionId) ?? 0))
      // A watcher that throws must not keep the others from hearing of the revocation.
      for (const onRevoked of [...watchers])
        callListener(
          () => onRevoked(sessionId),
          () => {},
        )
    },
    watch: (onRevoked: (sessionId: string) => void) => {
      const own = (sessionId: string): void => onRevoked(sessionId)
      watchers.add(own)
      return () => void watchers.delete(own)
    },
  })
}
