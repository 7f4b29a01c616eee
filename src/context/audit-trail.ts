/**
 * Who did what, on whose behalf and why we believed it, as a chain of hashes: a record that is changed, removed or
 * moved afterwards no longer fits its neighbours.
 */
import { ContextError } from '../errors/context-error.ts'
import { findUnknownKeys, toIssuePath, type Issue } from '../errors/issue.ts'
import { toCanonicalJson } from '../facts/canonical-json.ts'
import { findIdIssue } from '../facts/ids.ts'
import { copyRecord, emptyRecord, type FrozenJsonRecord } from '../facts/json-copy.ts'
import { toSha256 } from '../facts/sha-256.ts'
import { toIsoTime } from '../facts/iso-time.ts'
import { toActorFields, type ActorFields } from './log-fields.ts'
import type { JsonRecord } from './run-request.ts'
import { assertUserExecutionContext, type UserExecutionContext } from './user-execution-context.ts'

// Captured before any other code can replace them.
const { freeze } = Object

/**
 * One entry of the trail. Plain JSON. It holds personal data on purpose: keep it with audit data, never in a log.
 */
export type AuditRecord = {
  /** 1 for the first record of a trail, one more for each. */
  readonly sequence: number
  /** ISO 8601, UTC: when the record was made. */
  readonly recordedAt: string
  /** What was done, such as `'run-started'`. From the caller. */
  readonly action: string
  readonly userId: string
  /** Whose subject the user id is: an issuer, or the name of a provider. */
  readonly namespace: string
  readonly tenantId?: string
  readonly sessionId?: string
  /** The provider that verified the user, or `'vouched'`. */
  readonly identityProvider: string
  /** Why somebody vouched for the user; absent for a verified one. */
  readonly identityReason?: string
  /** `'service'` for a program that acts for itself. */
  readonly identityKind: 'person' | 'service'
  /** The step of another process that the identity continues; absent for a user who signed in here. */
  readonly origin?: { readonly requestId: string; readonly depth: number; readonly provider: string }
  /** Why, and until when (ISO 8601), the context outlives the proof of its user; absent for every other. */
  readonly outlivesIdentity?: { readonly reason: string; readonly until: string }
  /** Who acts for the user, newest first, without the names of persons; absent where the user acts. */
  readonly actors?: readonly ActorFields[]
  readonly threadId: string
  readonly runId: string
  readonly requestId: string
  readonly parentRequestId?: string
  readonly operation: string
  readonly depth: number
  readonly auditMetadata: FrozenJsonRecord
  readonly details: FrozenJsonRecord
  /** SHA-256 of the record before, in hex; 64 zeros for the first. */
  readonly previousHash: string
  /** SHA-256 over the canonical JSON (RFC 8785) of all other fields, in hex. */
  readonly hash: string
}

/** Options of {@link openAuditTrail}. `auditTrailContract()` of `@user-execution-context/testing` tests a store. */
export type AuditTrailOptions = {
  /**
   * Stores one record. Awaited before the next one is made; when it fails, the chain continues from the record before.
   */
  readonly write: (record: AuditRecord) => Promise<void> | void
  /**
   * How long `write` may take, in milliseconds, 1 to 2,147,483,647. Then the records that wait are refused, and so are
   * new ones until it answers: the chain goes on from what it says. Default 30,000.
   */
  readonly timeoutMs?: number | undefined
  /** The last record of an earlier trail to continue. Default: a new trail. */
  readonly last?: Pick<AuditRecord, 'sequence' | 'hash'> | undefined
}

/** A trail that is being written. */
export type AuditTrail = {
  /**
   * Adds a record about what this context does.
   *
   * @param action - 1 to 128 characters of the id alphabet.
   * @param details - Plain JSON, same bounds as `auditMetadata`. Default none.
   * @returns The record, once `write` has stored it.
   * @throws {ContextError} `ERR_CONTEXT_NOT_ISSUED`, `ERR_CONTEXT_INVALID_OPTIONS`, `ERR_CONTEXT_AUDIT_OVERDUE`; what
   *   `write` throws, unchanged.
   */
  readonly record: (context: UserExecutionContext, action: string, details?: JsonRecord) => Promise<AuditRecord>
}

const noHash = '0'.repeat(64)

/**
 * Opens a trail. One process writes a trail; several processes keep one each.
 *
 * @param options - `write` stores one record, in `timeoutMs`; `last` continues an earlier trail.
 * @throws {ContextError} `ERR_CONTEXT_INVALID_OPTIONS` without `write`.
 * @example
 * ```ts
 * import { openAuditTrail, type AuditRecord, type UserExecutionContext } from 'user-execution-context'
 *
 * const records: AuditRecord[] = []
 * const trail = openAuditTrail({ write: (record) => void records.push(record) })
 * export const note = (context: UserExecutionContext) => trail.record(context, 'note-deleted')
 * ```
 */
