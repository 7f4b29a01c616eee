/**
 * Every limit of the golden path, in one table. Nothing else in this directory holds a number of this kind.
 */
import { toIssuePath, type Issue } from 'user-execution-context'
import { invalidOptions, type OptionRules } from './invalid-options.ts'

/** The depth of child contexts that deriveChild() allows. */
const maxDepth = 10

/** The limits and what they are when you say nothing. "User" means user within tenant. */
export const defaultLimits = Object.freeze({
  /** Runs of one user that execute at once. */
  concurrentRunsPerUser: 3,
  /** Runs of all users that execute at once in this process. */
  concurrentRuns: 200,
  /** Runs of one user that wait. */
  queuedRunsPerUser: 100,
  /** Runs of all users that wait. */
  queuedRuns: 10_000,
  /** How long one run may execute, milliseconds. */
  runTimeMs: 300_000,
  /** How long the cleanups of a run may take before its slot is freed without them, milliseconds. */
  cleanupTimeMs: 5_000,
  /** How long an event log that was given may take to answer before it counts as failed, milliseconds. */
  logTimeMs: 5_000,
  /** How deep sub-agents and tools may nest; the core enforces it, so it can only be 10. */
  subAgentDepth: maxDepth,
  /** Characters of the text that starts a run. */
  inputCharacters: 32_768,
  /** Bytes of one event on the wire. */
  eventBytes: 262_144,
  /** Bytes of all events of one run on the wire. */
  outputBytesPerRun: 8_388_608,
  /** Events of one run that stay readable; older ones are trimmed, and a reader is told. */
  loggedEventsPerRun: 20_000,
  /**
   * Bytes of memory of all events that stay readable in this process, and never more than a quarter of its heap limit;
   * the oldest runs that have ended go first.
   */
  loggedBytes: 268_435_456,
  /** Runs of one user that stay readable after they have ended. */
  retainedRunsPerUser: 100,
  /** Runs of all users that stay readable after they have ended. */
  retainedRuns: 2_000,
  /** Idempotency keys of one user that are remembered: at least a day each. Beyond it, starts with one are refused. */
  idempotencyKeysPerUser: 10_000,
  /** Idempotency keys of all users that are remembered in this process. */
  idempotencyKeys: 100_000,
  /** Connections of one user at once in this process. */
  connectionsPerUser: 10,
  /** Connections of one address at once in this process. */
  connectionsPerAddress: 100,
  /**
   * Connections of one address that may wait for their client at once, without a request or with half of one. Not
   * behind trusted proxies, whose addresses all connections have.
   */
  waitingConnectionsPerAddress: 100,
  /** Upgrades of all addresses that are not decided yet. One address can hold `connectionsPerAddress` of them. */
  pendingUpgrades: 1_000,
  /** How long an upgrade may take, and the check of a token that renews its socket, milliseconds. */
  upgradeTimeMs: 5_000,
  /** How long the body of a request may take to arrive, milliseconds. */
  requestTimeMs: 20_000,
  /** How long another handler may take to answer an upgrade for a path that is not ours, milliseconds. */
  foreignUpgradeTimeMs: 30_000,
  /** Time between pings; a peer that misses two is terminated. Milliseconds. */
  heartbeatMs: 25_000,
  /** Bytes of one client message. */
  messageBytes: 65_536,
  /** Fragments of one client message. */
  messageFragments: 64,
  /** Client messages per second on one connection, averaged over a second. */
  messagesPerSecond: 20,
  /**
   * Bytes that wait in this process for one reader; beyond it, text pieces are joined and the rest stays in the log.
   * Answers may take `messageBytes` more before the reader is closed with 1013.
   */
  bufferedBytesPerConnection: 1_048_576,
  /** How long a reader may be behind by more than that again, before it is closed with 1013. Milliseconds. */
  slowReaderMs: 2_000,
  /** How long a reader that is behind may take nothing at all before it is closed with 1013. Milliseconds. */
  stalledReaderMs: 30_000,
})

/** The table: whole numbers, at least 1. */
export type Limits = { readonly [Name in keyof typeof defaultLimits]: number }

/** The rules of limits that depend on another one. */
export const limitRules: OptionRules = {
  'limits.eventBytes': 'At most limits.bufferedBytesPerConnection: a larger event could never be sent.',
}

/**
 * The limits with some of them changed.
 *
 * @throws {ContextError} `ERR_CONTEXT_INVALID_OPTIONS` when a name is unknown or a value is no whole number from 1 up.
 * @example
 * ```ts
 * import { parseLimits } from '@user-execution-context/golden-path'
 *
 * parseLimits({ concurrentRunsPerUser: 2 }).concurrentRunsPerUser // => 2
 * ```
 */
export const parseLimits = (changes: Partial<Limits> = {}): Limits => {
  const issues: Issue[] = []
  for (const [name, value] of Object.entries(changes)) {
    const path = toIssuePath('limits', name)
    if (!Object.hasOwn(defaultLimits, name)) issues.push({ path, kind: 'unknown key' })
    else if (value === undefined) continue
    else if (!Number.isInteger(value)) issues.push({ path, kind: 'not a number' })
    else if (value < 1) issues.push({ path, kind: 'too small' })
    else if (value > (name === 'subAgentDepth' ? maxDepth : 2_147_483_647)) issues.push({ path, kind: 'too large' })
    else if (name === 'subAgentDepth' && value < maxDepth) issues.push({ path, kind: 'too small' })
  }
  const given = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined))
  const limits: Limits = Object.freeze({ ...defaultLimits, ...given })
  // An event that never fits behind another one would keep a slow reader from ever catching up.
  if (
    issues.length === 0 &&
    limits.eventBytes > limits.bufferedBytesPerConnection &&
    changes.eventBytes !== undefined
  ) {
    issues.push({ path: 'limits.eventBytes', kind: 'does not fit' })
  }
  if (issues.length > 0) throw invalidOptions(issues, limitRules)
  return limits
}
