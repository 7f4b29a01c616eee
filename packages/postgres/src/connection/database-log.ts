/**
 * What a process writes to its log of its database: lines of the same form as those of the server of the golden path.
 */
import { assertFits, callable } from '../options/parse-options.ts'
import { findShard } from '../shards/shard-errors.ts'

/** A line. No address, statement or value, and no name but that of a shard. May be logged. */
export type DatabaseLogRecord = {
  /**
   * - `wakes-heard`: this process hears of what other processes do, at its start and again after a cut.
   * - `wakes-lost`: the connection that hears is gone, or could not be made. Until it is back, the process polls.
   * - `wakes-deaf`: it is there and hears nothing, as behind a pooler. The process polls. `advice` says what to do.
   * - `database-connection-lost`: a connection broke while nobody used it. The pool makes a new one.
   * - `database-failed`: what nobody waits for has failed, such as a claim or a round of trimming. It is tried again.
   */
  readonly event: 'wakes-heard' | 'wakes-lost' | 'wakes-deaf' | 'database-connection-lost' | 'database-failed'
  readonly level: 'info' | 'warn' | 'error'
  /** The name of the shard that it is of, of several: the one that it was configured with. */
  readonly shard?: string
  /** The name of an error. */
  readonly error?: string
  /** Its code: of PostgreSQL (appendix A of its manual), of Node, or of this library. */
  readonly code?: string
  /** A sentence for the person who runs the process. */
  readonly advice?: string
}

/** Options of openPostgres(), openWakeChannel(), postgresEventLog() and postgresRunQueue() that write to a log. */
export type DatabaseLog = {
  readonly onConnectionError: (error: Error) => void
  readonly onState: (isHeard: boolean, why?: 'lost' | 'deaf') => void
  readonly onWakeState: (shard: string, isHeard: boolean, why?: 'lost' | 'deaf') => void
  readonly onError: (error: unknown) => void
}

const advice =
  'LISTEN hears nothing, as behind a pooler: connections.listen has to name the server itself. Until then it is polled.'

/**
 * Makes the listeners that write to a log.
 *
 * @param log - Gets each line. What it throws is dropped by what it tells of.
 * @throws {ContextError} `ERR_CONTEXT_INVALID_OPTIONS` for what is no function.
 * @example
 * ```ts
 * import { databaseLog, openPostgres, openWakeChannel } from '@user-execution-context/postgres'
 *
 * export const open = async (serviceUrl: string) => {
 *   const { onConnectionError, onState } = databaseLog((line) => console.error(JSON.stringify(line)))
 *   const postgres = await openPostgres({ connections: { service: serviceUrl }, onConnectionError })
 *   return { postgres, wakes: openWakeChannel({ pool: postgres.service, listen: postgres.listen, onState }) }
 * }
 * ```
 */
export const databaseLog = (log: (record: DatabaseLogRecord) => void): DatabaseLog => {
  assertFits(log, 'log', callable)
  const sayState = (isHeard: boolean, why: 'lost' | 'deaf' | undefined, of: Pick<DatabaseLogRecord, 'shard'>): void => {
    if (isHeard) log({ event: 'wakes-heard', level: 'info', ...of })
    else if (why === 'deaf') log({ event: 'wakes-deaf', level: 'warn', advice, ...of })
    else log({ event: 'wakes-lost', level: 'warn', ...of })
  }
  return Object.freeze({
    onConnectionError: (error) => log({ event: 'database-connection-lost', level: 'warn', ...toFields(error) }),
    onState: (isHeard, why) => sayState(isHeard, why, {}),
    onWakeState: (shard, isHeard, why) => sayState(isHeard, why, { shard }),
    onError: (error) => log({ event: 'database-failed', level: 'error', ...toFields(error) }),
  } satisfies DatabaseLog)
}

// The message of a driver may quote values, and names of hosts and roles.
function toFields(error: unknown): Pick<DatabaseLogRecord, 'shard' | 'error' | 'code'> {
  if (!(error instanceof Error)) return { error: typeof error }
  const { name, code } = error as Error & { readonly code?: unknown }
  const shard = findShard(error)
  return {
    ...(shard !== undefined && { shard }),
    error: /^[A-Za-z_$][\w$]{0,63}$/.test(name) ? name : 'Error',
    ...(typeof code === 'string' && /^[A-Z0-9][A-Z0-9_]{1,63}$/.test(code) && { code }),
  }
}
