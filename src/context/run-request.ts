/**
 * Floor 3. What the caller of createForUser() may say about a run, checked: facts, or all issues at once.
 */
import { ContextError } from '../errors/context-error.ts'
import { toPath, type Issue } from '../errors/issue.ts'
import { checkId, type RunId, type ThreadId } from '../facts/ids.ts'
import { copyRecord, emptyRecord, isPlainObject, type FrozenJsonRecord } from '../facts/json-copy.ts'

/** Data for an agent or an audit record: plain JSON. Live objects, functions, class instances and cycles are refused. */
export type JsonRecord = { readonly [key: string]: JsonInput | undefined }
/** Plain JSON, as a caller gives it. */
export type JsonInput = string | number | boolean | null | readonly JsonInput[] | { readonly [key: string]: JsonInput | undefined }

/** The run that a context is for. All keys are optional; unknown keys are refused. */
export type RunRequest = {
  /** The conversation. From the client, after you checked that it is this user's. Default: a new UUID. */
  readonly threadId?: ThreadId | undefined
  /** The run. Default: a new UUID. */
  readonly runId?: RunId | undefined
  /** Plain JSON for the agent and its tools, copied and frozen. At most 10,000 values, 16 levels, 262,144 characters. */
  readonly agentContext?: JsonRecord | undefined
  /** Plain JSON for the audit trail (a source address, a user agent), same bounds. Agents have no use for it. */
  readonly auditMetadata?: JsonRecord | undefined
}

/** What a child context adds to its parent's records. Later keys win. */
export type ChildAdditions = Pick<RunRequest, 'agentContext' | 'auditMetadata'>

/** A checked run request. An id that the caller left out is undefined. */
export type RunFacts = {
  readonly threadId: ThreadId | undefined
  readonly runId: RunId | undefined
  readonly agentContext: FrozenJsonRecord
  readonly auditMetadata: FrozenJsonRecord
}

/** The facts of a caller who says nothing. */
export const emptyRun: RunFacts = Object.freeze({
  threadId: undefined,
  runId: undefined,
  agentContext: emptyRecord,
  auditMetadata: emptyRecord,
})

/**
 * Checks a run request (or a child's additions, when ids are not allowed). Each property is read once, and own
 * properties only: a polluted Object.prototype must not put data into every context.
 *
 * @throws {ContextError} `ERR_CONTEXT_INVALID_REQUEST` with all issues at once.
 */
export const parseRunRequest = (input: unknown, allowsIds: boolean): RunFacts => {
  if (input === undefined) return emptyRun
  const issues: Issue[] = []
  let facts: RunFacts
  try {
    facts = readRun(input, allowsIds, issues)
  } catch (cause) {
    // A getter or a proxy threw: an object of somebody's code, not a request.
    throw new ContextError('ERR_CONTEXT_INVALID_REQUEST', { issues: [{ path: '', kind: 'live object' }], cause })
  }
  if (issues.length > 0) throw new ContextError('ERR_CONTEXT_INVALID_REQUEST', { issues })
  return facts
}

function readRun(input: unknown, allowsIds: boolean, issues: Issue[]): RunFacts {
  if (!isPlainObject(input)) {
    issues.push({ path: '', kind: 'not a plain object' })
    return emptyRun
  }
  let threadId: unknown
  let runId: unknown
  let agentContext: unknown
  let auditMetadata: unknown
  const keys = Object.keys(input)
  for (let position = 0; position < keys.length; position++) {
    const key = keys[position]!
    // Read by name: `input[key]` is the dearest way to read a property that there is.
    if (key === 'agentContext') agentContext = input.agentContext
    else if (key === 'auditMetadata') auditMetadata = input.auditMetadata
    else if (key === 'threadId' && allowsIds) threadId = input.threadId
    else if (key === 'runId' && allowsIds) runId = input.runId
    else issues.push({ path: toPath('', key, position), kind: 'unknown key' })
  }
  if (threadId !== undefined) checkId(threadId, 'threadId', issues)
  if (runId !== undefined) checkId(runId, 'runId', issues)
  return {
    threadId: threadId as ThreadId | undefined,
    runId: runId as RunId | undefined,
    agentContext: agentContext === undefined ? emptyRecord : copyRecord(agentContext, 'agentContext', issues),
    auditMetadata: auditMetadata === undefined ? emptyRecord : copyRecord(auditMetadata, 'auditMetadata', issues),
  }
}
