/**
 * Writes a file in one step, so that no reader sees half of it and an interrupted run leaves the old one.
 */
import { realpathSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { AdoptError } from '../adopt-error.ts'
import { removeQuietly } from '../file-refusal.ts'
import { runUninterrupted } from '../uninterrupted.ts'

/**
 * Writes the text. A link stays a link. What is no regular file (`/dev/null`, a pipe) is written to and never replaced:
 * a rename over a device would take it from the whole machine.
 *
 * @throws {AdoptError} `TREE_UNWRITABLE`; nothing is left behind.
 */
export const writeWhole = (file: string, text: string): void => {
  try {
    const found = statSync(file, { throwIfNoEntry: false })
    if (found !== undefined && !found.isFile()) writeFileSync(file, text)
    else replace(found === undefined ? file : realpathSync(file), text)
  } catch (cause) {
    throw new AdoptError(
      'TREE_UNWRITABLE',
      `${file} cannot be written. Name a file in a directory that exists and may be written.`,
      { file, cause },
    )
  }
}

const replace = (file: string, text: string): void => {
  const draft = `${file}.${process.pid}.tmp`
  try {
    runUninterrupted(() => {
      writeFileSync(draft, text, { flag: 'wx' })
      renameSync(draft, file)
    })
  } catch (error) {
    removeQuietly(draft)
    throw error
  }
}
