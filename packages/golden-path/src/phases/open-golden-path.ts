/**
 * The golden path behind one object: connect, execute, deliver. No state at module level, so two can live side
 * by side, as in tests.
 */
import { ContextError, requireContext, toOwnerKey, type RunId, type UserExecutionContext } from 'user-execution-context'
import type { Agent, AgentInput } from './ports/agent.ts'
import { toAgentRun, toRunOwner, type AgentRun } from './execution/agent-run.ts'
import { isPending } from './ports/awaitable.ts'
import { callListener } from './call-listener.ts'
import { openConnection, toConnectionOwner, type Connection } from './connection/connection.ts'
import type { DeliveryEnd } from './delivery/delivery.ts'
import { IsoClock } from './execution/envelope-writer.ts'
import type { EventLog } from './ports/event-log.ts'
import { executeRun } from './execution/execute-run.ts'
import { inProcessEventLog } from './ports/in-process-event-log.ts'
import { inProcessRunQueue } from './ports/in-process-run-queue.ts'
import { parseLimits, type Limits } from './limits.ts'
import { UncorkScheduler, Outlet } from './connection/outlet.ts'
import { parseInput } from './execution/parse-input.ts'
import { reportError, type ErrorListener } from './execution/report-error.ts'
import { runInRootAsyncScope } from './execution/root-async-scope.ts'
import type { RunQueue } from './ports/run-queue.ts'
import { Subscriptions } from './delivery/subscriptions.ts'
import type { Transport } from './connection/transport.ts'
import { UnfinishedRuns } from './execution/unfinished-runs.ts'
import { wireVersion } from './wire/wire-envelope.ts'

/** What a golden path is made of. */
export type GoldenPathOptions = {
  /** Answers every run. */
  readonly agent: Agent
  /** Changes to the limits table. */
  readonly limits?: Partial<Limits> | undefined
  /** Default: in the memory of this process. */
  readonly eventLog?: EventLog | undefined
  /** Default: in the memory of this process. */
  readonly runQueue?: RunQueue | undefined
  /** Called with what clients are not told: why a run failed, which cleanup failed. For your log. Default: none. */
  readonly onError?: ErrorListener | undefined
}

/** How a connection takes part. */
export type ConnectOptions = {
  /** `'all'`: every run of this user that starts from now on is delivered. `'requested'`: only what deliver() is asked for. */
  readonly runs?: 'all' | 'requested' | undefined
}

/** What else happens when a run is started. */
export type ExecuteOptions = {
  /**
   * Called once with the run, when it is queued and before it starts: an answer that is sent here goes out first. What it
   * throws goes to `onError`; the run goes on.
   */
  readonly onAccepted?: ((run: AgentRun) => void) | undefined
}

/** Where a delivery starts. */
export type DeliverOptions = {
  /** Sequence of the last event that the client has; 0 for none. From the client. Default 0. */
  readonly lastSequence?: number | undefined
}

/** How a golden path closes. Milliseconds, 0 by default: at once. */
export type GoldenPathCloseOptions = {
  /** How long runs of this process may go on before they are cancelled. */
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
   * `connection_ready` once every run that starts from then on reaches it.
   *
   * @throws {ContextError} `ERR_CONTEXT_NOT_ISSUED`, `ERR_CONTEXT_TOO_MANY_CONNECTIONS`, `ERR_CONTEXT_CLOSED`.
   */
  readonly connect: (context: UserExecutionContext, transport: Transport, options?: ConnectOptions) => Connection
  /** The open connections of a user, in this process: sign-out closes those of its session. */
  readonly findConnections: (context: UserExecutionContext) => readonly Connection[]
  /**
   * Queues a run. It executes when the user's turn comes, with or without a connection. Thread and run id are the
   * context's.
   *
   * @throws {ContextError} `ERR_CONTEXT_NOT_ISSUED`, `ERR_CONTEXT_INVALID_INPUT`, `ERR_CONTEXT_RUN_EXISTS`,
   *   `ERR_CONTEXT_TOO_MANY_RUNS`, `ERR_CONTEXT_CLOSED`.
   */
  readonly execute: (context: UserExecutionContext, input: AgentInput, options?: ExecuteOptions) => Promise<AgentRun>
  /**
   * Delivers a run's events to a connection of the same user, in order, each exactly once, from `lastSequence` on.
   * Asking again for a run that is being delivered starts it again from the new `lastSequence`.
   *
   * @returns How the delivery ended, once it has. `'forgotten'`: the log holds the run no longer; the client is sent an
   *   `error` with the id of the run.
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
   * Takes no more runs and connections, lets runs go on for `finishMs`, cancels what is left, closes all connections, and
   * frees the ports.
   */
  readonly close: (options?: GoldenPathCloseOptions) => Promise<void>
}

