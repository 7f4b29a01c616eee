/**
 * What may be printed of a context. The class prints itself through here, so this file does not know it.
 */
import { encodeKey } from '../facts/encode-key.ts'
import { lastTimeMs } from '../facts/last-time.ts'
import { toSha256 } from '../facts/sha-256.ts'
import type { IdentityOrigin } from '../identity/verified-user.ts'

/** The fields of a context that may be logged. No user id, no session id, no permission, no metadata. */
export type ContextLogFields = {
  /** Thread, run and request id in full, as one injective key: equal only for the same step of the same run. */
  readonly correlationId: string
  /** Pseudonym of the user: 32 hex digits of SHA-256 over tenant and user id. Stable over time and processes. */
  readonly userHash: string
  readonly tenantId: string | undefined
  readonly threadId: string
  readonly runId: string
  readonly requestId: string
  readonly parentRequestId: string | undefined
  readonly operation: string
  readonly depth: number
  /** ISO 8601, UTC. */
  readonly createdAt: string
  readonly expiresAt: string | undefined
  readonly identityProvider: string
  readonly identityReason: string | undefined
}

/** What this file reads of a context. Any object of this form fits: the caller has checked that it is a real one. */
export type Printed = {
  readonly userId: string
  readonly tenantId: string | undefined
  readonly threadId: string
  readonly runId: string
  readonly requestId: string
  readonly parentRequestId: string | undefined
  readonly operation: string
  readonly depth: number
  readonly createdAtMs: number
  readonly expiresAtMs: number | undefined
  readonly identity: IdentityOrigin
}

/** The owner's key. The caller has checked the context. */
export const encodeOwner = (context: Pick<Printed, 'tenantId' | 'userId'>): string =>
  context.tenantId === undefined ? encodeKey([context.userId]) : encodeKey([context.tenantId, context.userId])

/** The printable fields. Pure: the caller has checked the context. */
export const redact = (context: Printed): ContextLogFields => ({
  correlationId: encodeKey([context.threadId, context.runId, context.requestId]),
  userHash: toPseudonym(encodeOwner(context)),
  tenantId: context.tenantId,
  threadId: context.threadId,
  runId: context.runId,
  requestId: context.requestId,
  parentRequestId: context.parentRequestId,
  operation: context.operation,
  depth: context.depth,
  createdAt: new Date(context.createdAtMs).toISOString(),
  expiresAt: context.expiresAtMs === undefined ? undefined : toIsoTime(context.expiresAtMs),
  identityProvider: context.identity.provider,
  identityReason: context.identity.reason,
})

/** Pseudonyms by owner key. A process prints the same users again and again, and a hash costs more than all else. */
const pseudonyms = new Map<string, string>()
const maxPseudonyms = 10_000

function toPseudonym(ownerKey: string): string {
  const known = pseudonyms.get(ownerKey)
  if (known !== undefined) return known
  const pseudonym = toSha256(ownerKey).slice(0, 32)
  if (pseudonyms.size >= maxPseudonyms) pseudonyms.clear()
  pseudonyms.set(ownerKey, pseudonym)
  return pseudonym
}

function toIsoTime(epochMs: number): string {
  return epochMs > lastTimeMs ? 'never' : new Date(epochMs).toISOString()
}
