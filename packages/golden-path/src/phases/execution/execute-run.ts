/**
 * Executes one run to its terminal event, whatever the agent does: the worker behind a run queue.
 */
import { setTimeout as pause } from 'node:timers/promises'
import {
  ContextError,
  abortScope,
  isContextError,
  openScope,
  toOwnerKey,
  watchIdentity,
  type Scope,
} from 'user-execution-context'
import { toEventIterator } from './agent-events.ts'
import type { Agent, AgentInput } from '../ports/agent.ts'
import { isPending, type Awaitable } from '../ports/awaitable.ts'
import type { IsoClock } from './envelope-writer.ts'
import type { EventLog, EventWriter, RunKey } from '../ports/event-log.ts'
import type { Limits } from '../limits.ts'
import { findRefusal } from './liveness-at-start.ts'
import { readEarlierEvents } from './read-earlier-events.ts'
import { reportError, type ErrorListener } from './report-error.ts'
import { runInRootAsyncScope } from './root-async-scope.ts'
import { RunCancelled, type RunCancellation } from '../ports/run-cancellation.ts'
import type { RunJob } from '../ports/run-queue.ts'
import type { TurnBudget } from './turn-budget.ts'
import { within } from '../within.ts'
import { RunRecorder, type RunEnd } from './run-recorder.ts'

/** What every run of a golden path shares. */
export type RunParts = {
  readonly agent: Agent
  /** Whether the agent is called again for a run whose worker was lost. */
  readonly isResumable: boolean
  readonly eventLog: EventLog
  readonly limits: Limits
  readonly clock: IsoClock
  readonly budget: TurnBudget
  /** Told of a run whose end the log did not take: its readers would wait for it. */
  readonly onLost: (run: RunKey) => void
  /** Told of what a client is not: the error behind an `agent_failed`, and failed cleanups. */
  readonly onError: ErrorListener
}

/** The first events of a run count for nothing: short runs do not wait for those that flood. */
const freeEvents = 16

/** Executes a job. Never rejects, and gives how the run left this process. */
export const executeRun = async (
  { context, input, writer: given }: RunJob,
  cancellation: RunCancellation,
  parts: RunParts,
): Promise<ExecutedEnd> => {
  const report = (error: unknown): void => reportError(parts.onError, error, context)
  const run = { ownerKey: toOwnerKey(context), runId: context.runId }
  try {
    const opened = given ?? retry(() => parts.eventLog.openWriter(run), report)
    const writer = isPending(opened) ? await opened : opened
    const recorder = new RunRecorder(context, writer, parts.limits, parts.clock)
    const taken = retry(() => begin(input, writer, recorder, run, parts.eventLog), report)
    const begun = isPending(taken) ? await taken : taken
    const asked = findRefusal(context, cancellation)
    const refused = (isPending(asked) ? await asked : asked) ?? (begun.resumed && findLoss(parts))
    const job = { context, input: begun }
    const end = refused ? toEnd(refused) : await runAgent(job, cancellation, recorder, parts, report)
    // Another worker has the run, and writes its end.
    if (end.type === 'abandoned') return end
    // Of a run that was ended from outside, the log may still be taking an event: one at a time, or the end could
    // overtake it.
    if (recorder.pending) await within(recorder.pending, parts.limits.cleanupTimeMs, tookTooLong).catch(report)
    if (end.type === 'agent_failed') report(end.error)
    const finished = retry(() => recorder.finish(end), report)
    if (isPending(finished)) await finished
    return end
  } catch (error) {
    report(error)
    // Another worker has the run, or an end that was thought to have failed is there: its readers get the rest.
    if (isFenced(error)) return { type: 'abandoned' }
    // The event log itself has failed: there is nowhere to write to.
    parts.onLost(run)
    return { type: 'lost' }
  }
}

/** How a run ended in this process. */
type End = RunEnd | { readonly type: 'abandoned' }

/** `'lost'`: the event log did not take the end. */
export type ExecutedEnd = End | { readonly type: 'lost' }

// The first worker of a run writes its start, unless the queue has. One that comes after it reads what there is.
function begin(
  input: AgentInput,
  { epoch, lastSequence }: EventWriter,
  recorder: RunRecorder,
  run: RunKey,
  eventLog: EventLog,
): Awaitable<AgentInput> {
  if (epoch > 1 && lastSequence > 0) return takeUp(input, recorder, run, eventLog)
  const started = lastSequence > 0 ? undefined : recorder.start(input)
  return isPending(started) ? started.then(() => input) : input
}

async function takeUp(input: AgentInput, recorder: RunRecorder, run: RunKey, eventLog: EventLog): Promise<AgentInput> {
  const earlier = await readEarlierEvents(eventLog, run)
  recorder.takeUp(earlier)
  await recorder.closeTools()
  return { ...input, resumed: { text: earlier.answer } }
}

