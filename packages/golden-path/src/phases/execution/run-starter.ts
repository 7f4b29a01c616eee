/**
 * Starts runs: files them in the log, queues them, and starts none twice that has an idempotency key.
 */
import { ContextError, deriveChild, toOwnerKey, type UserExecutionContext } from 'user-execution-context'
import type { ExecuteOptions } from '../golden-path.ts'
import type { Observe } from '../golden-path-event.ts'
import type { Limits } from '../limits.ts'
import { isPending } from '../ports/awaitable.ts'
import type { AgentInput } from '../ports/agent.ts'
import type { EventLog, RunRecord } from '../ports/event-log.ts'
import type { RunJob, RunQueue } from '../ports/run-queue.ts'
import type { StartClaim, StartKey, StartKeyStore } from '../ports/start-key-store.ts'
import { toAgentRun, type AgentRun } from './agent-run.ts'
import { parseInput } from './parse-input.ts'
import { toStartKey } from './start-key.ts'
import { findTraceParent, type TraceRun } from './trace-parent.ts'

/** Calls what the caller gave to be told, and takes what it throws. */
export type Tell = (call: () => unknown, context: UserExecutionContext) => void

/** Who hears of starts, and gives the trace of a run. */
export type StartObserver = { readonly observe: Observe; readonly traceRun: TraceRun | undefined }

/** What a starter works with. */
export type StarterParts = {
  readonly log: EventLog
  readonly queue: RunQueue
  readonly keys: StartKeyStore
  readonly limits: Limits
  readonly tell: Tell
  readonly observer: StartObserver
}

/** Starts the runs of one golden path. The caller has asserted the context. */
export class RunStarter {
  readonly #log: EventLog
  readonly #queue: RunQueue
  readonly #limits: Limits
  readonly #tell: Tell
  readonly #keys: StartKeyStore
  readonly #observer: StartObserver

  constructor({ log, queue, keys, limits, tell, observer }: StarterParts) {
    this.#log = log
    this.#queue = queue
    this.#limits = limits
    this.#tell = tell
    this.#keys = keys
    this.#observer = observer
  }

  /** Starts a run, or finds the one that the same key has started. */
  start(given: UserExecutionContext, givenInput: AgentInput, options: ExecuteOptions): Promise<AgentRun> {
    const input = parseInput(givenInput, this.#limits)
    const { outlivesIdentity } = options
    const context = outlivesIdentity === undefined ? given : deriveChild(given, 'exempt-run', { outlivesIdentity })
    if (options.idempotencyKey === undefined) return this.#begin(context, input, toRecord(context), options)
    return this.#beginOnce(context, input, options)
  }

  async #beginOnce(context: UserExecutionContext, input: AgentInput, options: ExecuteOptions): Promise<AgentRun> {
    const key = toStartKey(context, input, options)
    const record = toRecord(context)
    if (this.#queue.claimsKeysOf?.(this.#keys) === true) {
      const claim = await this.#fileWith(key, record, this.#toJob(context, input, record, options))
      return this.#toRun(claim, context, record, options)
    }
    const claimed = this.#keys.claim(key, record)
    const claim = isPending(claimed) ? await claimed : claimed
    if (claim.state !== 'claimed') return this.#toRun(claim, context, record, options)
    try {
      const run = await this.#begin(context, input, record, options)
      this.#tell(() => this.#keys.confirm(key, record), context)
      return run
    } catch (error) {
      // Why the start is refused is worth more than that the store did not forget it.
      this.#tell(() => this.#keys.release(key, record), context)
      throw error
    }
  }

  /**
   * Claims the key and queues the run in one step. The store waits for another start with the key, or decides that it
   * is lost; the key is then set free and claimed like any other. Claimed beforehand, it would let this process queue
   * its run late: after it was stopped, and another one has taken it for lost and started the run, too.
   */
  async #fileWith(key: StartKey, record: RunRecord, job: [RunJob, () => void]): Promise<StartClaim> {
    for (;;) {
      const filed = await this.#queue.fileAndEnqueue!(...job, key)
      if (filed.state !== 'undecided') return filed
      const decided = await this.#keys.claim(key, record)
      if (decided.state !== 'claimed') return decided
      await this.#keys.release(key, record)
    }
  }

  /** The run that a claim of a key gives: its own, or the one that the key has started before. */
  #toRun(
    claim: StartClaim,
    context: UserExecutionContext,
    record: RunRecord,
    { onAccepted }: ExecuteOptions,
  ): AgentRun {
    if (claim.state === 'reused') throw new ContextError('ERR_CONTEXT_IDEMPOTENCY_KEY_REUSED')
    if (claim.state === 'full') throw tooMany(`limits.${claim.limit}`)
    if (claim.state === 'claimed') return toAgentRun(context, record)
    const run = toAgentRun(context, claim.run)
    this.#tell(() => onAccepted?.(run), context)
    return run
  }

  async #begin(
    context: UserExecutionContext,
    input: AgentInput,
    record: RunRecord,
    options: ExecuteOptions,
  ): Promise<AgentRun> {
    const [job, onQueued] = this.#toJob(context, input, record, options)
    // A start that has claimed its key is filed before it is queued: one that counts as lost meanwhile is forgotten
    // between the two, so that it is never queued beside the one that came after it.
    if (this.#queue.fileAndEnqueue !== undefined && options.idempotencyKey === undefined) {
      const taken = this.#queue.fileAndEnqueue(job, onQueued)
      if (isPending(taken)) await taken
      return toAgentRun(context, record)
    }
    const created = this.#log.create(record)
    if (isPending(created)) await created
    try {
      const enqueued = this.#queue.enqueue(job, onQueued)
      if (isPending(enqueued)) await enqueued
    } catch (error) {
      // Why the start is refused is worth more than that the log did not forget it.
      await this.#log.discard(record).catch(() => undefined)
      throw error
    }
    return toAgentRun(context, record)
  }

  /** The job of a start, and what is called once it is queued. */
  #toJob(
    context: UserExecutionContext,
    input: AgentInput,
    record: RunRecord,
    { onAccepted }: ExecuteOptions,
  ): [job: RunJob, onQueued: () => void] {
    const { observe, traceRun } = this.#observer
    const traceParent = findTraceParent(traceRun, context)
    const onQueued = (): void => {
      observe({ type: 'run-queued', context })
      if (onAccepted !== undefined) this.#tell(() => onAccepted(toAgentRun(context, record)), context)
    }
    return [{ context, input, queuedAtMs: record.createdAtMs, traceParent }, onQueued]
  }
}

function toRecord(context: UserExecutionContext): RunRecord {
  const { threadId, runId, requestId } = context
  return Object.freeze({ ownerKey: toOwnerKey(context), threadId, runId, requestId, createdAtMs: Date.now() })
}

function tooMany(path: string): ContextError {
  return new ContextError('ERR_CONTEXT_TOO_MANY_RUNS', { issues: [{ path, kind: 'too large' }] })
}
