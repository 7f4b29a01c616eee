/**
 * What a verified user and all contexts of theirs have in common and do not print: one frozen object for all of them.
 */
import type { SessionId, UserId } from '../facts/ids.ts'
import type { Cell } from './live-cell.ts'
import type { LivenessRegistry } from './liveness-registry.ts'

/** Who was verified. Personal data: never an own enumerable property of anything. */
export type Proof = {
  /** Whose subjects the user id is one of. */
  readonly namespace: string
  readonly userId: UserId
  readonly sessionId: SessionId | undefined
  /** Whether the proof still holds. */
  readonly cell: Cell
  /** Where it is filed. */
  readonly registry: LivenessRegistry | undefined
  readonly issuedAtMs: number | undefined
  /** The same, and never later than when it was verified: what a hop takes along. */
  readonly provenAtMs: number
}
