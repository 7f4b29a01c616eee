/**
 * Writes a run, has it proved outside of the tool, and puts it back when the proof fails or is interrupted.
 */
import { runInterruptible } from '../uninterrupted.ts'
import { writeAndRemember } from './last-write.ts'
import type { PlannedWrite } from './write-all.ts'

/** Whether the tree as it stands now may stay. Settles soon after its signal. */
export type Prove = (signal: AbortSignal) => Promise<boolean>

/**
 * Writes all files or none, and keeps them when `prove` says so.
 *
 * @throws {AdoptError} As `writeAllOrNothing`, and what `prove` throws, everything put back.
 */
export const writeOnTrial = (root: string, writes: readonly PlannedWrite[], prove: Prove): Promise<boolean> =>
  runInterruptible(async (signal) => {
    const putBack = writeAndRemember(root, writes)
    let isKept = false
    try {
      isKept = (await prove(signal)) && !signal.aborted
    } finally {
      if (!isKept) putBack()
    }
    return isKept
  })
