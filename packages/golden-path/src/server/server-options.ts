/**
 * The options of a server.
 */
import type { LiveSessions, VerifiedUser } from 'user-execution-context'
import type { AttemptLimitOptions } from '../login/attempt-bounds.ts'
import type { AttemptLimits } from '../login/attempt-limits.ts'
import type { SigningSecret } from '../login/signing-secret.ts'
import type { TicketOffice } from '../login/ticket-office.ts'
import type { UserStore } from '../login/user-store.ts'
import type { RunWithContext } from '../phases/execution/ambient-agent.ts'
import type { Agent } from '../phases/ports/agent.ts'
import type { GoldenPathOptions } from '../phases/golden-path.ts'
import type { Limits } from '../phases/limits.ts'
import type { EventLog } from '../phases/ports/event-log.ts'
import type { RunQueue } from '../phases/ports/run-queue.ts'
import type { StartKeyStore } from '../phases/ports/start-key-store.ts'
import type { LogLevel } from './log-events.ts'
import type { Log, ServerErrorListener } from './log-record.ts'
import type { ServerEvent } from './server-event.ts'

/** Options of openGoldenPathServer(). At least one of `identity`, `dataDirectory` and `signingSecret`. */
export type GoldenPathServerOptions = {
  /** What runs. */
  readonly agent: Agent
  /**
   * Checks access tokens of an issuer of yours, such as a function made by jwtIdentity(). Users sign in there then, so
   * POST /login and POST /token are not served. Default: this server's own users and tokens, in `dataDirectory`.
   */
  readonly identity?: ((token: string) => Promise<VerifiedUser>) | undefined
  /**
   * The registry that users are filed in: POST /logout signs out there. Give it to `identity` too: a user who is filed
   * elsewhere is refused, with `ERR_CONTEXT_INVALID_OPTIONS` for onError. With a store that all nodes share, a sign-out
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
   * Where this server's own users are kept, such as a database that nodes share. Needs `dataDirectory` or
   * `signingSecret`, for the secret that signs their tokens. Default: a file in the directory.
   */
  readonly users?: UserStore | undefined
  /**
   * The secret that signs the tokens of this server's own users, in place of one that is made in `dataDirectory`. With
   * it, `users` and `sessions` that nodes share, users sign in at any of them, and no node needs a directory. A
   * credential: at least 32 random bytes, such as fileSigningSecret() gives. Default: that of `dataDirectory`.
   */
  readonly signingSecret?: SigningSecret | undefined
  /** Where tickets for upgrades are kept. Default: in the memory of this process, which redeems its own only. */
  readonly tickets?: TicketOffice | undefined
  /**
   * Whether a run whose worker was lost is given to the agent again, with `input.resumed`, from its start. Default
   * false: it ends with `agent_failed` and the code `ERR_CONTEXT_WORKER_LOST`.
   */
  readonly resumable?: boolean | undefined
  /** runWithContext() of `user-execution-context/ambient`: the agent runs with its context ambient. Default none. */
  readonly ambient?: RunWithContext | undefined
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
  /** The least level that is logged: `'debug'`, `'info'`, `'warn'` or `'error'`. Default `'info'`. */
  readonly logLevel?: LogLevel | undefined
  /**
   * Gets each event of the server as it happens, with the context that it happened in, for spans and metrics:
   * goldenPathTelemetry() of `@user-execution-context/golden-path/opentelemetry` gives one. What it throws is dropped.
   * Default: none.
   */
  readonly observe?: ((event: ServerEvent) => void) | undefined
  /**
   * Gives a sentence where this process serves, and not as well as it could: `GET /readyz` answers 200 with it as
   * `note`. Strangers can read it. Default: none.
   */
  readonly readinessNote?: (() => string | undefined) | undefined
  /**
   * Gives the trace that a run belongs to as it is queued, as `traceparent` of W3C, so that its worker goes on with it
   * wherever it is. Default: none.
   */
  readonly traceRun?: GoldenPathOptions['traceRun']
  /**
   * Gets each fault of the server with the error itself: a run that failed (the error that the agent threw is
   * `error.cause`), a request or an upgrade that was answered 500 or more. For an error tracker, or for the terminal
   * while you write an agent. The message and the stack of such an error can hold what a user wrote; `facts`, the
   * record that the log got without the address of the client, hold nothing personal. What it throws is dropped.
   * Default: none.
   */
  readonly onError?: ServerErrorListener | undefined
}
