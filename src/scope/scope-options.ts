/**
 * What a caller may say about the lifetime of a scope, checked: options, or all issues at once.
 */
import type { ChildAdditions } from '../context/run-request.ts'
import { ContextError } from '../errors/context-error.ts'
import { findUnknownKeys, type Issue } from '../errors/issue.ts'
import type { PlatformAbortSignal } from './platform-types.ts'

/** How long a scope may live. */
export type ScopeOptions = {
  /** Milliseconds until the scope aborts, 1 to 2,147,483,647 (24 days, the bound of timers). Default: no limit. */
  readonly timeoutMs?: number | undefined
  /** Aborts the scope with its own reason. Listened to once, and no longer than the scope lives. */
  readonly signal?: PlatformAbortSignal | undefined
}

/** Options of a child scope: its lifetime, and what its context adds to the parent's records. */
export type ChildScopeOptions<Reason extends string = string> = ScopeOptions & ChildAdditions<Reason>

const maxTimeoutMs = 2_147_483_647

/**
 * Checks a lifetime. Each property is read once.
 *
 * @throws {ContextError} `ERR_CONTEXT_INVALID_OPTIONS` with all issues at once.
 */
export const parseScopeOptions = (options: ScopeOptions): ScopeOptions => {
  if (typeof options !== 'object' || options === null) throw invalid([{ path: '', kind: 'not an object' }])
  const { timeoutMs, signal } = options
  // A misspelt `timeoutMs` would be no limit at all.
  const issues = findUnknownKeys(options, ['timeoutMs', 'signal'])
  if (timeoutMs !== undefined) {
    if (typeof timeoutMs !== 'number') issues.push({ path: 'timeoutMs', kind: 'not a number' })
    else if (!(timeoutMs >= 1)) issues.push({ path: 'timeoutMs', kind: 'too small' })
    else if (timeoutMs > maxTimeoutMs) issues.push({ path: 'timeoutMs', kind: 'too large' })
  }
  if (signal !== undefined && !(signal instanceof AbortSignal))
    issues.push({ path: 'signal', kind: 'not an abort signal' })
  if (issues.length > 0) throw invalid(issues)
  return { timeoutMs, signal }
}

/** The error of options that cannot be used. */
export const invalid = (issues: readonly Issue[], fix?: string): ContextError =>
  new ContextError('ERR_CONTEXT_INVALID_OPTIONS', fix === undefined ? { issues } : { issues, fix })
