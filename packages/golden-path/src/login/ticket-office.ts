/**
 * Single-use tickets for clients that cannot send a header with their upgrade (a browser's WebSocket).
 *
 * A ticket stands in a URL, so it may land in a proxy's log: it works once, for 30 seconds, and is kept as a hash.
 */
import { createHash, randomBytes } from 'node:crypto'
import { ContextError } from 'user-execution-context'
import { assertNumbers } from '../phases/invalid-options.ts'
import { assertKnownKeys } from '../phases/known-keys.ts'

/** Bounds of tickets. */
export type TicketOfficeOptions = {
  /** 1 to 2,147,483,647. Default 30,000. */
  readonly lifetimeMs?: number
  /** Unused tickets of one session; beyond it the oldest of that session ends. 1 or more. Default 16. */
  readonly maxPerSession?: number
}

/** Gives tickets for access tokens, and each token back once. */
export type TicketOffice = {
  /** A new ticket: 256 random bits, base64url. A credential: do not log. */
  readonly issue: (sessionId: string, accessToken: string) => Promise<string>
  /** The access token of a ticket, which ends with it. The caller verifies the token again: a sign-out counts. */
  readonly redeem: (ticket: string) => Promise<string>
  /** How long a ticket lives, milliseconds: what `POST /ticket` tells a client, which is told nothing without it. */
  readonly lifetimeMs?: number | undefined
}

type Issued = {
  readonly accessToken: string
  readonly endsAtMs: number
  readonly sessionId: string
  readonly siblings: Set<string>
  readonly timer: NodeJS.Timeout
}

/**
 * Makes an office in this process. Its redeem() throws `ERR_CONTEXT_TICKET_REFUSED`.
 *
 * @throws {ContextError} `ERR_CONTEXT_INVALID_OPTIONS`.
 * @example
 * ```ts
 * import { ticketOffice } from '@user-execution-context/golden-path/login'
 *
 * export const tickets = ticketOffice()
 * ```
 */
export const ticketOffice = (options: TicketOfficeOptions = {}): TicketOffice => {
  assertKnownKeys(options, ['lifetimeMs', 'maxPerSession'])
  assertNumbers(options, { lifetimeMs: 1, maxPerSession: 1 })
  const { lifetimeMs = 30_000, maxPerSession = 16 } = options
  const issued = new Map<string, Issued>()
  const bySession = new Map<string, Set<string>>()

  const take = (key: string): Issued | undefined => {
    const found = issued.get(key)
    if (found === undefined) return undefined
    issued.delete(key)
    // Else what is asked for again and again would be held for its whole lifetime, however few may be unused.
    clearTimeout(found.timer)
    found.siblings.delete(key)
    if (found.siblings.size === 0) bySession.delete(found.sessionId)
    return found
  }

  return Object.freeze({
    lifetimeMs,
    issue: async (sessionId: string, accessToken: string) => {
      const ticket = randomBytes(32).toString('base64url')
      const key = toKey(ticket)
      const siblings = bySession.get(sessionId) ?? new Set<string>()
      for (const oldest of siblings) {
        if (siblings.size < maxPerSession) break
        take(oldest)
      }
      bySession.set(sessionId, siblings.add(key))
      const timer = setTimeout(() => take(key), lifetimeMs).unref()
      issued.set(key, { accessToken, endsAtMs: performance.now() + lifetimeMs, sessionId, siblings, timer })
      return ticket
    },
    redeem: async (ticket: string) => {
      // Looked up by its hash: the time of the look-up tells nothing about tickets that exist.
      const found = take(toKey(ticket))
      if (found === undefined || found.endsAtMs <= performance.now())
        throw new ContextError('ERR_CONTEXT_TICKET_REFUSED')
      return found.accessToken
    },
  })
}

function toKey(ticket: string): string {
  return createHash('sha256').update(ticket).digest('base64url')
}
