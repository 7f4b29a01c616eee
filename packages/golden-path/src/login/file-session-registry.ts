/**
 * The session registry of a directory: revocations that survive a restart.
 */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { ContextError } from 'user-execution-context'
import { isPlainObject } from '../phases/wire/plain-object.ts'
import { inProcessSessionRegistry } from './in-process-session-registry.ts'
import { readTextIfPresent, replaceFile } from './replace-file.ts'
import type { SessionRegistry } from './session-registry.ts'

const retryMs = 1000

/**
 * Opens the revocations of a directory (`revoked-sessions.json`), so that a restart lets no revoked session in again.
 * One process at a time; several processes need a shared store behind the same port. Its revoke() rejects when the disk
 * does not take a revocation, which holds nevertheless and is saved as soon as the disk takes it.
 *
 * @param directory - Made when missing.
 * @throws {ContextError} `ERR_CONTEXT_STORE_UNREADABLE`: a revocation that is lost would let its session in again.
 * @example
 * ```ts
 * import { fileSessionRegistry } from '@user-execution-context/golden-path/login'
 *
 * export const sessions = await fileSessionRegistry('.data')
 * await sessions.revoke('session-1', Date.now() + 900_000)
 * ```
 */
export const fileSessionRegistry = async (directory: string): Promise<SessionRegistry> => {
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const path = join(directory, 'revoked-sessions.json')
  const revoked = parseRevoked(await readTextIfPresent(path))
  const inProcess = inProcessSessionRegistry(revoked)
  let lastWrite: Promise<unknown> = Promise.resolve()
  let retry: NodeJS.Timeout | undefined

  const save = (): Promise<void> => {
    const write = lastWrite.then(() =>
      replaceFile(path, JSON.stringify({ version: 1, sessions: Object.fromEntries(revoked) })),
    )
    lastWrite = write.catch(() => undefined)
    return write
  }

  // The token is refused by now, so no second sign-out can save it. Without a retry a restart would let the session in.
  const saveLater = (): void => {
    retry ??= setTimeout(() => {
      retry = undefined
      save().catch(saveLater)
    }, retryMs).unref()
  }

  return Object.freeze({
    ...inProcess,
    revoke: async (sessionId: string, untilMs: number) => {
      // In memory first: a full disk must not keep the session alive.
      await inProcess.revoke(sessionId, untilMs)
      await save().catch((error: unknown) => {
        saveLater()
        throw error
      })
    },
  })
}

function parseRevoked(text: string | undefined): Map<string, number> {
  if (text === undefined) return new Map()
  try {
    const content: unknown = JSON.parse(text)
    if (!isPlainObject(content) || content['version'] !== 1 || !isPlainObject(content['sessions'])) throw unreadable()
    const entries = Object.entries(content['sessions'])
    if (entries.some(([, untilMs]) => typeof untilMs !== 'number')) throw unreadable()
    return new Map(entries as [string, number][])
  } catch {
    throw unreadable()
  }
}

function unreadable(): ContextError {
  return new ContextError('ERR_CONTEXT_STORE_UNREADABLE', {
    issues: [{ path: 'revoked-sessions.json', kind: 'does not fit' }],
  })
}
