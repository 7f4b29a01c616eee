/**
 * How the state of a request is sealed and used up.
 */
import { findUnknownKeys, type Issue } from 'user-execution-context'
import type { Opener, ReplayMemory, Sealer } from '@user-execution-context/transfer'

/** How the state of a request that needs input is sealed. */
export type StateOptions = {
  /** Of sealingKeys(). All processes of this server share the ring. */
  readonly sealer: Sealer
  readonly opener: Opener
  /**
   * What remembers which state was used: in a database, for processes that share the ring. With a memory for each, a
   * state would open once in each of them. inProcessReplayMemory() says that there is one process.
   */
  readonly replay: ReplayMemory
  /** How long an answer may take, milliseconds, up to 400 days. Default 600,000 (10 minutes). */
  readonly ttlMs?: number | undefined
}

const known = ['sealer', 'opener', 'replay', 'ttlMs']
/** As long as sealContext() seals for. */
const maxTtlMs = 400 * 86_400_000

/** What is wrong with options that were given. */
export const findStateIssues = (state: Partial<StateOptions> | undefined): readonly Issue[] => {
  const issues = findUnknownKeys(state, known, 'state')
  if (typeof state !== 'object' || state === null) return issues
  const { sealer, opener, replay, ttlMs } = state
  if (sealer === undefined) issues.push({ path: 'state.sealer', kind: 'missing' })
  if (opener === undefined) issues.push({ path: 'state.opener', kind: 'missing' })
  if (replay === undefined) issues.push({ path: 'state.replay', kind: 'missing' })
  else if (typeof replay?.claim !== 'function' || typeof replay.complete !== 'function')
    issues.push({ path: 'state.replay', kind: 'does not fit' })
  if (ttlMs === undefined) return issues
  if (typeof ttlMs !== 'number') issues.push({ path: 'state.ttlMs', kind: 'not a number' })
  else if (!(ttlMs >= 1)) issues.push({ path: 'state.ttlMs', kind: 'too small' })
  else if (ttlMs > maxTtlMs) issues.push({ path: 'state.ttlMs', kind: 'too large' })
  return issues
}

/** What to do about a ring without a memory; undefined for any other fault. */
export const findStateFix = (issues: readonly Issue[]): string | undefined =>
  issues.some(({ path }) => path === 'state.replay')
    ? 'Give state a replay memory: in a database for several processes, inProcessReplayMemory() of ' +
      '@user-execution-context/transfer for one.'
    : undefined
