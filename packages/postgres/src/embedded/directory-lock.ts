/**
 * One process a directory. Where flock(1) exists the kernel holds the lock, for as long as this process lives, also
 * between containers of one host; elsewhere a file names the host, its boot and the process.
 */
import { spawn, spawnSync } from 'node:child_process'
import { createHash, randomUUID } from 'node:crypto'
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { ContextError } from 'user-execution-context'
import type { Account } from './account.ts'
import { environment } from './environment.ts'

/** A lock that is held. */
export type DirectoryLock = {
  /** Gives it back. */
  readonly release: () => void
}

/** What flock ends with when the lock is held by another. */
const isHeld = 75
/** How long a process that was just ended may take to let go of its lock, seconds. */
const graceSeconds = '3'

/** Whether flock(1) of util-linux is there: it runs a program in its own place. */
export const hasFlock = (): boolean =>
  process.platform === 'linux' &&
  spawnSync('flock', ['--help'], { env: environment, encoding: 'utf8' }).stdout?.includes('--no-fork')

/** Takes the directory for this process. @throws {ContextError} `ERR_CONTEXT_STORE_IN_USE`. */
export const lockDirectory = (
  directory: string,
  account: Account | undefined,
  onLost: () => void,
  keeper: 'kernel' | 'file' = hasFlock() ? 'kernel' : 'file',
): Promise<DirectoryLock> => (keeper === 'kernel' ? lockByKernel(directory, account, onLost) : lockByFile(directory))

/**
 * The lock belongs to a child that reads from this process until it ends. A kill -9 of this process ends the child too,
 * because the kernel closes the pipe; a pid that is given to another process means nothing to it.
 */
function lockByKernel(directory: string, account: Account | undefined, onLost: () => void): Promise<DirectoryLock> {
  const words = [
    '-w',
    graceSeconds,
    '-E',
    String(isHeld),
    join(directory, 'process.lock'),
    'sh',
    '-c',
    'echo held; exec cat',
  ]
  const child = spawn('flock', words, {
    env: environment,
    stdio: ['pipe', 'pipe', 'ignore'],
    detached: true,
    ...account,
  })
  return new Promise((resolve, reject) => {
    let isOurs = false
    const fail = (cause: unknown): void => reject(new ContextError('ERR_CONTEXT_DATABASE_UNAVAILABLE', { cause }))
    child.once('error', fail)
    child.stdin.on('error', () => {})
    child.once('exit', (status) => {
      if (status === isHeld) reject(inUse('Stop that process, or give this one a directory of its own.'))
      else fail(new Error(`flock ended with ${status}`))
      // One that another process holds was never ours to lose.
      if (isOurs) onLost()
    })
    child.stdout.once('data', () => {
      isOurs = true
      // Neither the child nor its pipes keep this process alive.
      child.unref()
      ;(child.stdin as unknown as { unref: () => void }).unref()
      child.stdout.destroy()
      const release = (): void => {
        isOurs = false
        child.stdin.end()
      }
      resolve({ release })
    })
  })
}

type Holder = { readonly host: string; readonly boot: string; readonly pid: number }

/**
 * What an ended process left is never removed: another process may be looking at it, and would remove what came in its
 * place. Whoever takes over makes a file named after the text that it found, which one process can make, and puts its
 * own text in place of the other only while that is still there. Of an ended process, too, that file is taken over.
 */
async function lockByFile(directory: string): Promise<DirectoryLock> {
  const file = join(directory, 'process.json')
  const here: Holder = { host: hostname(), boot: findBoot(), pid: process.pid }
  // No text is ever there twice.
  const text = JSON.stringify({ ...here, id: randomUUID() })
  const release = (): void => rmSync(file, { force: true })
  for (;;) {
    if (tryMake(file, text)) return { release }
    const first = tryRead(file)
    const claims: string[] = []
    let found = first
    for (let all = ''; found !== undefined; found = tryRead(claims.at(-1)!)) {
      assertEnded(found, here)
      all += found
      const claim = `${file}.${createHash('sha256').update(all).digest('hex')}`
      claims.push(claim)
      if (!tryMake(claim, text)) continue
      if (tryRead(file) !== first) {
        rmSync(claim, { force: true })
        break
      }
      renameSync(claim, file)
      for (const each of claims.slice(0, -1)) rmSync(each, { force: true })
      return { release }
    }
  }
}

/** Makes a file that is not there. */
function tryMake(file: string, text: string): boolean {
  try {
    writeFileSync(file, text, { flag: 'wx', mode: 0o600 })
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

function tryRead(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** Refuses where the process that wrote a text runs, or nobody here can tell. */
function assertEnded(text: string, here: Holder): void {
  const holder = parseHolder(text)
  if (holder === undefined || holder.host !== here.host)
    throw inUse('Another host or container wrote process.json there. If no such process runs, remove that file.')
  if (holder.boot === here.boot && isAlive(holder.pid))
    throw inUse('Stop that process, or give this one a directory of its own. If none runs, remove process.json there.')
}

function parseHolder(text: string): Holder | undefined {
  try {
    return JSON.parse(text) as Holder
  } catch {
    return undefined
  }
}

function findBoot(): string {
  if (process.platform === 'linux') return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
  if (process.platform === 'darwin') return spawnSync('sysctl', ['-n', 'kern.boottime'], { encoding: 'utf8' }).stdout
  return ''
}

/** Whether a process of this number exists, also one that this account may not signal. */
export const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

function inUse(fix: string): ContextError {
  return new ContextError('ERR_CONTEXT_STORE_IN_USE', { fix })
}
