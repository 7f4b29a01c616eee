/**
 * What the caller of createForUser() may say about a run, checked: facts, or all issues at once.
 */
import { ContextError } from '../errors/context-error.ts'
import { toIssuePath, type Issue } from '../errors/issue.ts'
import { checkId, newRunId, newThreadId, type RunId, type ThreadId } from '../facts/ids.ts'
import type { Facts } from './context-parts.ts'
import { copyRecord, emptyRecord, isPlainObject, type FrozenJsonRecord } from '../facts/json-copy.ts'
import type { ActorInput } from '../facts/actor.ts'
import type { OutlivesIdentityInput } from '../identity/identity-origin.ts'
import { checkReservedKeys } from './reserved-keys.ts'

// Captured before any other code can replace them.
const { freeze } = Object

/** Data for an agent or an audit record: plain JSON. Live objects, functions, instances and cycles are refused. */
export type JsonRecord = { readonly [key: string]: JsonInput | undefined }
/** Plain JSON, as a caller gives it. */
export type JsonInput =
  | string
  | number
  | boolean
  | null
  | readonly JsonInput[]
  | { readonly [key: string]: JsonInput | undefined }

/**
 * The run that a context is for. All keys are optional; unknown keys are refused. Pass a literal or a value of this
 * type; of a value whose type is an interface of yours, pass a spread.
 */
export type RunRequest = {
  /** The conversation. From the client, after you checked that it is this user's. Default: a new UUID. */
  readonly threadId?: ThreadId | undefined
  /** The run. Default: a new UUID. */
  readonly runId?: RunId | undefined
  /**
   * Plain JSON for the agent and its tools, copied and frozen. At most 10,000 values, 16 levels, 262,144 characters.
   * Keys that a context has itself (`userId`, `run_id`, `permissions` and so on) are refused at the top level.
   */
  readonly agentContext?: JsonRecord | undefined
  /** Plain JSON for the audit trail (a source address, a user agent), same bounds. Agents have no use for it. */
  readonly auditMetadata?: JsonRecord | undefined
}

/** What a child context adds to its parent's records, where later keys win, and how it is limited. */
export type ChildAdditions<Reason extends string = string> = Pick<RunRequest, 'agentContext' | 'auditMetadata'> & {
  /** Who acts from here on: put before the actors of the parent. Declared by code, so it grants nothing. */
  readonly actor?: ActorInput
  /**
   * All rights of the child: a subset of the parent's. Rights only shrink. Permissions are strings compared by
   * equality; what your code derives from `userId` alone is not narrowed by them. Default: the parent's. Leave the key
   * out for that: here as for the two others, a key that is undefined is refused.
   */
  readonly permissions?: readonly string[]
  /**
   * Lets the child and its children outlive the proof's expiry and the sign-out of its own session, until `untilMs`
   * (milliseconds since the epoch): at most `maxProofMs` of the registry from now, without one a day. A revocation of
   * the user or the tenant ends them nevertheless. The reason stands in `identity.outlives` and in audit records: 1 to
   * 200 printable characters, a constant of the source.
   */
  readonly outlivesIdentity?: OutlivesIdentityInput<Reason>
}

/** A checked run request. An id that the caller left out is undefined. */
export type RunFacts = {
  readonly threadId: ThreadId | undefined
  readonly runId: RunId | undefined
  readonly agentContext: FrozenJsonRecord
  readonly auditMetadata: FrozenJsonRecord
}

/** The facts of a caller that says nothing. */
export const emptyRun: RunFacts = freeze({
  threadId: undefined,
  runId: undefined,
  agentContext: emptyRecord,
  auditMetadata: emptyRecord,
})

// Keys of a request, as a sum: which it may have, and which are its own.
const ownThreadId = 1
const ownRunId = 2
const ownAgentContext = 4
const ownAuditMetadata = 8
/** The keys of a child's additions. */
export const keysOfChild = ownAgentContext | ownAuditMetadata
const keysOfRun = keysOfChild | ownThreadId | ownRunId

