/**
 * What a run queue on Postgres is made of.
 */
import type { LiveSessions } from 'user-execution-context'
import type { Limits } from '@user-execution-context/golden-path'
import type { Opener, Sealer } from '@user-execution-context/transfer'
import type { Postgres } from '../connection/open-database.ts'
import type { PostgresEventLog } from '../log/postgres-event-log.ts'
import { callable, count, flag, having, optional, type Checks } from '../options/parse-options.ts'
import { dayMs, everyMs, limitsWith, ring, sessions } from '../options/port-checks.ts'
import type { WakeChannel } from '../wakes/wake-channel.ts'

/** Options of postgresRunQueue(). */
export type PostgresRunQueueOptions = {
  readonly postgres: Postgres
  readonly wakes: WakeChannel
  /** The log of the runs: a claim opens them for writing. */
  readonly eventLog: PostgresEventLog
  readonly limits: Limits
  /** Seals the contexts of jobs, and opens them: from sealingKeys(), the same for all nodes and workers. */
  readonly sealer: Sealer
  readonly opener: Opener
  /** The registry that contexts of jobs are filed in, so that a sign-out ends a run wherever it is. */
  readonly sessions: LiveSessions
  /** Whether this process executes runs. Default true. */
  readonly executes?: boolean | undefined
  /** How long a worker may be silent before its runs go to another one, 1 to 86,400,000 ms. Default 15,000. */
  readonly leaseMs?: number | undefined
  /**
   * How often a worker looks for jobs without a wake, and says that it lives, milliseconds. Where nothing runs it looks
   * a third as often, and where something runs three times a lease at least. 1 to 86,400,000. Default 1,000.
   */
  readonly pollMs?: number | undefined
  /**
   * How many workers may take up one run, 1 to 1,000. A run that ends the process of each has no end of its own: the
   * next worker ends it with `agent_failed` and `ERR_CONTEXT_WORKER_LOST`, resumable or not, without calling the agent.
   * A run that is handed on because its log failed counts, too. Default 5.
   */
  readonly maxAttempts?: number | undefined
  /**
   * How long a run may be filed without being queued before its process counts as lost, milliseconds, 1,000 to
   * 86,400,000. A worker ends it then with `agent_failed` and `ERR_CONTEXT_WORKER_LOST`, within half of this time more.
   * Default 60,000.
   */
  readonly unqueuedMs?: number | undefined
  /** Told of what nobody waits for, such as a claim that failed. Default: nobody is told. */
  readonly onError?: ((error: unknown) => void) | undefined
}

/** A table of the options, without the parts of one database. */
export const queueChecks: Checks<Omit<PostgresRunQueueOptions, 'postgres' | 'wakes' | 'eventLog'>> = {
  limits: limitsWith(
    ...(['concurrentRuns', 'concurrentRunsPerUser', 'queuedRuns', 'queuedRunsPerUser'] as const),
    'idempotencyKeysPerUser',
  ),
  sealer: ring,
  opener: ring,
  sessions,
  executes: optional(flag),
  leaseMs: optional(everyMs),
  pollMs: optional(everyMs),
  maxAttempts: optional(count(1, 1_000)),
  unqueuedMs: optional(count(1_000, dayMs)),
  onError: optional(callable),
}

/** A log whose runs a queue opens. */
export const writtenLog = having({ writerParts: callable, wake: callable, open: callable })

/** What a job's context is sealed for. */
export const jobHop = { audience: 'uec-worker', purpose: 'uec-run' } as const