export const openAuditTrail = (options: AuditTrailOptions): AuditTrail => {
  // A misspelt `last` would begin a new trail.
  const issues = findUnknownKeys(options ?? {}, ['write', 'last', 'timeoutMs'])
  const { write, last, timeoutMs = 30_000 } = options ?? {}
  if (typeof write !== 'function') issues.push({ path: 'write', kind: 'not a function' })
  // One that is misread, such as a sequence that a driver gives as a text, would break the chain or begin another.
  if (last !== undefined && !(Number.isSafeInteger(last?.sequence) && /^[0-9a-f]{64}$/.test(last.hash)))
    issues.push({ path: 'last', kind: 'does not fit' })
  // A longer one ends at once: setTimeout() takes 32 bits.
  if (!(Number.isInteger(timeoutMs) && timeoutMs >= 1 && timeoutMs < 2 ** 31))
    issues.push({ path: 'timeoutMs', kind: 'does not fit' })
  if (issues.length > 0) throw new ContextError('ERR_CONTEXT_INVALID_OPTIONS', { issues })
  let head = { sequence: last?.sequence ?? 0, hash: last?.hash ?? noHash }
  let writing: Promise<unknown> = Promise.resolve()
  /** How to refuse each record that is not stored yet. */
  const waiting = new Set<(error: unknown) => void>()
  let isOverdue = false
  const refuseAll = (): void => {
    isOverdue = true
    for (const refuse of waiting) refuse(new ContextError('ERR_CONTEXT_AUDIT_OVERDUE'))
    waiting.clear()
  }
  const append = async (facts: AuditFacts): Promise<AuditRecord> => {
    const unsealed = {
      sequence: head.sequence + 1,
      recordedAt: new Date().toISOString(),
      ...facts,
      previousHash: head.hash,
    }
    const record: AuditRecord = freeze({ ...unsealed, hash: toHash(unsealed) })
    const timer = setTimeout(refuseAll, timeoutMs)
    try {
      // Awaited to its end also when it is overdue: it may be stored, and two records must never claim one place.
      await write(record)
    } finally {
      clearTimeout(timer)
      isOverdue = false
    }
    head = record
    return record
  }
  return {
    record: async (context, action, details) => {
      const facts = toFacts(context, action, details)
      if (isOverdue) throw new ContextError('ERR_CONTEXT_AUDIT_OVERDUE')
      return new Promise((resolve, reject) => {
        waiting.add(reject)
        // One after the other, also after a failure.
        writing = writing.then(async () => {
          // Its caller was told that it is not stored.
          if (waiting.has(reject)) await append(facts).then(resolve, reject)
          waiting.delete(reject)
        })
      })
    },
  }
}

/**
 * Checks a trail from its first record on. It finds what was changed, removed from the middle or reordered; it cannot
 * find records cut off at the end, so keep the latest hash somewhere else too.
 *
 * @param records - The whole trail, from its first record on.
 * @throws {ContextError} `ERR_CONTEXT_AUDIT_BROKEN` with the place of the first record that does not fit.
 * @example
 * ```ts
 * import { verifyAuditTrail, type AuditRecord } from 'user-execution-context'
 *
 * export const check = (records: readonly AuditRecord[]): void => verifyAuditTrail(records)
 * ```
 */
export const verifyAuditTrail: (records: Iterable<AuditRecord>) => void = (records) => {
  if (typeof records !== 'object' || records === null || typeof records[Symbol.iterator] !== 'function') {
    throw new ContextError('ERR_CONTEXT_INVALID_OPTIONS', { issues: [{ path: 'records', kind: 'not an array' }] })
  }
  let previous = { sequence: 0, hash: noHash }
  for (const record of records) {
    if (!isNext(record, previous)) {
      throw new ContextError('ERR_CONTEXT_AUDIT_BROKEN', {
        issues: [{ path: toIssuePath('', previous.sequence), kind: 'does not fit' }],
      })
    }
    previous = record
  }
}

function isNext(record: AuditRecord, previous: { readonly sequence: number; readonly hash: string }): boolean {
  if (typeof record !== 'object' || record === null) return false
  const { hash, ...rest } = record
  return record.sequence === previous.sequence + 1 && record.previousHash === previous.hash && hash === toHash(rest)
}

type AuditFacts = Omit<AuditRecord, 'sequence' | 'recordedAt' | 'previousHash' | 'hash'>

function toFacts(context: UserExecutionContext, action: string, details: JsonRecord | undefined): AuditFacts {
  assertUserExecutionContext(context)
  const issues: Issue[] = []
  const kind = findIdIssue(action)
  if (kind !== undefined) issues.push({ path: 'action', kind })
  const copied = details === undefined ? emptyRecord : copyRecord(details, 'details', issues)
  if (issues.length > 0) throw new ContextError('ERR_CONTEXT_INVALID_OPTIONS', { issues })
  const { identity } = context
  return {
    action,
    userId: context.userId,
    namespace: context.namespace,
    ...(context.tenantId !== undefined && { tenantId: context.tenantId }),
    ...(context.sessionId !== undefined && { sessionId: context.sessionId }),
    identityProvider: context.identity.provider,
    ...(context.identity.reason !== undefined && { identityReason: context.identity.reason }),
    identityKind: identity.kind,
    ...(identity.origin !== undefined && { origin: identity.origin }),
    ...(identity.outlives !== undefined && {
      outlivesIdentity: { reason: identity.outlives.reason, until: toIsoTime(identity.outlives.untilMs) },
    }),
    ...(context.actors.length > 0 && { actors: context.actors.map(toActorFields) }),
    threadId: context.threadId,
    runId: context.runId,
    requestId: context.requestId,
    ...(context.parentRequestId !== undefined && { parentRequestId: context.parentRequestId }),
    operation: context.operation,
    depth: context.depth,
    auditMetadata: context.auditMetadata,
    details: copied,
  }
}

function toHash(record: object): string {
  return toSha256(toCanonicalJson(record))
}
