/**
 * The options of a server, and their check.
 */
import {
  ContextError,
  isContextError,
  toIssuePath,
  type Issue,
  type LiveSessions,
  type VerifiedUser,
} from 'user-execution-context'
import type { AttemptLimitOptions } from '../login/attempt-bounds.ts'
import { attemptLimits, type AttemptLimits } from '../login/attempt-limits.ts'
import type { TicketOffice } from '../login/ticket-office.ts'
import type { UserStore } from '../login/user-store.ts'
import type { Agent } from '../phases/ports/agent.ts'
import type { GoldenPathOptions } from '../phases/golden-path.ts'
import { parseLimits, type Limits } from '../phases/limits.ts'
import type { EventLog } from '../phases/ports/event-log.ts'
import { findMissing, findPortIssues, type GivenPorts } from '../phases/ports/find-port-issues.ts'
import type { RunQueue } from '../phases/ports/run-queue.ts'
import type { StartKeyStore } from '../phases/ports/start-key-store.ts'
import { isPlainObject } from '../phases/wire/plain-object.ts'
import { addressReader, type AddressReader } from './address-reader.ts'
import { logToStandardError, toSafeLog, type Log, type ServerErrorListener } from './log-record.ts'

/** Options of openGoldenPathServer(). At least one of `identity` and `dataDirectory`. */
export type GoldenPathServerOptions = {
  /** What runs. */
  readonly agent: Agent
  /**
   * Checks access tokens of an issuer of yours, such as a function made by jwtIdentity(). Users sign in there then, so
   * POST /login and POST /token are not served. Default: this server's own users and tokens, in `dataDirectory`.
   */
  readonly identity?: ((token: string) => Promise<VerifiedUser>) | undefined
  /**
   * The registry that users are filed in: POST /logout signs out there. With a store that all nodes share, a sign-out
   * at one ends sockets, streams and runs at all. Whoever opened it closes it. Its `maxProofMs` is 43,260,000 at least
   * for this server's own users, whose sessions would end earlier with less. Default: for own users a registry of this
   * process, with revocations in `dataDirectory`; with `identity` none, and POST /logout is not served, because nothing
   * would be signed out.
   */
  readonly sessions?: LiveSessions | undefined
  /**
   * The directory of this server's own users, of the secret that signs their tokens, and of revocations, unless
   * `sessions` keeps those. Made when missing. One process at a time. Default: none, and revocations are kept in the
   * memory of this process.
   */
  readonly dataDirectory?: string | undefined
  /**
   * Where this server's own users are kept, such as a database that nodes share. Needs `dataDirectory`, for the secret
   * that signs their tokens. Default: a file there.
   */
  readonly users?: UserStore | undefined
  /** Where tickets for upgrades are kept. Default: in the memory of this process, which redeems its own only. */
  readonly tickets?: TicketOffice | undefined
  /**
   * Whether a run whose worker was lost is given to the agent again, with `input.resumed`, from its start. Default
   * false: it ends with `agent_failed` and the code `ERR_CONTEXT_WORKER_LOST`.
   */
  readonly resumable?: boolean | undefined
  /**
   * Where runs and their events are kept. One that nodes share lets a client go on at any of them. close() closes it.
   * Default: in the memory of this process.
   */
  readonly eventLog?: EventLog | undefined
  /**
   * Which run executes when, and where: with one that nodes share any worker takes any run. It needs an `eventLog` of
   * the same store. close() closes it. Default: in the memory of this process.
   */
  readonly runQueue?: RunQueue | undefined
  /** Where idempotency keys are remembered. Default: in the memory of this process. */
  readonly startKeys?: StartKeyStore | undefined
  /**
   * The path below which the routes are served, as the client sees it, such as `'/api'`. It begins with a slash; one at
   * its end does not count. Default `''`: the routes are at the root.
   */
  readonly prefix?: string | undefined
  /**
   * Origins whose pages may use this server, exactly as a browser sends them, such as `'https://chat.example.com'`.
   * Default: none when an app mounts the handlers, and `http://localhost` and `http://127.0.0.1` with the port once
   * listen() has resolved. A request without an Origin header comes from no page and is not concerned.
   */
  readonly origins?: readonly string[] | undefined
  /** Changes to the limits of the golden path, sockets included. */
  readonly limits?: Partial<Limits> | undefined
  /**
   * Limits of failed sign-ins of this server's own users, or a counter that nodes share. Default: counted in the memory
   * of this process.
   */
  readonly attempts?: AttemptLimitOptions | AttemptLimits | undefined
  /**
   * How many reverse proxies of yours stand in front of this server, each of which appends the address that it saw to
   * `X-Forwarded-For`. Whole number. Default 0: the header is not read, limits by address count the address of the
   * socket. With n proxies they count the n-th entry of the header from the right, which the outermost of yours wrote;
   * when it is missing or no IP address, the socket's.
   *
   * Set too low, all users share the address of a proxy. Set too high, or with a port that is reached around the
   * proxies, the entry is one that the client wrote: it can choose its address, and with it escape every limit by
   * address or use up another's.
   */
  readonly trustedProxies?: number | undefined
  /** Bytes of the body of a request. Default 65,536. */
  readonly maxBodyBytes?: number | undefined
  /** How long a token of this server's own is valid, seconds. Default 900 (15 minutes). */
  readonly tokenLifetimeSeconds?: number | undefined
  /** Gets each log record. What it throws is dropped. Default: one line of JSON on standard error. */
  readonly log?: Log | undefined
  /**
   * Gets each fault of the server with the error itself: a run that failed (the error that the agent threw is
   * `error.cause`), a request or an upgrade that was answered 500 or more. For an error tracker, or for the terminal
   * while you write an agent. The message and the stack of such an error can hold what a user wrote; `facts`, the
   * record that the log got, hold nothing personal. What it throws is dropped. Default: none.
   */
  readonly onError?: ServerErrorListener | undefined
}

