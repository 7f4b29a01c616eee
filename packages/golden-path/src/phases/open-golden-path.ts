/**
 * The golden path behind one object: connect, execute, deliver. No state at module level, so two can live side
 * by side, as in tests.
 */
import {
  ContextError,
  assertLive,
  findUnknownKeys,
  requireContext,
  toClientAnswer,
  toOwnerKey,
  type UserExecutionContext,
} from 'user-execution-context'
import { toAgentRun, toRunOwner } from './execution/agent-run.ts'
import { isPending } from './ports/awaitable.ts'
import { callListener } from './call-listener.ts'
import { ClosingSteps } from './closing-steps.ts'
import { openConnection, toConnectionOwner, toOutlet, type Connection } from './connection/connection.ts'
import { toAmbientAgent } from './execution/ambient-agent.ts'
import { IsoClock } from './execution/envelope-writer.ts'
import type { ExecuteOptions, GoldenPath, GoldenPathOptions } from './golden-path.ts'
import { toSafeObserver, type GoldenPathFigures } from './golden-path-event.ts'
import { observeRun } from './execution/observe-run.ts'
import { boundIfLate } from './ports/bounded-event-log.ts'
import type { RunKey } from './ports/event-log.ts'
import { findPortIssues, portRules } from './ports/find-port-issues.ts'
import { inProcessEventLog } from './ports/in-process-event-log.ts'
import { inProcessRunQueue } from './ports/in-process-run-queue.ts'
import { inProcessStartKeys } from './ports/in-process-start-keys.ts'
import { invalidOptions } from './invalid-options.ts'
import { assertKnownKeys, toCloseOptions } from './known-keys.ts'
import { parseLimits } from './limits.ts'
import { UncorkScheduler, type OutletParts } from './connection/outlet.ts'
import { watchConnection } from './connection/watch-connection.ts'
import { reportError } from './execution/report-error.ts'
import { runInRootAsyncScope } from './execution/root-async-scope.ts'
import { RunStarter } from './execution/run-starter.ts'
import { Subscription } from './delivery/subscription.ts'
import { Subscriptions } from './delivery/subscriptions.ts'
import { TurnBudget } from './execution/turn-budget.ts'
import { UnfinishedRuns } from './execution/unfinished-runs.ts'
import { wireVersion } from './wire/wire-envelope.ts'

