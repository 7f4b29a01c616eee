/**
 * The thread that a command runs in. What it prints goes to the main thread as messages, in order and whole.
 */
import { parentPort } from 'node:worker_threads'
import { runCli, type CliOutcome } from './cli.ts'

/** What the worker tells the main thread. */
export type WorkerMessage =
  | { readonly stdout: string }
  | { readonly stderr: string }
  | { readonly asks: 'line' }
  | CliOutcome

/** What a person typed, sent to a worker that asked for a line. */
export type TypedLine = { readonly line: string }

/** What the main thread tells the worker to begin with. */
export type WorkerStart = {
  readonly argv: readonly string[]
  readonly workingDirectory: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly isTerminal: { readonly stdout: boolean; readonly stderr: boolean }
}

const port = parentPort
port?.once('message', async ({ argv, workingDirectory, env, isTerminal }: WorkerStart) => {
  const send = (message: WorkerMessage): void => port.postMessage(message)
  const exitCode = await runCli(argv, {
    workingDirectory,
    env,
    stdout: { isTTY: isTerminal.stdout, write: (text) => send({ stdout: text }) },
    stderr: { isTTY: isTerminal.stderr, write: (text) => send({ stderr: text }) },
    readLine: () =>
      new Promise((done) => {
        port.once('message', ({ line }: TypedLine) => done(line))
        send({ asks: 'line' })
      }),
  })
  send({ exitCode })
})
