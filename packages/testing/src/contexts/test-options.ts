/**
 * What testUser() and testContext() take, and the check of it at run time.
 */
import {
  ContextError,
  type Issue,
  type RunId,
  type RunRequest,
  type ThreadId,
  type UserId,
} from 'user-execution-context'
import type { Vouching } from 'user-execution-context/restricted'

/** A string without a brand, so that a ThreadId given for a user is a compile error. */
type Unbranded = string & { readonly __type__?: never }

/** What a test may say about its user. All keys are optional; unknown keys are refused. */
export type TestUserOptions = Omit<Vouching, 'reason'> & {
  /** The user. Id grammar. Default `'test-user'`. A key that is there and undefined is refused. */
  readonly userId?: UserId | Unbranded
}

/** What a test may say about its context: its user and its run. All keys are optional; unknown keys are refused. */
export type TestContextOptions = TestUserOptions &
  Omit<RunRequest, 'threadId' | 'runId'> & {
    /** The conversation. Id grammar. Default `'test-thread'`. */
    readonly threadId?: ThreadId | Unbranded | undefined
    /** The run. Id grammar. Default `'test-run'`. */
    readonly runId?: RunId | Unbranded | undefined
  }

/**
 * The ids of a context whose test names none. Two users share the thread and the run, so only the user tells them
 * apart.
 */
export const testDefaults = Object.freeze({
  userId: 'test-user',
  threadId: 'test-thread',
  runId: 'test-run',
} as const)

/** The keys of a user. A key that the core adds is missing here until it is listed: the compiler says so. */
export const userKeys: Readonly<Record<keyof TestUserOptions, true>> = {
  userId: true,
  namespace: true,
  tenantId: true,
  sessionId: true,
  permissions: true,
  expiresAtMs: true,
  sessions: true,
}

/** The keys of a run. */
export const runKeys: Readonly<Record<keyof RunRequest, true>> = {
  threadId: true,
  runId: true,
  agentContext: true,
  auditMetadata: true,
}

/**
 * The own properties of the options, each read once.
 *
 * @throws {ContextError} `ERR_CONTEXT_INVALID_OPTIONS` with all issues at once; its `cause` lists the keys.
 */
export const readTestOptions = (
  name: string,
  options: unknown,
  keys: Readonly<Record<string, true>>,
): Readonly<Record<string, unknown>> => {
  if (!isPlainObject(options)) throw toError(name, keys, [{ path: '', kind: 'not a plain object' }])
  const own: Record<string, unknown> = { ...options }
  const issues: Issue[] = Object.keys(own)
    .filter((key) => !Object.hasOwn(keys, key))
    .map((key) => ({ path: key, kind: 'unknown key' }))
  // A test that names its user by a property that does not exist must not run as the default user.
  if (Object.hasOwn(own, 'userId') && own['userId'] === undefined) issues.push({ path: 'userId', kind: 'missing' })
  if (issues.length > 0) throw toError(name, keys, issues)
  return own
}

function isPlainObject(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || prototype === Object.prototype
}

function toError(name: string, keys: Readonly<Record<string, true>>, issues: readonly Issue[]): ContextError {
  const cause = new TypeError(
    `${name}() takes one object with the keys ${Object.keys(keys).join(', ')}. ` +
      'Leave out userId for the default user. ' +
      'requestId, time and identity of a context are always its own: compare with contextOf() or a snapshot.',
  )
  return new ContextError('ERR_CONTEXT_INVALID_OPTIONS', { issues, cause })
}
