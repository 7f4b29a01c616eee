/**
 * What the harness takes from the package, and the reading of a directory name that only the notes store writes.
 */
import { decodeKey } from '../../src/facts/encode-key.ts'

export { createForUser, openAuditTrail, toLogFields, verifyAuditTrail, type AuditRecord } from '../../src/index.ts'

/** The user id in the path of a notes file: the owner's key in hexadecimal, in pieces. */
export const decodeOwner = (path: string): string => decodeKey(Buffer.from(path.replace(/[/\\]/g, ''), 'hex').toString('utf8')).at(-1)!