/** Options that have been checked, with their defaults. */
export type ServerSettings = {
  readonly agent: Agent
  readonly identity: GoldenPathServerOptions['identity']
  readonly sessions: LiveSessions | undefined
  readonly dataDirectory: string | undefined
  readonly users: UserStore | undefined
  readonly tickets: TicketOffice | undefined
  /** What the golden path is given as it is. */
  readonly ports: GivenPorts & Pick<GoldenPathOptions, 'resumable'>
  /** Empty, or with a slash at its beginning and none at its end. */
  readonly prefix: string
  readonly origins: readonly string[] | undefined
  readonly limits: Limits
  /** What was given of them. */
  readonly limitChanges: Partial<Limits> | undefined
  readonly attempts: AttemptLimits
  readonly toAddress: AddressReader
  readonly trustedProxies: number
  readonly maxBodyBytes: number
  readonly tokenLifetimeSeconds: number | undefined
  readonly log: Log
  readonly onError: ServerErrorListener | undefined
}

const keys = [
  ...['agent', 'identity', 'sessions', 'dataDirectory', 'prefix', 'origins', 'limits', 'attempts', 'trustedProxies'],
  ...['resumable', 'eventLog', 'runQueue', 'startKeys', 'maxBodyBytes', 'tokenLifetimeSeconds', 'log', 'onError'],
  ...['users', 'tickets'],
]
// Segments of unreserved characters (RFC 3986): a client encodes all others, so that no path would ever match.
const prefixGrammar = /^(?:\/(?!\.{1,2}(?:\/|$))[A-Za-z0-9._~-]+)*\/?$/

