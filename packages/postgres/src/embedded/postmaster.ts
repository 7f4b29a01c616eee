/**
 * The process of the server: found, started, stopped.
 */
import { spawn, spawnSync } from 'node:child_process'
import { closeSync, existsSync, openSync, readFileSync, readlinkSync, renameSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Account } from './account.ts'
import { hasFlock, isAlive } from './directory-lock.ts'
import { environment } from './environment.ts'

/** What a server is started with. */
export type ServerPlace = {
  readonly installation: string
  readonly directory: string
  readonly data: string
  readonly socketDirectory: string
  readonly account: Account | undefined
  readonly maxConnections: number
}

/** A server that runs, ours or one that was found. */
export type Postmaster = {
  readonly pid: number
  readonly isRunning: () => boolean
}

/** The pid of the server that runs on this data; 'hidden' for one that holds the lock and is in another container. */
export const findPostmaster = ({ data, directory }: ServerPlace): Postmaster | 'hidden' | undefined => {
  const pid = readPid(data)
  if (pid !== undefined && isPostmaster(pid, data)) return { pid, isRunning: () => isPostmaster(pid, data) }
  return isLocked(directory) ? 'hidden' : undefined
}

/**
 * Removes the lock files of a server that is gone, of its data and of its socket: their pid may be another program's by
 * now, and PostgreSQL would take that for a server. Whether there were any.
 */
export const removeStaleLocks = ({ data, socketDirectory }: ServerPlace): boolean => {
  const left = [join(data, 'postmaster.pid'), join(socketDirectory, '.s.PGSQL.5432.lock')].filter(existsSync)
  for (const file of left) rmSync(file, { force: true })
  return left.length > 0
}

/** Starts a server. It is in a process group of its own: a Ctrl-C in the terminal does not reach it. */
export const startPostmaster = (place: ServerPlace): Postmaster => {
  const { installation, directory, data, socketDirectory, account, maxConnections } = place
  const server = [join(installation, 'bin', 'postgres'), '-D', data, '-k', socketDirectory, ...toWords(maxConnections)]
  // The server itself holds the lock, and so does each of its children: it is free when all of them have ended.
  const locked = hasFlock() ? ['flock', '-n', '--no-fork', join(directory, lockName)] : []
  const [program, ...words] = [...locked, ...server]
  const log = openLog(directory)
  const child = spawn(program!, words, {
    env: environment,
    stdio: ['ignore', log, log],
    detached: true,
    cwd: '/',
    ...account,
  })
  closeSync(log)
  child.on('error', () => {})
  child.unref()
  return {
    pid: child.pid ?? 0,
    isRunning: () => child.pid !== undefined && child.exitCode === null && child.signalCode === null,
  }
}

/** Asks a server to end without waiting for its clients, and after some seconds without a word to them. */
export const stopPostmaster = async ({ pid, isRunning }: Postmaster): Promise<void> => {
  if (!isRunning()) return
  signal(pid, 'SIGINT')
  for (let waitedMs = 0; isRunning(); waitedMs += 20) {
    if (waitedMs === 10_000) signal(pid, 'SIGQUIT')
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

/** Sends a signal to a server, if it is still there. */
export const signal = (pid: number, name: NodeJS.Signals): void => {
  try {
    process.kill(pid, name)
  } catch {
    // It ended by itself.
  }
}

const lockName = 'server.lock'

function readPid(data: string): number | undefined {
  try {
    const pid = Number(readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n')[0])
    return Number.isSafeInteger(pid) && pid > 0 ? pid : undefined
  } catch {
    return undefined
  }
}

/** A server works in the directory of its data: a program that has been given its pid does not. */
function isPostmaster(pid: number, data: string): boolean {
  if (!isAlive(pid)) return false
  try {
    if (process.platform === 'linux') return readlinkSync(`/proc/${pid}/cwd`) === data
  } catch {
    return false
  }
  return spawnSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }).stdout.includes(data)
}

function isLocked(directory: string): boolean {
  if (!hasFlock() || !existsSync(join(directory, lockName))) return false
  return spawnSync('flock', ['-n', join(directory, lockName), 'true'], { env: environment }).status !== 0
}

/**
 * Nothing of a statement is logged, nor a value that broke a constraint: the log is not a place for what users wrote.
 * Errors and warnings quote values in their words ("invalid input syntax for type uuid"), so all of them stay out, also
 * those of the server's own processes, such as a checkpoint on a full disk. Its starts, stops and crashes, and why it
 * ends a connection, are logged.
 */
function toWords(maxConnections: number): readonly string[] {
  const settings = {
    listen_addresses: '',
    unix_socket_permissions: '0700',
    max_connections: String(maxConnections),
    fsync: 'on',
    log_min_messages: 'log',
    log_min_error_statement: 'panic',
    log_error_verbosity: 'terse',
    log_parameter_max_length: '0',
  }
  return Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
}

const maxLogBytes = 10_000_000

function openLog(directory: string): number {
  const file = join(directory, 'server.log')
  if (existsSync(file) && statSync(file).size > maxLogBytes) renameSync(file, `${file}.1`)
  return openSync(file, 'a', 0o600)
}
