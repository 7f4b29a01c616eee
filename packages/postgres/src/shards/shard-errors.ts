/**
 * What is told of shards that do not fit, how a shard says that an owner is not there, and which shard an error is of.
 */
import { ContextError, isContextError } from 'user-execution-context'

/** SQLSTATE of uec.enter() where the owner is not at home, or is on the way. */
export const notHere = 'UE001'
/** SQLSTATE of a new run of an owner who is about to be moved. */
const draining = 'UE002'

const hasState = (error: unknown, state: string): boolean =>
  (error as { readonly code?: unknown } | null)?.code === state

/** Whether an owner was looked for in the wrong shard, or is on the way: nothing was done. */
export const isNotHere = (error: unknown): boolean => hasState(error, notHere)

/** The error that a caller is given. */
export const explainMove = (error: unknown): unknown => {
  if (!hasState(error, draining) && !isNotHere(error)) return error
  const moving = new ContextError('ERR_CONTEXT_OWNER_MOVING', { cause: error as Error })
  const shard = findShard(error)
  return shard === undefined ? moving : nameShard(shard, moving)
}

const shards = new WeakMap<object, string>()
/**
 * What says that a database is not there, is not one of ours, does not take an owner, or ended a session: the operator
 * asks which.
 */
const named: ReadonlySet<string> = new Set([
  ...['ERR_CONTEXT_DATABASE_UNAVAILABLE', 'ERR_CONTEXT_DATABASE_SCHEMA', 'ERR_CONTEXT_OWNER_MOVING'],
  ...['ERR_CONTEXT_DATABASE_COMMIT', 'ERR_CONTEXT_DATABASE_SESSION', 'ERR_CONTEXT_DATABASE_TIMEOUT'],
])

/**
 * The error with the name of the shard that it is of, which its configuration has: never an address or an owner. What
 * was named before keeps that name: of two shards that a call asks, it is the one that failed.
 */
export const nameShard = (shard: string, error: unknown): unknown => {
  if (typeof error !== 'object' || error === null || shards.has(error)) return error
  const explained = isContextError(error) && named.has(error.code) ? withFix(error, `The shard is "${shard}".`) : error
  shards.set(explained, shard)
  return explained
}

/** Waits for what a shard is asked, whose errors name it. */
export const inShard = <Result>(shard: string, asking: Promise<Result>): Promise<Result> =>
  asking.catch((error: unknown) => {
    throw nameShard(shard, error)
  })

/** The name of the shard that an error, or what led to it, is of; undefined where it is of none. */
export const findShard = (error: unknown): string | undefined => {
  if (typeof error !== 'object' || error === null) return undefined
  return shards.get(error) ?? (isContextError(error) ? findShard(error.cause) : undefined)
}

function withFix(error: ContextError, first: string): ContextError {
  const { code, cause, message } = error
  // What happened stands before it, and is the same for all of a code.
  const fix = message.slice(new ContextError(code, { fix: '' }).message.length)
  return new ContextError(code, { fix: `${first} ${fix}`, ...(cause !== undefined && { cause }) })
}

/** The error for shards that do not fit. @param fix - What to do, with names of shards and nothing else. */
export const unfitShards = (fix: string): ContextError => new ContextError('ERR_CONTEXT_DATABASE_SHARDS', { fix })