/** Checks options. @throws {ContextError} `ERR_CONTEXT_INVALID_OPTIONS` with all issues at once. */
export const parseServerOptions = (options: GoldenPathServerOptions): ServerSettings => {
  if (!isPlainObject(options)) throw invalid([{ path: '', kind: 'not a plain object' }])
  const issues: Issue[] = Object.keys(options).flatMap((key, position) =>
    keys.includes(key) ? [] : [{ path: toIssuePath('', key, position), kind: 'unknown key' }],
  )
  const { agent, identity, sessions, dataDirectory, prefix = '', origins, log = logToStandardError, onError } = options
  const { maxBodyBytes = 65_536, tokenLifetimeSeconds } = options
  const { resumable, eventLog, runQueue, startKeys, users, tickets } = options
  const read = <Value>(parse: () => Value): Value | undefined => {
    try {
      return parse()
    } catch (error) {
      if (!isContextError(error)) throw error
      issues.push(...error.issues)
      return undefined
    }
  }
  const given = { ...(identity !== undefined && { identity }), ...(onError !== undefined && { onError }) }
  for (const [path, value] of Object.entries({ agent, log, ...given }))
    if (typeof value !== 'function') issues.push({ path, kind: value === undefined ? 'missing' : 'not a function' })
  if (dataDirectory === undefined) {
    if (identity === undefined) issues.push({ path: 'identity or dataDirectory', kind: 'missing' })
  } else if (typeof dataDirectory !== 'string') issues.push({ path: 'dataDirectory', kind: 'not a string' })
  else if (dataDirectory === '') issues.push({ path: 'dataDirectory', kind: 'empty' })
  if (typeof prefix !== 'string') issues.push({ path: 'prefix', kind: 'not a string' })
  else if (!prefixGrammar.test(prefix)) issues.push({ path: 'prefix', kind: 'does not fit' })
  if (resumable !== undefined && typeof resumable !== 'boolean')
    issues.push({ path: 'resumable', kind: 'not a boolean' })
  // A log of this process alone lacks the runs that a shared queue brings.
  if (runQueue !== undefined && eventLog === undefined) issues.push({ path: 'eventLog', kind: 'missing' })
  issues.push(...findPortIssues({ eventLog, runQueue, startKeys }))
  issues.push(...findMissing('sessions', sessions, ['revoke', 'renew']))
  issues.push(...findMissing('users', users, ['find', 'findById', 'add', 'change', 'remove', 'count']))
  issues.push(...findMissing('tickets', tickets, ['issue', 'redeem']))
  // They would sign in nowhere: what signs in own users also signs their tokens.
  if (users !== undefined && dataDirectory === undefined) issues.push({ path: 'dataDirectory', kind: 'missing' })
  if (origins !== undefined) issues.push(...findOriginIssues(origins))
  for (const [path, count] of Object.entries({ maxBodyBytes, tokenLifetimeSeconds: tokenLifetimeSeconds ?? 1 })) {
    if (!Number.isSafeInteger(count)) issues.push({ path, kind: 'not a number' })
    else if (count < 1) issues.push({ path, kind: 'too small' })
  }
  const limits = read(() => parseLimits(options.limits))
  const attempts = read(() => toAttemptLimits(options.attempts))
  const toAddress = read(() => addressReader(options.trustedProxies))
  if (issues.length > 0) throw invalid(issues)
  return {
    agent,
    identity,
    sessions,
    dataDirectory,
    users,
    tickets,
    ports: { resumable, eventLog, runQueue, startKeys },
    prefix: prefix.replace(/\/$/, ''),
    origins: origins && [...origins],
    limits: limits!,
    limitChanges: options.limits,
    attempts: attempts!,
    toAddress: toAddress!,
    trustedProxies: options.trustedProxies ?? 0,
    maxBodyBytes,
    tokenLifetimeSeconds,
    log: toSafeLog(log),
    onError,
  }
}

function toAttemptLimits(given: GoldenPathServerOptions['attempts']): AttemptLimits {
  return given !== undefined && 'begin' in given ? given : attemptLimits(given)
}

// A browser sends scheme, host and port, in lower case and without a slash: anything else would never match.
function findOriginIssues(origins: unknown): readonly Issue[] {
  if (!Array.isArray(origins)) return [{ path: 'origins', kind: 'not an array' }]
  return origins.flatMap((origin: unknown, index): Issue[] => {
    const path = toIssuePath('origins', index)
    if (typeof origin !== 'string') return [{ path, kind: 'not a string' }]
    const isOrigin = URL.canParse(origin) && origin === toOrigin(new URL(origin))
    return isOrigin ? [] : [{ path, kind: 'does not fit' }]
  })
}

// The `origin` of a scheme that is not of the web, such as that of a browser extension, is "null" to URL.
function toOrigin({ protocol, host, origin }: URL): string {
  return origin === 'null' && host !== '' ? `${protocol}//${host}` : origin
}

function invalid(issues: readonly Issue[]): ContextError {
  return new ContextError('ERR_CONTEXT_INVALID_OPTIONS', { issues })
}
