/**
 * What the harness takes from the package, and the reading of a directory name that only the notes store writes.
 */
import { decodeKey } from 'user-execution-context'

export { createForUser, openAuditTrail, toLogFields, verifyAuditTrail, type AuditRecord } from 'user-execution-context'

/** The user id in the path of a notes file: the owner's key in hexadecimal, in pieces. */
export const decodeOwner = (path: string): string =>
  decodeKey(Buffer.from(path.replace(/[/\\]/g, ''), 'hex').toString('utf8')).at(-1)!
