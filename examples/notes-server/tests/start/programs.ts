/**
 * The programs of this example, each a process in a directory of the test's own. For tests only.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { chmod, mkdtemp, readlink, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Readable } from 'node:stream'
import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, beforeEach } from 'vitest'

/** What `npm start`, `npm run ask` and `npm run forget` run. */
export const start = resolve('dist/start.js')
export const askScript = resolve('dist/ask.js')
export const forgetScript = resolve('dist/forget.js')

export type Program = {
  readonly child: ChildProcess
  /** All that it wrote. */
  readonly text: () => string
  readonly exit: Promise<number | null>
  readonly says: (pattern: RegExp) => Promise<RegExpMatchArray>
}

export type Programs = {
  /** The directory of the test: its `.data` is that of the programs. */
  readonly directory: string
  readonly run: (script: string, words?: string[], environment?: NodeJS.ProcessEnv, input?: string) => Program
}

/** Ends all that a test started, with the servers that it left behind. Call it at the top of a file. */
export const eachPrograms = (given: NodeJS.ProcessEnv): Programs => {
  let directory = ''
  let running: ChildProcess[] = []
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'start-'))
    // As a checkout is: the server of root runs as another account.
    await chmod(directory, 0o755)
  })
  afterEach(async () => {
    for (const child of running) {
      if (child.exitCode !== null || child.signalCode !== null) continue
      child.kill('SIGKILL')
      await once(child, 'close')
    }
    running = []
    const ofPostgres = join(directory, '.data', 'postgres')
    await endPostgres(ofPostgres)
    // Root's lies elsewhere where the data directory was made by a start without PostgreSQL: closed to its server.
    const elsewhere = await readlink(ofPostgres).catch(() => undefined)
    if (elsewhere !== undefined) await rm(elsewhere, { recursive: true })
    await rm(directory, { recursive: true })
  })
  return {
    get directory() {
      return directory
    },
    run: (script, words = [], environment = {}, input) => {
      const child = spawn(process.execPath, [script, ...words], {
        cwd: directory,
        env: { ...process.env, ...given, ...environment },
        stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
      }) as ChildProcess & { readonly stdout: Readable; readonly stderr: Readable }
      child.stdin?.end(input)
      running.push(child)
      return toProgram(child)
    },
  }
}

function toProgram(child: ChildProcess & { readonly stdout: Readable; readonly stderr: Readable }): Program {
  let text = ''
  const exit = once(child, 'close').then(([code]) => code as number | null)
  const says = async (pattern: RegExp): Promise<RegExpMatchArray> => {
    for (;;) {
      const found = text.match(pattern)
      if (found) return found
      await Promise.race([
        once(child.stdout, 'data'),
        exit.then((code) => {
          if (!pattern.test(text)) throw new Error(`exit ${code}: ${text}`)
        }),
      ])
    }
  }
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      text += chunk.toString()
    })
  return { child, text: () => text, exit, says }
}

/** The process of the server of a directory, while it runs. */
export const findPostgres = (directory: string): number | undefined => {
  try {
    const pid = Number(readFileSync(join(directory, 'data', 'postmaster.pid'), 'utf8').split('\n')[0])
    process.kill(pid, 0)
    return pid
  } catch {
    return undefined
  }
}

/** A server outlives the program that was killed. */
async function endPostgres(directory: string): Promise<void> {
  const pid = findPostgres(directory)
  if (pid !== undefined) process.kill(pid, 'SIGQUIT')
  while (findPostgres(directory) !== undefined) await pause(20)
}
