/**
 * The search of everything that was logged or stored for the marks of other users.
 */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createForUser, decodeKey, toLogFields, verifyAuditTrail, type AuditRecord } from 'user-execution-context'
import { vouchForUser } from 'user-execution-context/restricted'
import type { Canaries, Leak } from './canaries.ts'
import { namespace, userId } from './users.ts'

/** A line of the server or of the agent. */
export type LogLine = { readonly event: string; readonly userHash?: string }

/** Marks in log lines of another user, or of nobody. */
export function searchLog(log: readonly LogLine[], canaries: Canaries, count: number): Leak[] {
  const byHash = new Map(
    Array.from(
      { length: count },
      (_, index) =>
        [
          toLogFields(createForUser(vouchForUser(userId(index), { reason: 'isolation harness', namespace }))).userHash,
          index,
        ] as const,
    ),
  )
  return log.flatMap((record) =>
    canaries.findLeaks('log', byHash.get(String(record.userHash)) ?? -2, JSON.stringify(record)),
  )
}

/** Marks in audit records and files of another user, and what breaks the chain of the audit trail. */
export async function searchStored(directory: string, auditFile: string, canaries: Canaries, count: number) {
  const indexOf = new Map(Array.from({ length: count }, (_, index) => [userId(index), index] as const))
  const leaks: Leak[] = []
  const faults: string[] = []
  const records = (await readFile(auditFile, 'utf8'))
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as AuditRecord)
  for (const record of records)
    leaks.push(...canaries.findLeaks('audit', indexOf.get(record.userId) ?? -2, JSON.stringify(record)))
  try {
    verifyAuditTrail(records)
  } catch (error) {
    faults.push(String(error))
  }
  const files = (await readdir(directory, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile())
  for (const { parentPath, name } of files) {
    const path = join(parentPath, name)
    if (path === auditFile) continue
    // Notes lie under the owner's key in hex; no other file may hold a mark at all.
    const owner =
      name === 'notes.json' ? (indexOf.get(decodeOwner(parentPath.slice(join(directory, 'notes').length))) ?? -2) : -2
    leaks.push(...canaries.findLeaks(`file ${name}`, owner, await readFile(path, 'utf8')))
  }
  return { leaks, faults, auditRecords: records.length, files: files.length }
}

/** The user id in the path of a notes file: the owner's key in hexadecimal, in pieces. */
function decodeOwner(path: string): string {
  return decodeKey(Buffer.from(path.replace(/[/\\]/g, ''), 'hex').toString('utf8')).at(-1)!
}
