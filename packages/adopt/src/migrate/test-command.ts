/**
 * Runs the code base's own tests, as a command line in its directory.
 */
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { setTimeout } from 'node:timers/promises'

/** Gives true when the command ends with 0. After an interruption it is ended, with everything that it started. */
export type RunTests = (signal?: AbortSignal) => Promise<boolean>

const graceMs = 3_000
const pollMs = 20

/** @param command - As typed in a shell: `npm test`. */
export const testsOf =
  (command: string, root: string): RunTests =>
  async (signal) => {
    // A group of its own: Ctrl-C reaches us alone, and its end can be awaited.
    const child = spawn(command, { cwd: root, shell: true, stdio: 'ignore', detached: process.platform !== 'win32' })
    let ending: Promise<void> | undefined
    const stop = (): void => void (ending = endGroup(child))
    if (signal?.aborted) stop()
    signal?.addEventListener('abort', stop, { once: true })
    try {
      return await new Promise<boolean>((done) => {
        child.once('error', () => done(false))
        child.once('exit', (code) => done(code === 0))
      })
    } finally {
      signal?.removeEventListener('abort', stop)
      await ending
    }
  }

/** The shell ends first, as a rule: what it started may ignore the signal, and writes into the tree meanwhile. */
async function endGroup(child: ChildProcess): Promise<void> {
  tryKill(child, 'SIGTERM')
  for (let waitedMs = 0; waitedMs < graceMs; waitedMs += pollMs) {
    if (!tryKill(child, 0)) return
    await setTimeout(pollMs)
  }
  tryKill(child, 'SIGKILL')
}

/** Gives false when nobody of the group is there any more. */
function tryKill(child: ChildProcess, signal: NodeJS.Signals | 0): boolean {
  try {
    if (process.platform === 'win32' || child.pid === undefined) return child.kill(signal)
    return process.kill(-child.pid, signal)
  } catch {
    return false
  }
}
