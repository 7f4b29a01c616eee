/**
 * Writes a file in one step, so that no reader sees half of it and an interrupted run leaves the old one.
 */
import { renameSync, rmSync, writeFileSync } from 'node:fs'
import { AdoptError } from '../adopt-error.ts'
import { runUninterrupted } from '../uninterrupted.ts'

/** Writes the text. Throws AdoptError `TREE_UNWRITABLE` and leaves nothing behind. */
export const writeWhole = (file: string, text: string): void => {
  const draft = `${file}.${process.pid}.tmp`
  try {
    runUninterrupted(() => {
      writeFileSync(draft, text, { flag: 'wx' })
      renameSync(draft, file)
    })
  } catch (cause) {
    rmSync(draft, { force: true })
    throw new AdoptError('TREE_UNWRITABLE', `${file} cannot be written. Name a file in a folder that exists and may be written.`, { file, cause })
  }
}
