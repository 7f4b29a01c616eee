/**
 * What a golden path is made of, and what it does: its types.
 */
import type { OutlivesIdentityInput, RunId, UserExecutionContext } from 'user-execution-context'
import type { Connection } from './connection/connection.ts'
import type { Transport } from './connection/transport.ts'
import type { DeliveryEnd, DeliveryStart } from './delivery/delivery.ts'
import type { AgentRun } from './execution/agent-run.ts'
import type { RunWithContext } from './execution/ambient-agent.ts'
import type { ErrorListener } from './execution/report-error.ts'
import type { TraceRun } from './execution/trace-parent.ts'
import type { Observe } from './golden-path-event.ts'
import type { Limits } from './limits.ts'
import type { Agent, AgentInput } from './ports/agent.ts'
import type { EventLog } from './ports/event-log.ts'
import type { RunQueue } from './ports/run-queue.ts'
import type { StartKeyStore } from './ports/start-key-store.ts'

/** What a golden path is made of. */
export type GoldenPathOptions = {
  /** Answers every run. */
  readonly agent: Agent
  /**
   * Whether a run whose worker was lost is given to the agent again, with `input.resumed`. It is called once more from
   * its start: give `true` only when what it does twice does no harm. Tool calls without a result are closed before.
   * Default false: such a run ends with `agent_failed` and the code `ERR_CONTEXT_WORKER_LOST`.
   */
  readonly resumable?: boolean | undefined
  /**
   * runWithContext() of `user-execution-context/ambient`: the agent runs with the context of its run ambient, so that
   * requireContext() of what it calls refuses the context of another run, or one with more rights. Default none: no
   * await gets more expensive.
   */
  readonly ambient?: RunWithContext | undefined
  /** Changes to the limits table. */
  readonly limits?: Partial<Limits> | undefined
  /** Where runs and their events are kept. close() closes it. Default: in the memory of this process. */
  readonly eventLog?: EventLog | undefined
  /** Which run executes when, and where. close() closes it. Default: in the memory of this process. */
  readonly runQueue?: RunQueue | undefined
  /** Where idempotency keys are remembered. Default: in the memory of this process. */
  readonly startKeys?: StartKeyStore | undefined
  /** Called with what clients are not told: why a run failed, which cleanup failed. For your log. Default: none. */
  readonly onError?: ErrorListener | undefined
  /**
   * Called with each event as it happens, with the context that it happened in. For logs, spans and metrics. What it
   * throws is dropped. Default: none.
   */
  readonly observe?: Observe | undefined
  /**
   * Called as a run is queued, by whoever starts it: gives the trace that the run belongs to, as `traceparent` of W3C.
   * Its worker has it in `run-started`, wherever it is. Default: none.
   */
  readonly traceRun?: TraceRun | undefined
}

/** How a connection takes part. */
export type ConnectOptions = {
  /**
   * `'all'`: every run of this user that starts from now on is delivered. `'requested'`: only what deliver() is asked
   * for.
   */
  readonly runs?: 'all' | 'requested' | undefined
}

/** What else happens when a run is started. */
export type ExecuteOptions<Reason extends string = string> = {
  /**
   * Called once with the run, when it is queued and before it starts: an answer that is sent here goes out first. What
   * it throws goes to `onError`; the run goes on.
   */
  readonly onAccepted?: ((run: AgentRun) => void) | undefined
  /**
   * Lets the run outlive the proof of its user and the sign-out of their session, and not a revocation of the user or
   * their tenant. Its context and all children carry the exemption. `reason` is a constant of your source. Default: the
   * run ends with the identity.
   */
  readonly outlivesIdentity?: OutlivesIdentityInput<Reason> | undefined
  /**
   * A name of this start, 16 to 256 characters, from the client and random. Another start of the same user with the
   * same key and input, also by a context with another thread, gives the run of the first, and starts none; with
   * another input it is refused. A start that was refused is not remembered. Kept as long as the run, and at least 24
   * hours. Default: each start is a new run.
   */
  readonly idempotencyKey?: string | undefined
  /**
   * What the key is unique in, beside its user: the route and the thread, as the client said them, where a client may
   * send one key for starts of several. Never a thread that was made here, which is another one at each try. Default:
   * nothing, so that a key names one start of its user, in whatever thread.
   */
  readonly idempotencyScope?: string | undefined
}

