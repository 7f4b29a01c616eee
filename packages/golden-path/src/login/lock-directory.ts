/**
 * One process per data directory: two would overwrite each other's users and revocations.
 */
import { link, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { randomUUID } from 'node:crypto'
import { ContextError } from 'user-execution-context'
import { makeDirectory } from './make-directory.ts'
import { readTextIfPresent } from './replace-file.ts'

/** What the locks of this process say: its number alone does not tell them from one that it had before a restart. */
const held = new Set<string>()

/**
 * Takes a directory for this process. What a process that is gone left behind does not count.
 *
 * @returns A function that lets it go.
 * @throws {ContextError} `ERR_CONTEXT_STORE_IN_USE` when another process, or this one, has it.
 */
export const lockDirectory = async (directory: string): Promise<() => Promise<void>> => {
  await makeDirectory(directory, 'dataDirectory')
  const path = join(directory, 'process.lock')
  const nonce = randomUUID()
  const own = `${process.pid} ${nonce}`
  const draft = `${path}.${nonce}`
  held.add(own)
  try {
    await writeFile(draft, own, { flag: 'wx', mode: 0o600 })
    if (!(await take(path, draft))) throw inUse(await readTextIfPresent(path))
  } catch (error) {
    held.delete(own)
    throw error
  } finally {
    await rm(draft, { force: true })
  }
  return async () => {
    if ((await readTextIfPresent(path)) === own) await rm(path, { force: true })
    held.delete(own)
  }
}

// A link is there with its whole text or not at all: a lock that is still empty would be taken for a stale one.
async function take(path: string, draft: string): Promise<boolean> {
  if (await tryLink(draft, path)) return true
  const found = await readTextIfPresent(path)
  // Let go since. Another start may be there first.
  if (found === undefined) return take(path, draft)
  if (isHeld(found)) return false
  // Only the holder of the claim replaces a stale lock, and reads it again first: of two that found it stale, the
  // second would replace the lock of the first. A claim is a lock itself, so that one left by a crash is no obstacle.
  const claim = `${path}.claim`
  if (!(await take(claim, draft))) return false
  if ((await readTextIfPresent(path)) === found) {
    await rename(claim, path)
    return true
  }
  await rm(claim, { force: true })
  return false
}

async function tryLink(draft: string, path: string): Promise<boolean> {
  try {
    await link(draft, path)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

/** Which process has it, for the person who wants to stop it: the number of a process is no secret. */
function inUse(lock = ''): ContextError {
  if (held.has(lock))
    return new ContextError('ERR_CONTEXT_STORE_IN_USE', {
      fix: 'It is this process that has it open: close the first server, or give each a directory of its own.',
    })
  const [processId = ''] = lock.split(' ')
  if (!/^\d{1,10}$/.test(processId)) return new ContextError('ERR_CONTEXT_STORE_IN_USE')
  const fix = `Stop process ${processId}, or give each process a directory of its own.`
  return new ContextError('ERR_CONTEXT_STORE_IN_USE', { fix })
}

function isHeld(lock: string): boolean {
  if (held.has(lock)) return true
  const processId = Number(lock.split(' ')[0])
  // In a container, the process before a restart had the same number as this one.
  if (!Number.isInteger(processId) || processId < 1 || processId === process.pid) return false
  try {
    process.kill(processId, 0)
    return true
  } catch (error) {
    // Not ours to signal, but there.
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