/**
 * Checks a run request, or a child's additions. Each property is read once, and only own ones count: a polluted
 * Object.prototype must not put data into every context.
 *
 * In small functions, because a compiler that can inline all of a creation makes it a tenth cheaper (measured).
 *
 * @param allowed - The keys that it may have: of a run, or {@link keysOfChild}.
 * @throws {ContextError} `ERR_CONTEXT_INVALID_REQUEST` with all issues at once.
 */
export const parseRunRequest = (input: unknown, allowed: number): RunFacts => {
  if (input === undefined) return emptyRun
  const issues: Issue[] = []
  let facts: RunFacts
  try {
    facts = readRun(input, allowed, issues)
  } catch (cause) {
    // A getter or a proxy threw: an object of the caller's code, not a request.
    throw toError([{ path: '', kind: 'live object' }], { cause })
  }
  if (issues.length > 0) throw toError(issues)
  return facts
}

/** A checked run request in which every id that was left out is new. */
export const toFacts = (run: unknown): Facts => {
  const { threadId, runId, agentContext, auditMetadata } = parseRunRequest(run, keysOfRun)
  return { threadId: threadId ?? newThreadId(), runId: runId ?? newRunId(), agentContext, auditMetadata }
}

function readRun(input: unknown, allowed: number, issues: Issue[]): RunFacts {
  if (typeof input !== 'object' || input === null) return refuseShape(issues)
  // Read before the question for the prototype, which the compiler can answer itself once it knows the object's shape.
  const { threadId, runId, agentContext, auditMetadata } = input as Readonly<Record<string, unknown>>
  if (!isPlainObject(input)) return refuseShape(issues)
  const own = readKeys(input, allowed, issues)
  return {
    threadId: own & ownThreadId ? (readId(threadId, 'threadId', issues) as ThreadId | undefined) : undefined,
    runId: own & ownRunId ? (readId(runId, 'runId', issues) as RunId | undefined) : undefined,
    agentContext: own & ownAgentContext ? readAgentContext(agentContext, issues) : emptyRecord,
    auditMetadata: own & ownAuditMetadata ? readRecord(auditMetadata, 'auditMetadata', issues) : emptyRecord,
  }
}

// Captured before any other code can replace it.
const { hasOwnProperty } = Object.prototype

/** Which properties are the input's own, as a sum. */
function readKeys(input: object, allowed: number, issues: Issue[]): number {
  let own = 0
  let position = 0
  for (const key in input) {
    if (!hasOwnProperty.call(input, key)) continue
    if (key === 'agentContext') own |= ownAgentContext
    else if (key === 'auditMetadata') own |= ownAuditMetadata
    else if (key === 'threadId' && allowed & ownThreadId) own |= ownThreadId
    else if (key === 'runId' && allowed & ownRunId) own |= ownRunId
    else issues.push({ path: toIssuePath('', key, position), kind: 'unknown key' })
    position++
  }
  return own
}

function readId(value: unknown, path: string, issues: Issue[]): unknown {
  if (value !== undefined) checkId(value, path, issues)
  return value
}

function readAgentContext(value: unknown, issues: Issue[]): FrozenJsonRecord {
  const record = readRecord(value, 'agentContext', issues)
  if (record !== emptyRecord) checkReservedKeys(record, 'agentContext', issues)
  return record
}

function readRecord(value: unknown, path: string, issues: Issue[]): FrozenJsonRecord {
  return value === undefined ? emptyRecord : copyRecord(value, path, issues)
}

function refuseShape(issues: Issue[]): RunFacts {
  issues.push({ path: '', kind: 'not a plain object' })
  return emptyRun
}

function toError(issues: readonly Issue[], cause: { readonly cause?: unknown } = {}): ContextError {
  return new ContextError('ERR_CONTEXT_INVALID_REQUEST', { issues, ...cause })
}
