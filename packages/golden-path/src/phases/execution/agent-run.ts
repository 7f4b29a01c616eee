/**
 * The sealed AgentRun: what deliver() takes. One file, because "private" must mean file-private.
 */
import {
  ContextError,
  requireContext,
  toOwnerKey,
  type RequestId,
  type RunId,
  type ThreadId,
  type UserExecutionContext,
} from 'user-execution-context'
import type { RunRecord } from '../ports/event-log.ts'
import { definePrinters } from '../printers.ts'

const token = Symbol('maker of runs')
const { freeze } = Object
let mint: (record: RunRecord) => AgentRun
let isMinted: (value: unknown) => value is AgentRun
let ownerOf: (run: AgentRun) => string

/**
 * A run of one user: started by execute(), or found again by findRun() for the same user. It holds no events.
 */
class AgentRun {
  /** Never set. Its name is what tsc prints for a value that is no AgentRun. */
  // @ts-ignore TS6133: a private member that no code reads; its NAME is the message.
  declare private readonly 'call execute() or findRun() to obtain an AgentRun': never
  /** Tenant and user: not reachable from outside. Marks the real ones at run time, too. */
  readonly #ownerKey: string
  /** The conversation. May be logged. */
  readonly 'threadId': ThreadId
  /** May be logged. */
  readonly 'runId': RunId
  /** The request that started it, a UUID of its own. May be logged. */
  readonly 'requestId': RequestId
  /** Milliseconds since the epoch. May be logged. */
  readonly 'createdAtMs': number

  private 'constructor'(secret: symbol, record: RunRecord) {
    if (secret !== token || new.target !== AgentRun) throw new ContextError('ERR_CONTEXT_NOT_CONSTRUCTIBLE')
    this.#ownerKey = record.ownerKey
    this.threadId = record.threadId
    this.runId = record.runId
    this.requestId = record.requestId
    this.createdAtMs = record.createdAtMs
    freeze(this)
  }

  static {
    mint = (record) => new AgentRun(token, record)
    isMinted = (value): value is AgentRun => typeof value === 'object' && value !== null && #ownerKey in value
    ownerOf = (run) => run.#ownerKey
    definePrinters(AgentRun.prototype, 'AgentRun', isMinted, (run) => ({ ...run }))
    freeze(AgentRun.prototype)
    freeze(AgentRun)
  }
}

export type { AgentRun }

/**
 * The run of a record, for its owner only. Not public: execute() and findRun() are.
 *
 * @throws {ContextError} `ERR_CONTEXT_NOT_ISSUED`, `ERR_CONTEXT_ISOLATION` when the record is another user's.
 */
export const toAgentRun = (context: UserExecutionContext, record: RunRecord): AgentRun => {
  requireContext(context)
  if (record.ownerKey !== toOwnerKey(context)) throw new ContextError('ERR_CONTEXT_ISOLATION')
  return mint(record)
}

/**
 * Whether a value is a run that execute() or findRun() gave, in this process.
 *
 * @example
 * ```ts
 * import { isAgentRun, type AgentRun } from '@user-execution-context/golden-path'
 *
 * export const toRunId = (value: unknown): string | undefined => (isAgentRun(value) ? value.runId : undefined)
 * export type Run = AgentRun
 * ```
 */
export const isAgentRun = (value: unknown): value is AgentRun => isMinted(value)

type AssertAgentRun = (value: unknown) => asserts value is AgentRun

/** Refuses everything that is no run. @throws {ContextError} `ERR_CONTEXT_RUN_NOT_ISSUED`. */
export const assertAgentRun: AssertAgentRun = (value) => {
  if (!isMinted(value)) throw new ContextError('ERR_CONTEXT_RUN_NOT_ISSUED')
}

/** Tenant and user of a run. Not public. @throws {ContextError} `ERR_CONTEXT_RUN_NOT_ISSUED`. */
export const toRunOwner = (run: AgentRun): string => {
  assertAgentRun(run)
  return ownerOf(run)
}
