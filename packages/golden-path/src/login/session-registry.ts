/**
 * Floor 6. Which sessions were signed out: the port, and its file-backed default.
 */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { ContextError } from 'user-execution-context'
import { isPlainObject } from '../phases/plain-object.ts'
import { callListener } from '../phases/call-listener.ts'
import { readTextIfPresent, replaceFile } from './replace-file.ts'

/** Knows the sessions that were signed out before their tokens end. */
export type SessionRegistry = {
  /**
   * Ends a session: from now on isRevoked() says so, and whoever watches it is told.
   *
   * @param sessionId - The `sid` of its tokens. Do not log.
   * @param untilMs - Milliseconds since the epoch after which no token of the session can be valid.
   */
  readonly revoke: (sessionId: string, untilMs: number) => Promise<void>
  readonly isRevoked: (sessionId: string) => Promise<boolean>
  /** Calls back with each session that is revoked from now on; returns how to stop. For who holds sockets and streams. */
  readonly watch: (onRevoked: (sessionId: string) => void) => () => void
}

const retryMs = 1000

/**
 * Opens the revocations of a directory (`revoked-sessions.json`), so that a restart lets nobody in again. One process
 * at a time; with several, put a shared store behind the same form. Its revoke() rejects when the disk does not take a
 * revocation, which holds nevertheless and is saved as soon as the disk does.
 *
 * @throws {ContextError} `ERR_CONTEXT_STORE_UNREADABLE`: a lost revocation would be a door left open.
 */
export const fileSessionRegistry = async (directory: string): Promise<SessionRegistry> => {
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const path = join(directory, 'revoked-sessions.json')
  const revoked = parseRevoked(await readTextIfPresent(path))
  const watchers = new Set<(sessionId: string) => void>()
  let lastWrite: Promise<unknown> = Promise.resolve()
  let retry: NodeJS.Timeout | undefined

  const save = (): Promise<void> => {
    const write = lastWrite.then(() => {
      const nowMs = Date.now()
      for (const [sessionId, untilMs] of revoked) if (untilMs <= nowMs) revoked.delete(sessionId)
      return replaceFile(path, JSON.stringify({ version: 1, sessions: Object.fromEntries(revoked) }))
    })
    lastWrite = write.catch(() => undefined)
    return write
  }

  // Nobody can sign out again to have it saved: the token is refused by now. A restart would let it in.
  const saveLater = (): void => {
    retry ??= setTimeout(() => {
      retry = undefined
      save().catch(saveLater)
    }, retryMs).unref()
  }

  return Object.freeze({
    isRevoked: async (sessionId: string) => revoked.has(sessionId),
    revoke: async (sessionId: string, untilMs: number) => {
      // In memory first: a full disk must not keep the session alive.
      revoked.set(sessionId, Math.max(untilMs, revoked.get(sessionId) ?? 0))
      // One that throws must keep the revocation neither from the disk nor from the others.
      for (const onRevoked of [...watchers])
        callListener(
          () => onRevoked(sessionId),
          () => {},
        )
      await save().catch((error: unknown) => {
        saveLater()
        throw error
      })
    },
    watch: (onRevoked: (sessionId: string) => void) => {
      const own = (sessionId: string): void => onRevoked(sessionId)
      watchers.add(own)
      return () => void watchers.delete(own)
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