/**
 * Opens a golden path.
 *
 * @throws {ContextError} `ERR_CONTEXT_INVALID_OPTIONS`.
 * @example
 * ```ts
 * import { createForUser, type VerifiedUser } from 'user-execution-context'
 * import { openGoldenPath, wsTransport, type RawSocket, type WsSocket } from '@user-execution-context/golden-path'
 *
 * const goldenPath = openGoldenPath({
 *   agent: async function* (_scope, { text }) {
 *     yield { type: 'agent_message_delta', text: `You said: ${text}` }
 *   },
 * })
 *
 * // In the handler of an upgrade, after an identity provider has accepted the token.
 * export const connect = (user: VerifiedUser, socket: WsSocket, rawSocket: RawSocket) =>
 *   goldenPath.connect(createForUser(user), wsTransport(socket, rawSocket))
 * ```
 */
export const openGoldenPath: (options: GoldenPathOptions) => GoldenPath = (options) => {
  const { agent, limits: changes, eventLog, runQueue, onError = () => {} } = options
  const issues = [['agent', agent] as const, ['onError', onError] as const].filter(
    ([, given]) => typeof given !== 'function',
  )
  if (issues.length > 0) {
    throw new ContextError('ERR_CONTEXT_INVALID_OPTIONS', {
      issues: issues.map(([path]) => ({ path, kind: 'not a function' })),
    })
  }
  const limits = parseLimits(changes)
  const log = eventLog ?? inProcessEventLog(limits)
  const queue = runQueue ?? inProcessRunQueue(limits)
  const uncorkScheduler = new UncorkScheduler()
  const parts = { agent, eventLog: log, limits, clock: new IsoClock(), onError }
  let isClosed = false
  const assertOpen = (): void => {
    if (isClosed) throw new ContextError('ERR_CONTEXT_CLOSED')
  }
  const fail = (connection: Connection, error: unknown): void => {
    reportError(onError, error, connection.context)
    connection.close(1011, 'The connection failed.')
  }
  const subscriptions = new Subscriptions(log, limits, fail)
  const unfinished = new UnfinishedRuns()
  queue.process((job, cancellation) => unfinished.add(runInRootAsyncScope(executeRun, job, cancellation, parts)))

  return Object.freeze<GoldenPath>({
    limits,
    connect: (context, transport, options = {}) => {
      requireContext(context)
      assertOpen()
      subscriptions.assertRoom(toOwnerKey(context))
      const outlet = new Outlet(transport, limits, uncorkScheduler, () => subscriptions.remove(connection))
      const connection = openConnection(context, outlet)
      const added = subscriptions.add(connection, options.runs ?? 'all')
      const sayReady = (): void =>
        connection.send({ version: wireVersion, type: 'connection_ready', connectionId: connection.connectionId })
      if (isPending(added)) added.then(sayReady, (error: unknown) => fail(connection, error))
      else sayReady()
      return connection
    },
    findConnections: (context) => {
      requireContext(context)
      return subscriptions.list(toOwnerKey(context))
    },
    execute: async (context, input, { onAccepted } = {}) => {
      requireContext(context)
      assertOpen()
      const job = { context, input: parseInput(input, limits) }
      const { threadId, runId, requestId } = context
      const record = Object.freeze({
        ownerKey: toOwnerKey(context),
        threadId,
        runId,
        requestId,
        createdAtMs: Date.now(),
      })
      const created = log.create(record)
      if (isPending(created)) await created
      const run = toAgentRun(context, record)
      const onQueued = (): void =>
        callListener(
          () => onAccepted?.(run),
          (error) => reportError(onError, error, context),
        )
      try {
        const enqueued = queue.enqueue(job, onQueued)
        if (isPending(enqueued)) await enqueued
      } catch (error) {
        await log.discard(record)
        throw error
      }
      return run
    },
    deliver: (run, connection, options = {}) => {
      const ownerKey = toRunOwner(run)
      // The one line that keeps a run of one user from the connection of another.
      if (ownerKey !== toConnectionOwner(connection)) throw new ContextError('ERR_CONTEXT_ISOLATION')
      return subscriptions.deliver({ ownerKey, runId: run.runId }, connection, parseSequence(options.lastSequence ?? 0))
    },
    findRun: async (context, runId) => {
      requireContext(context)
      const record = await log.find({ ownerKey: toOwnerKey(context), runId })
      return record && toAgentRun(context, record)
    },
    listRuns: async (context) => {
      requireContext(context)
      return (await log.list(toOwnerKey(context))).map((record) => toAgentRun(context, record))
    },
    cancel: async (context, runId) => {
      requireContext(context)
      const key = { ownerKey: toOwnerKey(context), runId }
      if ((await log.find(key)) === undefined) throw new ContextError('ERR_CONTEXT_RUN_NOT_FOUND')
      return queue.cancel(key, 'user')
    },
    close: async ({ finishMs = 0, spreadMs = 0 } = {}) => {
      isClosed = true
      await unfinished.wait(finishMs)
      await queue.close()
      await subscriptions.close(spreadMs)
      await log.close()
    },
  })
}

function parseSequence(sequence: unknown): number {
  if (Number.isSafeInteger(sequence) && (sequence as number) >= 0) return sequence as number
  throw new ContextError('ERR_CONTEXT_INVALID_OPTIONS', { issues: [{ path: 'lastSequence', kind: 'not a number' }] })
}
