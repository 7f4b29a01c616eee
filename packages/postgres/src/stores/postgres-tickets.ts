/**
 * Single-use tickets on Postgres: issued at one node, redeemed at any.
 */
import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto'
import { ContextError } from 'user-execution-context'
import type { TicketOffice, TicketOfficeOptions } from '@user-execution-context/golden-path/login'
import type { Pool } from 'pg'
import { begin, inTransaction } from '../connection/in-transaction.ts'
import { assertFits, count, optional, parseOptions } from '../options/parse-options.ts'
import { everyMs, pool as poolCheck } from '../options/port-checks.ts'
import { queryDatabase } from '../connection/unreachable.ts'

/**
 * The office of tickets on Postgres. A row holds a digest of the ticket, a digest of the session, and the token
 * encrypted (AES-256-GCM) under a key that is derived from the ticket (HKDF, RFC 5869): a reader of the table, or a
 * backup of it, gets no token.
 *
 * @param pool - `service` of openPostgres().
 * @param options - `lifetimeMs` 1 to 86,400,000, `maxPerSession` 1 to 1,000,000.
 * @throws {ContextError} `ERR_CONTEXT_INVALID_OPTIONS`.
 * @example
 * ```ts
 * import { postgresTickets, type Postgres } from '@user-execution-context/postgres'
 *
 * export const openTickets = (postgres: Postgres) => postgresTickets(postgres.service, { lifetimeMs: 10_000 })
 * ```
 */
export const postgresTickets = (pool: Pool, options: TicketOfficeOptions = {}): TicketOffice => {
  assertFits(pool, 'pool', poolCheck)
  const checks = { lifetimeMs: optional(everyMs), maxPerSession: optional(count(1, 1_000_000)) }
  const { lifetimeMs = 30_000, maxPerSession = 16 } = parseOptions(options, checks)
  return Object.freeze({
    lifetimeMs,
    issue: async (sessionId: string, accessToken: string) => {
      const ticket = randomBytes(32).toString('base64url')
      const session = createHash('sha256').update(sessionId, 'utf16le').digest()
      const values = [toDigest(ticket), session, seal(ticket, accessToken), lifetimeMs / 1_000]
      await inTransaction(pool, begin, async (client) => {
        // Of two of one session, the second counts what the first has added.
        await client.query(lockSql, [session.toString('hex')])
        await client.query({ name: 'uec-issue-ticket', text: issueSql, values })
        await client.query({ name: 'uec-bound-tickets', text: boundSql, values: [session, maxPerSession] })
      })
      return ticket
    },
    redeem: async (ticket: string) => {
      const { rows } = await queryDatabase<{ readonly sealed_token: Buffer; readonly is_live: boolean }>(pool, {
        name: 'uec-redeem-ticket',
        // Of two at once, one gets the row.
        text: `DELETE FROM uec.tickets WHERE ticket_digest = $1
          RETURNING sealed_token, until > clock_timestamp() AS is_live`,
        values: [toDigest(ticket)],
      })
      const [found] = rows
      if (found === undefined || !found.is_live) throw new ContextError('ERR_CONTEXT_TICKET_REFUSED')
      return open(ticket, found.sealed_token)
    },
  })
}

const lockSql = "SELECT pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended('uec.tickets ' || $1, 0))"

// Some that nobody has redeemed in time make room on the way.
const issueSql = `
  WITH ended AS (
    DELETE FROM uec.tickets WHERE ctid IN (
      SELECT ctid FROM uec.tickets WHERE until < clock_timestamp() ORDER BY until LIMIT 4 FOR UPDATE SKIP LOCKED
    )
  )
  INSERT INTO uec.tickets (ticket_digest, session_digest, sealed_token, until)
  VALUES ($1, $2, $3, clock_timestamp() + make_interval(secs => $4))`

const boundSql = `
  DELETE FROM uec.tickets WHERE ticket_digest IN (
    SELECT ticket_digest FROM uec.tickets WHERE session_digest = $1 ORDER BY position DESC OFFSET $2
  )`

// Of another purpose than the key: the digest in the row gives nothing of it.
function toDigest(ticket: string): Buffer {
  return derive(ticket, 'uec-ticket-digest')
}

function derive(ticket: string, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', Buffer.from(ticket, 'utf8'), '', purpose, 32))
}

const nonceBytes = 12
const tagBytes = 16

function seal(ticket: string, accessToken: string): Buffer {
  const nonce = randomBytes(nonceBytes)
  const cipher = createCipheriv('aes-256-gcm', derive(ticket, 'uec-ticket-token'), nonce)
  const text = Buffer.concat([cipher.update(accessToken, 'utf8'), cipher.final()])
  return Buffer.concat([nonce, cipher.getAuthTag(), text])
}

/** Refused alike, whether a row was changed or was never ours. */
function open(ticket: string, sealed: Buffer): string {
  try {
    const nonce = sealed.subarray(0, nonceBytes)
    const key = derive(ticket, 'uec-ticket-token')
    const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: tagBytes })
    decipher.setAuthTag(sealed.subarray(nonceBytes, nonceBytes + tagBytes))
    return Buffer.concat([decipher.update(sealed.subarray(nonceBytes + tagBytes)), decipher.final()]).toString('utf8')
  } catch {
    throw new ContextError('ERR_CONTEXT_TICKET_REFUSED')
  }
}
