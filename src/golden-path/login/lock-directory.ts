/**
 * Floor 6. One process per data directory: two would overwrite each other's users and revocations.
 */
import { mkdir, open, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { ContextError } from '../../errors/context-error.ts'

/**
 * Takes a directory for this process. What a process that is gone left behind does not count.
 *
 * @returns How to give it back.
 * @throws {ContextError} `ERR_CONTEXT_STORE_IN_USE` while another process has it.
 */
export const lockDirectory = async (directory: string): Promise<() => Promise<void>> => {
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const path = join(directory, 'process.lock')
  for (let attempt = 0; attempt < 3; attempt++) {
    if (await tryTake(path)) return () => rm(path, { force: true })
    if (isAlive(Number(await readFile(path, 'utf8').catch(() => '0')))) break
    await rm(path, { force: true })
  }
  throw new ContextError('ERR_CONTEXT_STORE_IN_USE')
}

async function tryTake(path: string): Promise<boolean> {
  try {
    const file = await open(path, 'wx', 0o600)
    await file.writeFile(String(process.pid))
    await file.close()
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

function isAlive(processId: number): boolean {
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