/** Where a delivery starts. */
export type DeliverOptions = {
  /** Epoch of the last event that the client has. From the client. Default 1. */
  readonly epoch?: number | undefined
  /** Sequence of the last event that the client has; 0 for none. From the client. Default 0. */
  readonly lastSequence?: number | undefined
  /** Sends nothing twice: a run that this connection was sent before goes on as it does. Default false. */
  readonly once?: boolean | undefined
  /** Called once with where the delivery goes on, before the first event is sent. Default: none. */
  readonly onStart?: ((start: DeliveryStart) => void) | undefined
}

/** How a golden path closes. Milliseconds, 0 by default: at once. */
export type GoldenPathCloseOptions = {
  /** How long runs of this process may go on before they are ended or handed on. */
  readonly finishMs?: number | undefined
  /** Over how long connections are closed, each at a random moment, with 1012 in place of 1001. */
  readonly spreadMs?: number | undefined
}

/** The three phases after login. Every function asserts what it is given at its entry. */
export type GoldenPath = {
  /** The limits table in force. */
  readonly limits: Limits
  /**
   * Opens the connection of a user. Tell it with release() when the transport has closed. The client is sent
   * `connection_ready` once every run that starts from then on reaches it. It closes with 4401 when the identity behind
   * the context ends; `sessions.renew()` of the registry moves that end.
   *
   * @throws {ContextError} `ERR_CONTEXT_NOT_ISSUED`, what assertLive() throws, `ERR_CONTEXT_TOO_MANY_CONNECTIONS`,
   *   `ERR_CONTEXT_CLOSED`.
   */
  readonly connect: (context: UserExecutionContext, transport: Transport, options?: ConnectOptions) => Connection
  /** The open connections of a user, in this process: sign-out closes those of its session. */
  readonly findConnections: (context: UserExecutionContext) => readonly Connection[]
  /**
   * Queues a run. It executes when the user's turn comes, with or without a connection. Thread and run id are the
   * context's. When the identity behind the context ends, a run that waits is refused and one that executes is
   * cancelled, both with the reason `identity_ended`.
   *
   * @throws {ContextError} `ERR_CONTEXT_NOT_ISSUED`, what assertLive() throws, `ERR_CONTEXT_INVALID_INPUT`,
   *   `ERR_CONTEXT_RUN_EXISTS`, `ERR_CONTEXT_TOO_MANY_RUNS`, `ERR_CONTEXT_CLOSED`,
   *   `ERR_CONTEXT_IDEMPOTENCY_KEY_REUSED`, `ERR_CONTEXT_INVALID_OPTIONS`.
   */
  readonly execute: <const Reason extends string = never>(
    context: UserExecutionContext,
    input: AgentInput,
    options?: ExecuteOptions<Reason>,
  ) => Promise<AgentRun>
  /**
   * Delivers a run's events to a connection of the same user, in order, each exactly once, after `lastSequence` of
   * `epoch`. A client that has what a crash took from the log is sent a `resume_gap` first. Asking again for a run
   * that is being delivered starts it again from the new `lastSequence`.
   *
   * @returns How the delivery ended, once it has. `'forgotten'`: the log holds the run no longer; the client is sent an
   *   `error` with the id of the run. `'lost'`: the event log did not take the end of the run; the client is sent an
   *   `error` too.
   * @throws {ContextError} `ERR_CONTEXT_ISOLATION` when run and connection are not of one user,
   *   `ERR_CONTEXT_RUN_NOT_ISSUED`, `ERR_CONTEXT_CONNECTION_NOT_ISSUED`, `ERR_CONTEXT_INVALID_OPTIONS`.
   */
  readonly deliver: (run: AgentRun, connection: Connection, options?: DeliverOptions) => Promise<DeliveryEnd>
  /** A run of this user; undefined for unknown, forgotten and other users' runs alike. */
  readonly findRun: (context: UserExecutionContext, runId: RunId) => Promise<AgentRun | undefined>
  /** The runs of this user that are still held, oldest first. */
  readonly listRuns: (context: UserExecutionContext) => Promise<readonly AgentRun[]>
  /**
   * Cancels a run of this user and says whether there was anything left to cancel.
   *
   * @throws {ContextError} `ERR_CONTEXT_RUN_NOT_FOUND` for unknown and other users' runs alike.
   */
  readonly cancel: (context: UserExecutionContext, runId: RunId) => Promise<boolean>
  /**
   * Takes no more runs and connections, lets runs go on for `finishMs`, ends what is left with `agent_failed` and
   * `ERR_CONTEXT_RUN_DRAINED`, or hands it on to other processes where the queue has some and the agent is
   * `resumable`, closes all connections, and frees the ports.
   */
  readonly close: (options?: GoldenPathCloseOptions) => Promise<void>
}
