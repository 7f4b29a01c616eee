/**
 * How the state of a request is sealed and used up.
 */
import type { Opener, ReplayMemory, Sealer } from '@user-execution-context/transfer'

/** How the state of a request that needs input is sealed. */
export type StateOptions = {
  /** Of sealingKeys(). All processes of this server share the ring. */
  readonly sealer: Sealer
  readonly opener: Opener
  /** How long an answer may take, milliseconds, up to 400 days. Default 600,000 (10 minutes). */
  readonly ttlMs?: number | undefined
  /**
   * What remembers which state was used. Default: a memory of this process; several processes need one in a database.
   */
  readonly replay?: ReplayMemory | undefined
}
