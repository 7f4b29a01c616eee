/**
 * Replaces a file as a whole, so that a crash at any moment leaves the old content or the new, never a part.
 */
import { open, readFile, rename } from 'node:fs/promises'
import { dirname } from 'node:path'

/**
 * Writes beside the file, forces it to disk, renames it over the old one, and forces the directory to disk. Once it
 * resolves, the new content survives a loss of power. One writer at a time for each path: the caller sees to that.
 *
 * @param path - The file. Its directory must exist. Readable by its owner only (mode 0600).
 * @example
 * ```ts
 * import { replaceFile } from '@user-execution-context/golden-path/login'
 *
 * export const saveSettings = (settings: object) => replaceFile('settings.json', JSON.stringify(settings))
 * ```
 */
export const replaceFile = async (path: string, text: string): Promise<void> => {
  // A fixed name: what a crash left here is overwritten by the next write instead of gathering.
  const temporary = `${path}.new`
  const file = await open(temporary, 'w', 0o600)
  try {
    // The mode above is for a new file. One that lay here, readable by others, would show them the secrets of this one.
    await file.chmod(0o600)
    await file.writeFile(text, 'utf8')
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(temporary, path)
  await syncDirectory(dirname(path))
}

/**
 * The text of a file, or undefined when there is none. Other failures are thrown.
 *
 * @example
 * ```ts
 * import { readTextIfPresent } from '@user-execution-context/golden-path/login'
 *
 * export const readSettings = async () => (await readTextIfPresent('settings.json')) ?? '{}'
 * ```
 */
export const readTextIfPresent = async (path: string): Promise<string | undefined> => {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

// A rename is in the directory, not in the file: without this it may be lost with the power.
async function syncDirectory(path: string): Promise<void> {
  // Windows cannot open a directory; NTFS writes the rename to its journal by itself.
  if (process.platform === 'win32') return
  const directory = await open(path, 'r')
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}
