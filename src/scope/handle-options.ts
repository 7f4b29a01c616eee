/**
 * What ownedHandles() takes, and the check of it.
 */
import { ContextError } from '../errors/context-error.ts'
import { findUnknownKeys, type Issue } from '../errors/issue.ts'
import { inProcessHandleStore } from './in-process-handle-store.ts'
import type { HandleLimits, HandleStore } from './handle-store.ts'

// Captured before any other code can replace them.
const { assign, create, freeze } = Object

/** Why a handle ended: by its owner, in time, with the identity of its owner, or with the handles of this process. */
export type HandleEndReason = 'released' | 'expired' | 'identity_ended' | 'closed'

/** Options of ownedHandles(). */
export type OwnedHandlesOptions<Value> = {
  /** How long a handle lasts at most, in milliseconds, 1 to 31,622,400,000 (366 days). It is not prolonged by use. */
  readonly ttlMs: number
  /** How many handles one user may have, 1 to 10,000,000. One more is refused. */
  readonly maxPerUser: number
  /** How many there may be of all users, 1 to 10,000,000. One more is refused; nobody's is evicted for it. */
  readonly maxTotal: number
  /**
   * Called once for each handle that ends, with its value: close here what it stands for. release() and close() wait
   * for it and reject with what it throws; at any other end that is reported as an uncaught error. Default nothing.
   */
  readonly onEnd?: ((value: Value, why: HandleEndReason) => void | Promise<void>) | undefined
  /** Where handles rest. Default: the memory of this process, inProcessHandleStore(). */
  readonly store?: HandleStore<Value> | undefined
}

/** The options, complete. */
export type ParsedHandleOptions<Value> = {
  readonly ttlMs: number
  readonly limits: HandleLimits
  readonly onEnd: (value: Value, why: HandleEndReason) => void | Promise<void>
  readonly store: HandleStore<Value>
  /** Whether handles outlive this process. */
  readonly isShared: boolean
}

const keys: readonly string[] = ['ttlMs', 'maxPerUser', 'maxTotal', 'onEnd', 'store']
const functions = ['insert', 'find', 'retie', 'remove', 'takeEnded'] as const
const maxHandles = 10_000_000

/** The options, complete. Each is read once. @throws {ContextError} `ERR_CONTEXT_INVALID_OPTIONS`. */
export const parseHandleOptions = <Value>(options: OwnedHandlesOptions<Value>): ParsedHandleOptions<Value> => {
  // Own properties only: a polluted Object.prototype must not choose a store.
  const own: Partial<OwnedHandlesOptions<Value>> = assign(create(null), options)
  const { ttlMs, maxPerUser, maxTotal, onEnd = () => {}, store } = own
  const issues = findUnknownKeys(own, keys)
  checkCount(ttlMs, 'ttlMs', 366 * 86_400_000, issues)
  checkCount(maxPerUser, 'maxPerUser', maxHandles, issues)
  checkCount(maxTotal, 'maxTotal', maxHandles, issues)
  if (typeof onEnd !== 'function') issues.push({ path: 'onEnd', kind: 'not a function' })
  if (store !== undefined)
    for (const name of functions)
      if (typeof store?.[name] !== 'function') issues.push({ path: `store.${name}`, kind: 'not a function' })
  if (issues.length > 0) throw new ContextError('ERR_CONTEXT_INVALID_OPTIONS', { issues })
  return {
    ttlMs: ttlMs!,
    limits: freeze({ maxPerUser: maxPerUser!, maxTotal: maxTotal! }),
    onEnd,
    store: store ?? inProcessHandleStore<Value>(),
    isShared: store !== undefined,
  }
}

function checkCount(value: unknown, path: string, most: number, issues: Issue[]): void {
  if (typeof value !== 'number') issues.push({ path, kind: value === undefined ? 'missing' : 'not a number' })
  else if (!Number.isInteger(value)) issues.push({ path, kind: 'does not fit' })
  else if (value < 1) issues.push({ path, kind: 'too small' })
  else if (value > most) issues.push({ path, kind: 'too large' })
}
