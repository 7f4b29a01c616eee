/**
 * What is told of shards that do not fit, and how a shard says that an owner is not there.
 */
import { ContextError } from 'user-execution-context'

/** SQLSTATE of uec.enter() where the owner is not at home, or is on the way. */
export const notHere = 'UE001'
/** SQLSTATE of a new run of an owner who is about to be moved. */
const draining = 'UE002'

const hasState = (error: unknown, state: string): boolean =>
  (error as { readonly code?: unknown } | null)?.code === state

/** Whether an owner was looked for in the wrong shard, or is on the way: nothing was done. */
export const isNotHere = (error: unknown): boolean => hasState(error, notHere)

/** The error that a caller is given. */
export const explainMove = (error: unknown): unknown =>
  hasState(error, draining) || isNotHere(error)
    ? new ContextError('ERR_CONTEXT_OWNER_MOVING', { cause: error as Error })
    : error

/** The error for shards that do not fit. @param fix - What to do, with names of shards and nothing else. */
export const unfitShards = (fix: string): ContextError => new ContextError('ERR_CONTEXT_DATABASE_SHARDS', { fix })
