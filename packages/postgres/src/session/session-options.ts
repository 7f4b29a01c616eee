/**
 * What withUserSession() takes beside the context, and the check of it.
 */
import { ContextError, findUnknownKeys, type Issue } from 'user-execution-context'

/** A connection of a pool, as the driver `pg` has it. */
export type SessionClient = {
  readonly query: (submittable: never) => unknown
  readonly on: (event: 'notice', listener: (notice: { readonly code?: string | undefined }) => void) => unknown
  readonly off: (event: 'notice', listener: (notice: { readonly code?: string | undefined }) => void) => unknown
  readonly release: (destroy?: boolean) => void
}

/** A pool of the driver `pg`, version 8, without its option `pipeline`. */
export type SessionPool = { readonly connect: () => Promise<SessionClient> }

/** Options of withUserSession(). */
export type SessionOptions = {
  /** How long the session may take, the wait for a connection included: 1 to 3,600,000 milliseconds. Default 30,000. */
  readonly timeoutMs?: number | undefined
  /** Default: what the connection has, which is `'read committed'` for those of openPostgres(). */
  readonly isolation?: 'read committed' | 'repeatable read' | 'serializable' | undefined
  /** Refuses every change in the database itself. Default false. */
  readonly readOnly?: boolean | undefined
  /**
   * Ends the session when it aborts: the signal of a scope, so that a run which was cancelled keeps no connection. Once
   * the callback has ended, it changes nothing any more. Default none.
   */
  readonly signal?: AbortSignal | undefined
}

/** The options, complete. */
export type ParsedSessionOptions = {
  readonly timeoutMs: number
  /** The statement that begins the transaction. */
  readonly begin: string
  /** Whether all statements see the database as it was at the first of them. */
  readonly isStrict: boolean
  readonly signal: AbortSignal | undefined
}

const levels: readonly unknown[] = [undefined, 'read committed', 'repeatable read', 'serializable']
const keys: readonly string[] = ['timeoutMs', 'isolation', 'readOnly', 'signal']

/** The options, complete, each read once. @throws {ContextError} `ERR_CONTEXT_INVALID_OPTIONS`. */
export const parseSessionOptions = (pool: SessionPool, run: unknown, options: SessionOptions): ParsedSessionOptions => {
  const own: Partial<Record<string, unknown>> = Object.assign(Object.create(null), options)
  const { timeoutMs = 30_000, isolation, readOnly = false, signal } = own
  const issues: Issue[] = []
  if (typeof pool?.connect !== 'function') issues.push({ path: 'pool', kind: 'does not fit' })
  if (typeof run !== 'function') issues.push({ path: 'run', kind: 'not a function' })
  if (typeof timeoutMs !== 'number' || Number.isNaN(timeoutMs)) issues.push({ path: 'timeoutMs', kind: 'not a number' })
  else if (timeoutMs < 1) issues.push({ path: 'timeoutMs', kind: 'too small' })
  else if (timeoutMs > 3_600_000) issues.push({ path: 'timeoutMs', kind: 'too large' })
  if (!levels.includes(isolation)) issues.push({ path: 'isolation', kind: 'does not fit' })
  if (typeof readOnly !== 'boolean') issues.push({ path: 'readOnly', kind: 'not a boolean' })
  if (signal !== undefined && !isAbortSignal(signal)) issues.push({ path: 'signal', kind: 'not an abort signal' })
  issues.push(...findUnknownKeys(own, keys))
  if (issues.length > 0) throw new ContextError('ERR_CONTEXT_INVALID_OPTIONS', { issues })
  const level = isolation === undefined ? '' : ` ISOLATION LEVEL ${(isolation as string).toUpperCase()}`
  const begin = `BEGIN${level}${readOnly ? ' READ ONLY' : ''}`
  const isStrict = isolation === 'repeatable read' || isolation === 'serializable'
  return { timeoutMs: timeoutMs as number, begin, isStrict, signal: signal as AbortSignal | undefined }
}

/** By its shape: Jest runs tests in a realm whose AbortSignal is another class. */
function isAbortSignal(value: unknown): boolean {
  const { aborted, addEventListener } = (value ?? {}) as Partial<AbortSignal>
  return typeof aborted === 'boolean' && typeof addEventListener === 'function'
}
