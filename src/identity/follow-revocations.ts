/**
 * How a registry hears of the revocations of other processes, and how long it believes that it does.
 */
import { ContextError } from '../errors/context-error.ts'
import { latenessMs } from './end-timer.ts'
import type { Lease } from './proof.ts'
import { isTombstone, type RevocationStore } from './live-options.ts'
import type { Tombstone } from './tombstones.ts'

/** Follows a store that has a feed. Nothing is known before it was heard for the first time. */
export const followRevocations = (
  store: RevocationStore,
  staleAfterMs: number,
  end: (tombstone: Tombstone) => void,
): { readonly lease: Lease; readonly stop: () => void } => {
  // Monotonic: a clock that is set back must not make an old word of the feed look new.
  let heardAtMs = -Infinity
  const isOverdue = (): boolean => performance.now() - heardAtMs > staleAfterMs
  const lease = { isUnknown: true, isOverdue }
  const timer = setInterval(() => (lease.isUnknown ||= isOverdue()), latenessMs)
  ;(timer as { unref?: () => void }).unref?.()
  // A look at the store that was under way at the end must not bring back what was closed.
  let isStopped = false
  const unfollow = store.follow!({
    revoked: (tombstone) => {
      if (isStopped) return
      if (!isTombstone(tombstone))
        throw new ContextError('ERR_CONTEXT_INVALID_OPTIONS', { issues: [{ path: 'tombstone', kind: 'does not fit' }] })
      end(tombstone)
    },
    heard: () => {
      if (isStopped) return
      heardAtMs = performance.now()
      lease.isUnknown = false
    },
  })
  return {
    lease,
    stop: () => {
      isStopped = true
      clearInterval(timer)
      unfollow()
    },
  }
}
