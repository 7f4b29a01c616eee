/**
 * Work for a user that starts outside of every request's async context.
 *
 * The code that opens the golden path, enqueues, cancels, or ends the run before has async contexts: ours, and those of
 * loggers, tracers and databases. What a run finds in them would be another user's.
 */
import { AsyncResource } from 'node:async_hooks'

// Made where the module is loaded, not where a golden path is opened: a lazy one opens in the request of its first
// user.
const root = new AsyncResource('GoldenPath')

type RunInRootAsyncScope = <Parameters extends readonly unknown[], Result>(
  work: (...parameters: Parameters) => Result,
  ...parameters: Parameters
) => Result

/** Calls a function outside of the async context of the caller. */
export const runInRootAsyncScope: RunInRootAsyncScope = (work, ...parameters) =>
  root.runInAsyncScope(work, undefined, ...parameters)
