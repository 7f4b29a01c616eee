/**
 * What openPostgres() takes and gives for several databases.
 */
import type { PostgresConnections } from '../connection/connection-target.ts'
import type { Postgres, PostgresOptions } from '../connection/open-database.ts'
import type { SessionPool } from '../session/session-options.ts'
import type { WakeChannel } from '../wakes/wake-channel.ts'

/** Options of openPostgres() for several databases. */
export type PostgresShardsOptions = Omit<PostgresOptions, 'connections'> & {
  /** All databases by name: 1 to 63 lower-case letters, digits, `_` and `-`. A name never changes its database. */
  readonly shards: Readonly<Record<string, PostgresConnections>>
  /** How long a call waits for an owner who is being moved, milliseconds, 0 to 3,600,000. Default 5,000. */
  readonly moveWaitMs?: number | undefined
  /** How often the shards are asked who has been moved, without a wake, 1 to 86,400,000 ms. Default 2,000. */
  readonly pollMs?: number | undefined
  /** Told when a shard cannot be heard, and when it can again. Default: nobody is told. */
  readonly onWakeState?: ((shard: string, isHeard: boolean, why?: 'lost' | 'deaf') => void) | undefined
}

/** One database of several. */
export type Shard = {
  readonly name: string
  /** Its pools. Close them by `close` of all shards. */
  readonly postgres: Postgres
  readonly wakes: WakeChannel
}

/** Who hears of an owner that was moved: since when nothing was heard of moves, by the clock of this process. */
export type MoveListener = (ownerKey: string, heardUntilMs: number) => void

/** The databases of a process. Every owner is at home in one. Nothing of it may be logged. */
export type PostgresShards = {
  readonly all: readonly Shard[]
  /** Where what has no owner is: users by name, failed sign-ins, tickets, texts that open once, revocations. */
  readonly home: Shard
  /** Where an owner is at home. An owner whom no shard knows is placed. */
  readonly of: (ownerKey: string) => Promise<Shard>
  /**
   * Calls a function with the shard of an owner, and again when they were moved in between. It must begin with a
   * transaction of that owner, which a shard refuses where the owner is not at home.
   *
   * @throws {ContextError} `ERR_CONTEXT_OWNER_MOVING`. What the function throws else is thrown unchanged.
   */
  readonly route: <Result>(ownerKey: string, act: (shard: Shard) => Promise<Result>) => Promise<Result>
  /** What withUserSession() takes as its pool, for this owner. */
  readonly poolOf: (ownerKey: string) => SessionPool
  /** Calls a listener with each owner who was moved. */
  readonly onMove: (listener: MoveListener) => () => void
  /** Closes all pools and wakes. Calling it again gives the same promise. */
  readonly close: () => Promise<void>
}