const optionKeys = {
  open: [
    ...['agent', 'resumable', 'ambient', 'limits', 'eventLog', 'runQueue', 'startKeys', 'onError', 'observe'],
    'traceRun',
  ],
  connect: ['runs'],
  execute: ['onAccepted', 'outlivesIdentity', 'idempotencyKey', 'idempotencyScope'],
  deliver: ['epoch', 'lastSequence', 'once', 'onStart'],
  close: ['finishMs', 'spreadMs'],
} as const

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
  const issues = findUnknownKeys(options, optionKeys.open)
  const { agent, resumable = false, ambient, limits: changes, eventLog, runQueue, onError = () => {} } = options ?? {}
  const { observe: given = () => {}, traceRun = () => undefined } = options ?? {}
  const functions = { agent, onError, observe: given, traceRun, ...(ambient !== undefined && { ambient }) }
  for (const [path, each] of Object.entries(functions))
    if (typeof each !== 'function') issues.push({ path, kind: 'not a function' })
  issues.push(...findPortIssues(options ?? {}))
  if (issues.length > 0) throw invalidOptions(issues, portRules)
  const limits = parseLimits(changes)
  const log = boundIfLate(eventLog ?? inProcessEventLog(limits), limits.logTimeMs)
  const queue = runQueue ?? inProcessRunQueue(limits)
  let isClosed = false
  const closing = new ClosingSteps()
  const assertOpen = (): void => {
    if (isClosed) throw new ContextError('ERR_CONTEXT_CLOSED')
  }
  const fail = (connection: Connection, error: unknown): void => {
    reportError(onError, error, connection.context)
    // 1013 where the log is away: the client comes again.
    connection.close(toClientAnswer(error).closeCode === 1013 ? 1013 : 1011, 'The connection failed.')
  }
  const tell = (call: () => unknown, context: UserExecutionContext): void =>
    callListener(call, (error) => reportError(onError, error, context))
  const keys = options.startKeys ?? inProcessStartKeys(limits, async (run) => (await log.find(run)) !== undefined)
  const observe = toSafeObserver(given)
  const starter = new RunStarter({ log, queue, keys, limits, tell, observer: { observe, traceRun } })
  const subscriptions = new Subscriptions(log, limits, fail)
  const outletParts: OutletParts = {
    limits,
    uncorkScheduler: new UncorkScheduler(),
    eventsDelivered: 0,
    onSlow: (outlet) =>
      outlet instanceof Subscription &&
      observe({ type: 'reader-slow', context: outlet.connection.context, address: outlet.address }),
    onClose: (outlet, closeCode) => {
      if (!(outlet instanceof Subscription)) return
      subscriptions.remove(outlet)
      const { connection, address } = outlet
      observe({ type: 'connection-closed', context: connection.context, address, closeCode })
    },
  }
  const onLost = (run: RunKey): void => subscriptions.lose(run)
  const parts = {
    agent: ambient === undefined ? agent : toAmbientAgent(agent, ambient),
    isResumable: resumable,
    eventLog: log,
    limits,
    clock: new IsoClock(),
    budget: new TurnBudget(),
    onError,
    onLost,
  }
  const unfinished = new UnfinishedRuns()
  queue.process(
    (job, cancellation) => unfinished.add(runInRootAsyncScope(observeRun, job, cancellation, parts, observe)),
    (end) => observe({ type: 'unexecuted-run-ended', ...end }),
  )
  const figures: GoldenPathFigures = Object.freeze({
    eventsDelivered: () => outletParts.eventsDelivered,
    runsWaiting: () => queue.countWaiting?.(),
  })
  observe({ type: 'golden-path-opened', figures })

  return Object.freeze<GoldenPath>({
    limits,
    connect: (context, transport, options = {}) => {
      requireContext(context)
      assertLive(context)
      assertKnownKeys(options, optionKeys.connect)
      assertOpen()
      subscriptions.assertRoom(toOwnerKey(context))
      const subscription = new Subscription(transport, outletParts, options.runs ?? 'all')
      const connection = openConnection(context, subscription)
      subscription.connection = connection
      const added = subscriptions.add(subscription)
      observe({ type: 'connection-opened', context, address: subscription.address })
      watchConnection(connection, context)
      if (isPending(added)) sayReadyAfter(added, connection, fail)
      else sayReady(connection)
      return connection
    },
    findConnections: (context) => {
      requireContext(context)
      return subscriptions.list(toOwnerKey(context))
    },
    execute: async (context, input, options = {}) => {
      requireContext(context)
      assertLive(context)
      assertKnownKeys(options, optionKeys.execute)
      assertOpen()
      // What its reason is, the compiler has seen in the call.
      return starter.start(context, input, options as ExecuteOptions)
    },
    deliver: (run, connection, options = {}) => {
      const ownerKey = toRunOwner(run)
      // The one line that keeps a run of one user from the connection of another.
      if (ownerKey !== toConnectionOwner(connection)) throw new ContextError('ERR_CONTEXT_ISOLATION')
      assertKnownKeys(options, optionKeys.deliver)
      const { epoch = 1, lastSequence = 0, once = false, onStart } = options
      // A client that names an event has been here before, and so has one that wants to know where the run goes on.
      if (lastSequence > 0 || onStart !== undefined) {
        const { context } = connection
        observe({ type: 'client-resumed', context, address: toOutlet(connection).address, runId: run.runId })
      }
      return subscriptions.deliver({ ownerKey, runId: run.runId }, connection, {
        position: {
          epoch: parseNumber(epoch, 'epoch', 1),
          sequence: parseNumber(lastSequence, 'lastSequence', 0),
        },
        once,
        onStart: onStart && ((start) => tell(() => onStart(start), connection.context)),
      })
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
    close: async (options = {}) => {
      const { finishMs = 0, spreadMs = 0 } = toCloseOptions(options, optionKeys.close)
      isClosed = true
      await closing.run({
        drain: () => queue.drain?.(),
        finish: () => unfinished.wait(finishMs),
        queue: () => queue.close({ handsOn: resumable }),
        subscriptions: () => subscriptions.close(spreadMs),
        log: () => log.close(),
      })
      observe({ type: 'golden-path-closed', figures })
    },
  })
}

function sayReady(connection: Connection): void {
  connection.send({ version: wireVersion, type: 'connection_ready', connectionId: connection.connectionId })
}

// Outside of openGoldenPath(), whose closures would be kept by each connection.
function sayReadyAfter(
  added: PromiseLike<unknown>,
  connection: Connection,
  fail: (connection: Connection, error: unknown) => void,
): void {
  added.then(
    () => sayReady(connection),
    (error: unknown) => fail(connection, error),
  )
}

function parseNumber(value: unknown, path: string, least: number): number {
  if (Number.isSafeInteger(value) && (value as number) >= least) return value as number
  throw new ContextError('ERR_CONTEXT_INVALID_OPTIONS', { issues: [{ path, kind: 'not a number' }] })
}
