/**
 * The event log of one process: the embedded default. Its memory is bounded by the limits table.
 */
import { ContextError, type RunId } from 'user-execution-context'
import type { EventLog, EventWriter, LoggedEvent, RunKey, RunRecord } from './event-log.ts'
import { toMaxHeldBytes } from './held-bytes.ts'
import { HeldRun } from './held-run.ts'
import type { Limits } from '../limits.ts'

type Listener = (run: RunRecord) => void
type Owner = { runs: Map<RunId, HeldRun> | undefined; listeners: readonly Listener[] }

/** The logs that are made here, which are never late, and how to hear of the runs of all their owners. */
const made = new WeakMap<EventLog, (listener: Listener) => void>()
/** Whether a log keeps its events in the memory of this process. */
export const isInProcessEventLog = (log: EventLog): boolean => made.has(log)

/**
 * Calls a listener with each run of a log of this process that is first opened, whoever owns it.
 * Not in the port, whose functions take the owner: an ear for each user would be a tenth of what an idle socket costs.
 *
 * @returns Whether it does: a log of another kind is followed owner by owner.
 */
export const followStarts = (log: EventLog, listener: Listener): boolean => {
  made.get(log)?.(listener)
  return made.has(log)
}

const noListeners: readonly Listener[] = Object.freeze([])

/**
 * Keeps events in the memory of this process. What has ended is forgotten, oldest first, when a user has more than
 * `retainedRunsPerUser`, all have more than `retainedRuns`, or all events have more than `loggedBytes`, or than a
 * quarter of the heap limit of this process (`--max-old-space-size`).
 *
 * @example
 * ```ts
 * import { defaultLimits, inProcessEventLog, openGoldenPath, type Agent } from '@user-execution-context/golden-path'
 *
 * export const open = (agent: Agent) => openGoldenPath({ agent, eventLog: inProcessEventLog(defaultLimits) })
 * ```
 */
export const inProcessEventLog = (limits: Limits): EventLog => {
  const owners = new Map<string, Owner>()
  const ended = new Set<HeldRun>()
  const endedOf = new Map<string, Set<HeldRun>>()
  const maxBytes = toMaxHeldBytes(limits.loggedBytes)
  const starts: Listener[] = []
  let heldBytes = 0

  const forget = (run: HeldRun): void => {
    const { ownerKey, runId } = run.record
    const owner = owners.get(ownerKey)
    if (owner?.runs?.get(runId) !== run) return
    owner.runs.delete(runId)
    if (owner.runs.size === 0) owner.runs = undefined
    ended.delete(run)
    const own = endedOf.get(ownerKey)
    if (own?.delete(run) && own.size === 0) endedOf.delete(ownerKey)
    heldBytes -= run.bytes
    freeOwner(ownerKey, owner)
  }
  const freeOwner = (ownerKey: string, owner: Owner): void => {
    if (owner.runs === undefined && owner.listeners.length === 0) owners.delete(ownerKey)
  }
  const ensureOwner = (ownerKey: string): Owner => {
    const known = owners.get(ownerKey)
    if (known) return known
    const owner: Owner = { runs: undefined, listeners: noListeners }
    owners.set(ownerKey, owner)
    return owner
  }
  const findRun = ({ ownerKey, runId }: RunKey): HeldRun | undefined => owners.get(ownerKey)?.runs?.get(runId)
  const get = (key: RunKey): HeldRun => {
    const run = findRun(key)
    if (run === undefined) throw new ContextError('ERR_CONTEXT_RUN_NOT_FOUND')
    return run
  }
  const retain = (run: HeldRun): void => {
    const { ownerKey } = run.record
    const own = endedOf.get(ownerKey) ?? new Set()
    endedOf.set(ownerKey, own.add(run))
    ended.add(run)
    if (own.size > limits.retainedRunsPerUser) forget(first(own))
    if (ended.size > limits.retainedRuns) forget(first(ended))
  }
  const append = (run: HeldRun, event: LoggedEvent): void => {
    // A run that was discarded meanwhile is in no list: what it adds could never be freed.
    if (findRun(run.record) !== run) throw new ContextError('ERR_CONTEXT_RUN_NOT_FOUND')
    // Added in a step of its own: a listener may start a run, whose first event counts here before this one.
    const added = run.append(event)
    heldBytes += added
    if (run.isEnded) retain(run)
    while (heldBytes > maxBytes && ended.size > 0) forget(first(ended))
    // Only runs that still execute are left: the one that writes gives up its own oldest events.
    if (heldBytes > maxBytes) heldBytes -= run.trim(heldBytes - maxBytes)
  }
  const open = (run: HeldRun): EventWriter => {
    run.open()
    const { epoch, lastSequence, record } = run
    return {
      epoch,
      lastSequence,
      requestId: record.requestId,
      append: (event) => append(run, event),
      reopen: () => {
        if (run.epoch !== epoch) throw new ContextError('ERR_CONTEXT_WRITE_FENCED')
        return open(run)
      },
    }
  }

  const log = Object.freeze({
    create: (record) => {
      const owner = ensureOwner(record.ownerKey)
      const runs = (owner.runs ??= new Map())
      if (runs.has(record.runId)) throw new ContextError('ERR_CONTEXT_RUN_EXISTS')
      runs.set(record.runId, new HeldRun(record, limits.loggedEventsPerRun))
    },
    discard: async (key) => {
      const run = findRun(key)
      if (run) forget(run)
    },
    find: async (key) => findRun(key)?.record,
    list: async (ownerKey) => [...(owners.get(ownerKey)?.runs?.values() ?? [])].map((run) => run.record),
    openWriter: (key) => {
      const run = get(key)
      const writer = open(run)
      if (writer.epoch === 1)
        for (const listener of [...ensureOwner(key.ownerKey).listeners, ...starts]) listener(run.record)
      return writer
    },
    read: (key, after, maxEvents) => get(key).read(after, maxEvents),
    follow: (key, listener) => get(key).follow(listener),
    followOwner: (ownerKey, listener) => {
      const owner = ensureOwner(ownerKey)
      owner.listeners = [...owner.listeners, listener]
      return () => {
        owner.listeners = owner.listeners.filter((other) => other !== listener)
        if (owners.get(ownerKey) === owner) freeOwner(ownerKey, owner)
      }
    },
    close: async () => {
      for (const set of [owners, ended, endedOf]) set.clear()
      heldBytes = 0
    },
  } satisfies EventLog)
  made.set(log, (listener) => void starts.push(listener))
  return log
}

function first(runs: ReadonlySet<HeldRun>): HeldRun {
  const { value } = runs.values().next()
  return value!
}
