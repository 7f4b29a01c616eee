/**
 * Why code vouches for a user, or lets a context outlive its proof: a text for log lines and audit records.
 */
import type { IssueKind } from '../errors/issue.ts'

const maxReasonCharacters = 200

/** What is wrong with a reason, or undefined when it is one. */
export const findReasonIssue = (reason: unknown): IssueKind | undefined => {
  if (typeof reason !== 'string') return reason === undefined ? 'missing' : 'not a string'
  if (reason.trim() === '') return 'empty'
  if (reason.length > maxReasonCharacters) return 'too long'
  // Control and invisible characters could forge a line of the audit trail.
  return /[\p{C}\p{Zl}\p{Zp}]/u.test(reason) ? 'illegal character' : undefined
}
