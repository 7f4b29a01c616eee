/**
 * Floor 8. What can be set on a server.
 */
import { toClientAnswer, type VerifiedUser } from 'user-execution-context'
import type { Agent } from '../phases/agent.ts'
import type { AttemptLimitOptions } from '../login/attempt-limits.ts'
import type { Limits } from '../phases/limits.ts'

/** Options of openGoldenPathServer(). */
export type GoldenPathServerOptions = {
  /** Where users, notes, the signing secret and revocations are kept. Made when missing. One process at a time. */
  readonly dataDirectory: string
  /** What runs. */
  readonly agent: Agent
  /** The path below which the routes are served, such as `'/api'`. Default: none, the routes are at the root. */
  readonly prefix?: string
  /**
   * Origins whose pages may use this server, exactly as a browser sends them. Default: none when an app mounts the
   * handlers, and the server's own on this machine once listen() has resolved. Requests without an Origin header come from no page and are not concerned.
   */
  readonly origins?: readonly string[]
  /** Changes to the limits of the golden path, sockets included. */
  readonly limits?: Partial<Limits>
  readonly attempts?: AttemptLimitOptions
  /**
   * How many reverse proxies of yours stand in front of this server, each of which appends the address that it saw to
   * `X-Forwarded-For`. Whole number. Default 0: the header is never looked at, limits by address count the address of
   * the socket. With n proxies they count the n-th entry of the header from the right, which the outermost of yours
   * wrote; when it is missing or no IP address, the socket's.
   *
   * Set too low, all users share the address of a proxy. Set too high, or with a port that is reached around the
   * proxies, the entry is one that the client wrote: it can choose its address, and with it escape every limit by
   * address or use up another's.
   */
  readonly trustedProxies?: number
  /** Bytes of the body of a request. Default 65,536. */
  readonly maxBodyBytes?: number
  /** Default 900 (15 minutes). */
  readonly tokenLifetimeSeconds?: number
  /**
   * Checks access tokens of an issuer of yours, such as a function made by jwtIdentity(). Users sign in there then, so
   * POST /login and POST /token are not served. Default: this server's own users and tokens.
   */
  readonly identity?: (token: string) => Promise<VerifiedUser>
  /** Gets each log record. What it throws is dropped. Default: one line of JSON on standard error. */
  readonly log?: Log
}

/** A log record: what happened and codes; no id of a user, no token, no text of a user. */
export type LogRecord = { readonly event: string } & { readonly [key: string]: string | number | boolean | undefined }
/** Takes log records. */
export type Log = (record: LogRecord) => void

/** Writes one line of JSON for each record to standard error. */
export const logToStandardError: Log = (record) => {
  process.stderr.write(`${JSON.stringify({ time: new Date().toISOString(), ...record })}\n`)
}

/**
 * A log record of an error. Of an error that is not ours only the name and the places are kept: its message may hold
 * what a user wrote.
 */
export const toErrorRecord = (event: string, error: unknown): LogRecord => {
  if (!(error instanceof Error)) return { event, error: typeof error }
  const { code } = error as { code?: unknown }
  // Where a fault of ours happened. A refusal has no place worth a line of the log.
  const isOurs = toClientAnswer(error).httpStatus >= 500
  const places = !isOurs
    ? undefined
    : error.stack
        ?.split('\n')
        .filter((line) => /^\s+at /.test(line))
        .slice(0, 6)
        .map((line) => line.trim())
        .join(' < ')
  return { event, error: error.name, code: typeof code === 'string' ? code : undefined, places }
}
