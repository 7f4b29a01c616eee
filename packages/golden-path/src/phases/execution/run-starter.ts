/**
 * Starts runs: files them in the log, queues them, and starts none twice that has an idempotency key.
 */
import { deriveChild, toOwnerKey, type UserExecutionContext } from 'user-execution-context'
import type { ExecuteOptions } from '../golden-path.ts'
import type { Limits } from '../limits.ts'
import { isPending } from '../ports/awaitable.ts'
import type { AgentInput } from '../ports/agent.ts'
import type { EventLog, RunRecord } from '../ports/event-log.ts'
import type { RunQueue } from '../ports/run-queue.ts'
import { toAgentRun, type AgentRun } from './agent-run.ts'
import { parseInput } from './parse-input.ts'
import { StartKeys, toStartKey } from './start-keys.ts'

/** Calls what the caller gave to be told, and takes what it throws. */
export type Tell = (call: () => unknown, context: UserExecutionContext) => void

/** Starts the runs of one golden path. The caller has asserted the context. */
export class RunStarter {
  readonly #log: EventLog
  readonly #queue: RunQueue
  readonly #limits: Limits
  readonly #tell: Tell
  readonly #keys: StartKeys

  constructor(log: EventLog, queue: RunQueue, limits: Limits, tell: Tell) {
    this.#log = log
    this.#queue = queue
    this.#limits = limits
    this.#tell = tell
    this.#keys = new StartKeys(limits, async (key) => (await log.find(key)) !== undefined)
  }

  /** Starts a run, or finds the one that the same key has started. */
  start(given: UserExecutionContext, givenInput: AgentInput, options: ExecuteOptions): Promise<AgentRun> {
    const input = parseInput(givenInput, this.#limits)
    const { outlivesIdentity } = options
    const context = outlivesIdentity === undefined ? given : deriveChild(given, 'exempt-run', { outlivesIdentity })
    if (options.idempotencyKey === undefined) return this.#begin(context, input, options)
    return this.#beginOnce(context, input, options)
  }

  async #beginOnce(context: UserExecutionContext, input: AgentInput, options: ExecuteOptions): Promise<AgentRun> {
    const key = toStartKey(context, input, options)
    for (;;) {
      const filed = this.#keys.find(key)
      if (filed === undefined) return this.#keys.file(key, () => this.#begin(context, input, options))
      const record = await filed
      // Refused meanwhile: that start is not remembered.
      if (record === undefined) continue
      const run = toAgentRun(context, record)
      this.#tell(() => options.onAccepted?.(run), context)
      return run
    }
  }

  async #begin(context: UserExecutionContext, input: AgentInput, { onAccepted }: ExecuteOptions): Promise<AgentRun> {
    const { threadId, runId, requestId } = context
    const ownerKey = toOwnerKey(context)
    const record: RunRecord = Object.freeze({ ownerKey, threadId, runId, requestId, createdAtMs: Date.now() })
    const created = this.#log.create(record)
    if (isPending(created)) await created
    const run = toAgentRun(context, record)
    try {
      const enqueued = this.#queue.enqueue({ context, input }, () => this.#tell(() => onAccepted?.(run), context))
      if (isPending(enqueued)) await enqueued
    } catch (error) {
      // Why the start is refused is worth more than that the log did not forget it.
      await this.#log.discard(record).catch(() => undefined)
      throw error
    }
    return run
  }
}
