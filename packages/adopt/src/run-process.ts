/**
 * Wires the process to the command line. The command runs in a worker, because scanning blocks its thread for seconds:
 * so Ctrl-C ends the process at once with 130, and progress is drawn while a compiler is being asked.
 */
import { createInterface } from 'node:readline'
import { Worker } from 'node:worker_threads'
import { parseCliOptions } from './cli-options.ts'
import { runCli } from './cli.ts'
import type { TypedLine, WorkerMessage, WorkerStart } from './cli-worker.ts'
import { newInterruptCell, tryInterrupt } from './uninterrupted.ts'

const retryMs = 10

/** Runs the command line of this process, sets the exit code, and leaves when everything is written. */
export const runProcess = async (): Promise<void> => {
  const { stdout, stderr, env } = process
  const argv = process.argv.slice(2)
  if (isAnsweredHere(argv, { isWatched: stderr.isTTY === true })) {
    // A reader that closes early (`| head`) is no failure of the command.
    stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 2))
    process.exitCode = await runCli(argv, { workingDirectory: process.cwd(), env, stdout, stderr })
    return
  }
  const cell = newInterruptCell()
  const worker = new Worker(new URL('./cli-worker.js', import.meta.url), { workerData: cell })
  process.once('SIGINT', () => leaveWhenWhole(cell, 130))
  process.once('SIGTERM', () => leaveWhenWhole(cell, 143))
  // A reader that closes early (`| head`) is no failure of the command.
  stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 2))
  worker.on('message', (message: WorkerMessage) => {
    if ('stdout' in message) stdout.write(message.stdout)
    else if ('stderr' in message) stderr.write(message.stderr)
    else if ('asks' in message) readLine((line) => worker.postMessage({ line } satisfies TypedLine))
    else process.exitCode = message.exitCode
  })
  worker.on('error', (error) => {
    stderr.write(`adopt failed in an unforeseen way. Please report it.\n${error.stack ?? error.message}\n`)
    process.exitCode = 2
  })
  // A worker that ends without an outcome (out of memory) has not run.
  process.exitCode = 2
  const start: WorkerStart = {
    argv,
    workingDirectory: process.cwd(),
    env: { ...env },
    isTerminal: { stdout: stdout.isTTY === true, stderr: stderr.isTTY === true },
  }
  worker.postMessage(start)
}

// Help, version, an explanation or a usage error: no thread is started for it. Nor for a fast scan that only prints: a
// thread costs a tenth of it, nobody watches its progress, and Ctrl-C ends it by the signal itself because nothing here
// catches that.
const isAnsweredHere = (argv: readonly string[], { isWatched }: { readonly isWatched: boolean }): boolean => {
  try {
    const { command, help, version, explain, fast, output } = parseCliOptions(argv)
    const isQuick = command === 'scan' && fast === true && output === undefined && !isWatched
    return isQuick || command === undefined || help === true || version === true || explain !== undefined
  } catch {
    return true
  }
}

// Here and not in the worker: a thread that waits in a read cannot be ended, and Ctrl-C would wait with it.
const readLine = (onLine: (line: string) => void): void => {
  const lines = createInterface({ input: process.stdin, terminal: false })
  let typed = ''
  lines.once('line', (line) => {
    typed = line
    lines.close()
  })
  lines.once('close', () => onLine(typed))
}

const leaveWhenWhole = (cell: Int32Array, exitCode: number): void => {
  if (tryInterrupt(cell)) process.exit(exitCode)
  setTimeout(leaveWhenWhole, retryMs, cell, exitCode)
}
