/**
 * The revocations of a directory: what was signed out stays so over a restart.
 */
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { ContextError, type RevocationStore, type Tombstone } from 'user-execution-context'
import { makeDirectory } from './make-directory.ts'
import { readTextIfPresent, replaceFile } from './replace-file.ts'

const fileName = 'revocations.jsonl'
const retryMs = 1000
/** Lines beyond those that count, before the file is written anew without them. */
const spareLines = 1000

/**
 * Opens the revocations of a directory (`revocations.jsonl`) for liveSessions(). Each is appended and forced to disk
 * before it is acknowledged, at a cost that does not grow with their number. One process at a time.
 *
 * Its write() rejects when the disk does not take a revocation. It holds in this process nevertheless, and is written
 * as soon as the disk takes it.
 *
 * @param directory - Made when missing.
 * @throws {ContextError} `ERR_CONTEXT_STORE_UNREADABLE`: a revocation that is lost would let its session in again;
 *   `ERR_CONTEXT_INVALID_OPTIONS` for a directory that cannot be used.
 * @example
 * ```ts
 * import { liveSessions } from 'user-execution-context'
 * import { fileRevocationStore } from '@user-execution-context/golden-path/login'
 *
 * export const sessions = liveSessions({ maxProofMs: 43_200_000, store: await fileRevocationStore('.data') })
 * ```
 */
export const fileRevocationStore = async (directory: string): Promise<RevocationStore> => {
  await makeDirectory(directory)
  const path = join(directory, fileName)
  const { tombstones, isWhole } = parse(await readTextIfPresent(path))
  const live = new Map<string, Tombstone>()
  for (const tombstone of tombstones) live.set(tombstone.key, toStricter(live.get(tombstone.key), tombstone))
  let lines = tombstones.length
  // A new file is written as a whole, which makes its name durable too.
  let mustRewrite = !isWhole || tombstones.length === 0
  let lastWrite: Promise<unknown> = Promise.resolve()
  let retry: NodeJS.Timeout | undefined

  const rewrite = async (): Promise<void> => {
    const nowMs = Date.now()
    for (const [key, { untilMs }] of live) if (untilMs <= nowMs) live.delete(key)
    await replaceFile(path, [...live.values()].map(toLine).join(''))
    lines = live.size
    mustRewrite = false
  }
  const append = async (tombstone: Tombstone): Promise<void> => {
    const file = await open(path, 'a', 0o600)
    try {
      await file.appendFile(toLine(tombstone), 'utf8')
      await file.datasync()
    } finally {
      await file.close()
    }
    lines++
  }
  // One after the other, so that no line is written into another.
  const enqueue = (write: () => Promise<void>): Promise<void> => {
    const written = lastWrite.then(write)
    lastWrite = written.catch(() => {
      // Half a line may be there: nothing is appended to it.
      mustRewrite = true
      retry ??= setTimeout(() => {
        retry = undefined
        enqueue(rewrite).catch(() => undefined)
      }, retryMs).unref()
    })
    return written
  }

  return Object.freeze({
    tombstones: Object.freeze([...live.values()]),
    write: (revoked: Tombstone) => {
      // A clock that was set back must not make a revocation weaker for the next start.
      const tombstone = toStricter(live.get(revoked.key), revoked)
      live.set(tombstone.key, tombstone)
      return enqueue(() => (mustRewrite || lines > 2 * live.size + spareLines ? rewrite() : append(tombstone)))
    },
  })
}

function toStricter(known: Tombstone | undefined, { key, notBeforeMs, untilMs, reason }: Tombstone): Tombstone {
  return {
    key,
    notBeforeMs: Math.max(known?.notBeforeMs ?? 0, notBeforeMs),
    untilMs: Math.max(known?.untilMs ?? 0, untilMs),
    reason,
  }
}

function toLine({ key, notBeforeMs, untilMs, reason }: Tombstone): string {
  return `${JSON.stringify({ key, notBeforeMs, untilMs, reason })}\n`
}

// A last line without its end was never acknowledged: the process ended while it wrote it.
function parse(text = ''): { readonly tombstones: readonly Tombstone[]; readonly isWhole: boolean } {
  const lines = text.split('\n')
  const isWhole = lines.pop() === ''
  try {
    return { tombstones: lines.map(parseLine), isWhole }
  } catch {
    throw new ContextError('ERR_CONTEXT_STORE_UNREADABLE', { issues: [{ path: fileName, kind: 'does not fit' }] })
  }
}

function parseLine(line: string): Tombstone {
  const tombstone = JSON.parse(line) as Tombstone
  const { key, notBeforeMs, untilMs } = tombstone
  const isRecord = typeof key === 'string' && Number.isFinite(notBeforeMs) && Number.isFinite(untilMs)
  if (!isRecord) throw new ContextError('ERR_CONTEXT_STORE_UNREADABLE')
  return tombstone
}
