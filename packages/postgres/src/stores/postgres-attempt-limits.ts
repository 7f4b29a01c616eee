/**
 * How often somebody may fail to sign in, counted on Postgres: over all nodes.
 */
import { createHash, randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { ContextError, encodeKey } from 'user-execution-context'
import {
  parseAttemptBounds,
  toNameKey,
  type Attempt,
  type AttemptLimitOptions,
  type AttemptLimits,
} from '@user-execution-context/golden-path/login'
import type { Pool } from 'pg'
import { begin, inTransaction } from '../connection/in-transaction.ts'
import { assertFits, count, optional, parseOptions, type Check } from '../options/parse-options.ts'
import { findIssues, pool as poolCheck } from '../options/port-checks.ts'
import { queryDatabase } from '../connection/unreachable.ts'

/** Options of {@link postgresAttemptLimits}. Rows end with their window, so there is no `maxKeys`. */
export type PostgresAttemptLimitsOptions = Omit<AttemptLimitOptions, 'maxKeys'> & {
  /** After how long an attempt that its node never settled gives its place back, milliseconds. Default 60,000. */
  readonly lostAfterMs?: number
}

/** How often an attempt that waits looks whether there is a place, milliseconds. */
const lookMs = 25
/** Attempts of this process that wait for one name at one address. */
const maxWaiting = 100

/** Of a name at an address, of the address, of the name: digests, which are not what they are made of. */
type Keys = { readonly here: Buffer; readonly address: Buffer; readonly everywhere: Buffer }

/**
 * Limits of failed sign-ins on Postgres: guesses at several nodes are counted together.
 *
 * @param pool - `service` of openPostgres().
 * @throws {ContextError} `ERR_CONTEXT_INVALID_OPTIONS` when a bound is no number from 1 up, or a time is longer than a
 *   year.
 * @example
 * ```ts
 * import { postgresAttemptLimits, type Postgres } from '@user-execution-context/postgres'
 *
 * export const openLimits = (postgres: Postgres) => postgresAttemptLimits(postgres.service, { perUser: 5 })
 * ```
 */
export const postgresAttemptLimits = (pool: Pool, options: PostgresAttemptLimitsOptions = {}): AttemptLimits => {
  assertFits(pool, 'pool', poolCheck)
  const own = parseOptions(options, { perUser: bound, perAddress: bound, perUserEverywhere: bound, ...times })
  const { lostAfterMs = 60_000, ...given } = own
  const { windowMs, ...bounds } = parseAttemptBounds(given)
  const waiting = new Map<string, number>()

  const tryBegin = (keys: Keys, attemptId: string): Promise<boolean> =>
    inTransaction(pool, begin, async (client) => {
      // In this order everywhere, so that two never wait for each other.
      const held = [keys.here, keys.address]
      await client.query(lockSql, [held.map((key) => key.toString('hex'))])
      const { rows } = await client.query<{ readonly failures: number; readonly under_way: number }>({
        name: 'uec-count-sign-ins',
        text: countSql,
        values: [[...held, keys.everywhere]],
      })
      const [here, address, everywhere] = rows as [(typeof rows)[0], (typeof rows)[0], (typeof rows)[0]]
      const perUser = bounds.toPerUser(everywhere.failures)
      if (here.failures >= perUser || address.failures >= bounds.perAddress)
        throw new ContextError('ERR_CONTEXT_SIGN_IN_LIMIT')
      const isFull = ({ failures, under_way: underWay }: (typeof rows)[0], limit: number) =>
        failures + underWay >= limit
      if (isFull(here, perUser) || isFull(address, bounds.perAddress)) return false
      await client.query({ name: 'uec-begin-sign-in', text: beginSql, values: [held, attemptId, lostAfterMs / 1_000] })
      return true
    })

  // Counted until it has its place: what asks again waits all the same.
  const waitFor = async (keys: Keys, attemptId: string): Promise<void> => {
    const place = keys.here.toString('hex')
    const others = waiting.get(place) ?? 0
    if (others >= maxWaiting) throw new ContextError('ERR_CONTEXT_SIGN_IN_BUSY')
    waiting.set(place, others + 1)
    try {
      do await pause(lookMs)
      while (!(await tryBegin(keys, attemptId)))
    } finally {
      const left = waiting.get(place)! - 1
      if (left === 0) waiting.delete(place)
      else waiting.set(place, left)
    }
  }

  return Object.freeze({
    begin: async (userName: string, address: string) => {
      const keys = toKeys(userName, address)
      const attemptId = randomUUID()
      if (!(await tryBegin(keys, attemptId))) await waitFor(keys, attemptId)
      return toAttempt(pool, keys, attemptId, windowMs)
    },
  })
}

const bound: Check = (perUser, path) =>
  findIssues(() => parseAttemptBounds({ perUser } as AttemptLimitOptions)).map(({ kind }) => ({ path, kind }))
const time = optional(count(1, 366 * 86_400_000))
const times = { windowMs: time, lostAfterMs: time }

function toAttempt(pool: Pool, { here, address, everywhere }: Keys, attemptId: string, windowMs: number): Attempt {
  let isSettled = false
  const settle = (name: string, text: string, values: readonly unknown[]) => async (): Promise<void> => {
    if (isSettled) return
    isSettled = true
    await queryDatabase(pool, { name, text, values: [attemptId, ...values] })
  }
  // Rows are changed in this order: two that fail at once never wait for each other.
  const all = [here, address, everywhere]
  return Object.freeze({
    succeed: settle('uec-sign-in-right', succeedSql, [here]),
    fail: settle('uec-sign-in-wrong', failSql, [all, windowMs / 1_000]),
    withdraw: settle('uec-sign-in-withdrawn', 'DELETE FROM uec.sign_in_attempts WHERE attempt_id = $1', []),
  })
}

function toKeys(userName: string, address: string): Keys {
  const name = toNameKey(userName)
  const toDigest = (...parts: readonly string[]) => createHash('sha256').update(encodeKey(parts), 'utf16le').digest()
  return {
    here: toDigest('user at address', name, address),
    address: toDigest('address', address),
    everywhere: toDigest('user', name),
  }
}

const lockSql = `SELECT pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended('uec.sign_in ' || key, 0))
  FROM unnest($1::text[]) AS key`

const countSql = `
  SELECT coalesce(f.failures, 0) AS failures,
    (SELECT count(*)::integer FROM uec.sign_in_attempts AS a
      WHERE a.key_digest = k.key AND a.until > clock_timestamp()) AS under_way
  FROM unnest($1::bytea[]) WITH ORDINALITY AS k (key, place)
  LEFT JOIN uec.sign_in_failures AS f ON f.key_digest = k.key AND f.ends_at > clock_timestamp()
  ORDER BY k.place`

// Some of nodes that are lost make room on the way.
const beginSql = `
  WITH lost AS (
    DELETE FROM uec.sign_in_attempts WHERE ctid IN (
      SELECT ctid FROM uec.sign_in_attempts WHERE until < clock_timestamp() ORDER BY until LIMIT 4
      FOR UPDATE SKIP LOCKED
    )
  )
  INSERT INTO uec.sign_in_attempts (key_digest, attempt_id, until)
  SELECT key, $2, clock_timestamp() + make_interval(secs => $3) FROM unnest($1::bytea[]) AS key`

// One statement: a count sees the place and no failure, or the failure and no place.
const failSql = `
  WITH settled AS (
    DELETE FROM uec.sign_in_attempts WHERE attempt_id = $1
  ), ended AS (
    DELETE FROM uec.sign_in_failures WHERE ctid IN (
      SELECT ctid FROM uec.sign_in_failures WHERE ends_at < clock_timestamp() AND key_digest <> ALL ($2::bytea[])
      ORDER BY ends_at LIMIT 4 FOR UPDATE SKIP LOCKED
    )
  )
  INSERT INTO uec.sign_in_failures AS f (key_digest, failures, ends_at)
  SELECT key, 1, clock_timestamp() + make_interval(secs => $3) FROM unnest($2::bytea[]) AS key
  ON CONFLICT (key_digest) DO UPDATE SET
    failures = CASE WHEN f.ends_at > clock_timestamp() THEN f.failures + 1 ELSE 1 END,
    ends_at = CASE WHEN f.ends_at > clock_timestamp() THEN f.ends_at ELSE excluded.ends_at END`

const succeedSql = `
  WITH settled AS (DELETE FROM uec.sign_in_attempts WHERE attempt_id = $1)
  DELETE FROM uec.sign_in_failures WHERE key_digest = $2`
