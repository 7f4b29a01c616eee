/**
 * The check of ports that were given: one that lacks a function would fail in the middle of somebody's run.
 */
import type { Issue } from 'user-execution-context'
import type { OptionRules } from '../invalid-options.ts'
import type { EventLog } from './event-log.ts'
import { isInProcessEventLog } from './in-process-event-log.ts'
import type { RunQueue } from './run-queue.ts'
import type { StartKeyStore } from './start-key-store.ts'

/** Ports that a golden path can be given. */
export type GivenPorts = {
  readonly eventLog?: EventLog | undefined
  readonly runQueue?: RunQueue | undefined
  readonly startKeys?: StartKeyStore | undefined
}

const functionsOf = {
  eventLog: ['create', 'discard', 'find', 'list', 'openWriter', 'read', 'follow', 'followOwner', 'close'],
  runQueue: ['enqueue', 'process', 'cancel', 'close'],
  startKeys: ['claim', 'confirm', 'release'],
} as const satisfies { readonly [Port in keyof GivenPorts]-?: readonly (keyof NonNullable<GivenPorts[Port]>)[] }

/** The rules of ports that depend on another one. */
export const portRules: OptionRules = {
  eventLog: 'A log that all processes of the queue share. The one in memory has the runs of its own process only.',
}

/**
 * What is wrong with ports: a path such as `eventLog.read` for each function that is not there, and a log that is
 * missing or in the memory of this process beside a queue of several. Its runs would end unread.
 */
export const findPortIssues = (ports: GivenPorts): readonly Issue[] => {
  const issues = Object.entries(functionsOf).flatMap(([port, names]) =>
    findMissing(port, ports[port as keyof GivenPorts], names),
  )
  const { eventLog, runQueue } = ports
  if (issues.length > 0 || runQueue?.isShared !== true) return issues
  if (eventLog === undefined) return [{ path: 'eventLog', kind: 'missing' }]
  return isInProcessEventLog(eventLog) ? [{ path: 'eventLog', kind: 'does not fit' }] : []
}

/** What is wrong with an object that may be left out and otherwise has functions of these names. */
export const findMissing = (path: string, given: unknown, names: readonly string[]): readonly Issue[] => {
  if (given === undefined) return []
  if (typeof given !== 'object' || given === null) return [{ path, kind: 'not an object' }]
  return names
    .filter((name) => typeof (given as Readonly<Record<string, unknown>>)[name] !== 'function')
    .map((name) => ({ path: `${path}.${name}`, kind: 'not a function' }))
}
