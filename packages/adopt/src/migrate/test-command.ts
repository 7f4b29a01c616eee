/**
 * Runs the code base's own tests, as a command line in its directory.
 */
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'

/** Gives true when the command ends with 0. After an interruption it is ended, with everything that it started. */
export type RunTests = (signal?: AbortSignal) => Promise<boolean>

const graceMs = 3_000

/** @param command - As typed in a shell: `npm test`. */
export const testsOf =
  (command: string, root: string): RunTests =>
  async (signal) => {
    // A group of its own: Ctrl-C reaches us alone, and its end can be awaited.
    const child = spawn(command, { cwd: root, shell: true, stdio: 'ignore', detached: process.platform !== 'win32' })
    const stop = (): void => endGroup(child)
    signal?.addEventListener('abort', stop, { once: true })
    try {
      return await new Promise<boolean>((done) => {
        child.once('error', () => done(false))
        child.once('exit', (code) => done(code === 0))
      })
    } finally {
      signal?.removeEventListener('abort', stop)
    }
  }

function endGroup(child: ChildProcess): void {
  kill(child, 'SIGTERM')
  setTimeout(() => kill(child, 'SIGKILL'), graceMs).unref()
}

function kill(child: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (process.platform === 'win32' || child.pid === undefined) child.kill(signal)
    else process.kill(-child.pid, signal)
  } catch {
    // It is gone already.
  }
}