function findLoss({ isResumable }: RunParts): unknown {
  return isResumable ? undefined : new ContextError('ERR_CONTEXT_WORKER_LOST')
}

function isFenced(error: unknown): boolean {
  return isContextError(error) && error.code === 'ERR_CONTEXT_WRITE_FENCED'
}

async function runAgent(
  job: RunJob,
  cancellation: RunCancellation,
  recorder: RunRecorder,
  parts: RunParts,
  report: (error: unknown) => void,
): Promise<End> {
  const { runTimeMs, cleanupTimeMs } = parts.limits
  const scope = openScope(job.context)
  const driving: Driving = { recorder, cleanupTimeMs, budget: parts.budget, abortedAs: undefined }
  let timer: NodeJS.Timeout | undefined
  let unwatch: (() => void) | undefined
  const end = await new Promise<End>((resolve) => {
    // Time and cancellation are not the scope's: an agent can close its scope, and a closed one hears of nothing.
    const abort = (reason: unknown): void => {
      abortScope(scope, reason)
      driving.abortedAs ??= toEnd(reason)
      resolve(driving.abortedAs)
    }
    timer = setTimeout(() => abort(new ContextError('ERR_CONTEXT_SCOPE_TIMEOUT')), runTimeMs)
    cancellation.whenCancelled((cancelled) => runInRootAsyncScope(abort, cancelled))
    unwatch = watchIdentity(job.context, () => runInRootAsyncScope(abort, new RunCancelled('identity_ended')))
    drive(parts.agent, scope, job.input, driving).then(resolve, (error: unknown) => resolve(toEnd(error)))
  })
  clearTimeout(timer)
  unwatch?.()
  await within(scope.close(), cleanupTimeMs, tookTooLong).catch(report)
  return end
}

/**
 * `abortedAs`: how the run has ended without its agent. A property, because `signal.aborted` costs as much as an event.
 */
type Driving = Pick<RunParts, 'budget'> & {
  readonly recorder: RunRecorder
  readonly cleanupTimeMs: number
  abortedAs: End | undefined
}

async function drive(agent: Agent, scope: Scope, input: AgentInput, driving: Driving): Promise<End> {
  const { recorder, cleanupTimeMs, budget } = driving
  const iterator = toEventIterator(agent(scope, input))
  for (let count = 1; ; count++) {
    const step = await iterator.next()
    // Cancelled or out of time meanwhile: what comes now is dropped.
    if (driving.abortedAs) return stop(iterator, cleanupTimeMs, driving.abortedAs)
    if (step.done) return recorder.complete()
    try {
      const taken = recorder.take(step.value)
      if (isPending(taken)) await taken
      else if (taken) return stop(iterator, cleanupTimeMs, taken)
    } catch (error) {
      return stop(iterator, cleanupTimeMs, toEnd(error))
    }
    const turn = count > freeEvents ? budget.take() : undefined
    if (turn) await turn
  }
}

// The readers of a run wait until its end is written, and a log on another machine can fail for a moment.
function retry<Value>(call: () => Awaitable<Value>, report: (error: unknown) => void): Awaitable<Value> {
  let first: Awaitable<Value>
  try {
    first = call()
  } catch (error) {
    first = Promise.reject(error)
  }
  return isPending(first) ? retryLater(first, call, report) : first
}

async function retryLater<Value>(
  first: PromiseLike<Value>,
  call: () => Awaitable<Value>,
  report: (error: unknown) => void,
): Promise<Value> {
  let answer: Awaitable<Value> = first
  for (const pauseMs of [50, 500]) {
    try {
      return await answer
    } catch (error) {
      // The log has answered: it has no such run, or another worker has.
      if (isFenced(error) || (isContextError(error) && error.code === 'ERR_CONTEXT_RUN_NOT_FOUND')) throw error
      report(error)
    }
    await pause(pauseMs)
    answer = (async () => call())()
  }
  return answer
}

// Lets the agent's own `finally` blocks run before the scope closes.
async function stop(iterator: AsyncIterator<unknown>, cleanupTimeMs: number, end: End): Promise<End> {
  await within((async () => iterator.return?.())(), cleanupTimeMs, tookTooLong).catch(() => undefined)
  return end
}

function tookTooLong(): ContextError {
  return new ContextError('ERR_CONTEXT_SCOPE_TIMEOUT')
}

function toEnd(reason: unknown): End {
  if (!(reason instanceof RunCancelled)) {
    const error = isContextError(reason) ? reason : new ContextError('ERR_CONTEXT_AGENT_FAILED', { cause: reason })
    return { type: 'agent_failed', error }
  }
  if (reason.reason === 'abandoned') return { type: 'abandoned' }
  // Nobody wished it: the client that started it is told that it failed, and can ask again.
  if (reason.reason === 'shutdown') return { type: 'agent_failed', error: new ContextError('ERR_CONTEXT_RUN_DRAINED') }
  return { type: 'agent_cancelled', reason: reason.reason }
}
