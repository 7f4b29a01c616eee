/**
 * Floor 2. What somebody who vouches for a user must say.
 */
import { ContextError } from '../errors/context-error.ts'
import type { IssueKind } from '../errors/issue.ts'
import { isPlainObject } from '../facts/json-copy.ts'

/** Second argument of vouchForUser(). */
export type Vouching = {
  /** Why no identity provider verified this user. 1 to 200 printable characters. Kept in the audit trail, may be logged. */
  readonly reason: string
  readonly sessionId?: string | undefined
  readonly tenantId?: string | undefined
  readonly permissions?: readonly string[] | undefined
  /** Milliseconds since the epoch. Default never. */
  readonly expiresAtMs?: number | undefined
}

const maxReasonCharacters = 200

/** The vouching, its reason checked and read once. The other facts are checked with the identity's. */
export const parseReason = (vouching: unknown): Vouching => {
  const facts = isPlainObject(vouching) ? { ...vouching } : {}
  const kind = findReasonIssue(facts['reason'])
  if (kind !== undefined) throw new ContextError('ERR_CONTEXT_INVALID_IDENTITY', { issues: [{ path: 'reason', kind }] })
  return facts as Vouching
}

function findReasonIssue(reason: unknown): IssueKind | undefined {
  if (typeof reason !== 'string') return reason === undefined ? 'missing' : 'not a string'
  if (reason.trim() === '') return 'empty'
  if (reason.length > maxReasonCharacters) return 'too long'
  // Control and invisible characters could forge a line of the audit trail.
  return /[\p{C}\p{Zl}\p{Zp}]/u.test(reason) ? 'illegal character' : undefined
}
