// Programs that open an embedded server, as processes, and what they left behind.
import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { afterAll, afterEach } from 'vitest'
import { toDriverConfig } from '../../src/connection/connection-target.ts'
import { openEmbeddedPostgres } from '../../src/embedded/open-embedded-postgres.ts'

/** What a program said. */
export type Said = {
  readonly opened: boolean
  readonly host?: string
  readonly isAdopted?: boolean
  readonly notices: readonly string[]
  readonly code?: string
  readonly message?: string
}

/** A program that opened a server, or failed to. */
export type App = {
  readonly said: Said
  /** Ends it in an orderly way. */
  readonly close: () => Promise<void>
  /** Ends it without a chance to do anything. */
  readonly kill: () => Promise<void>
}

const running = new Set<ChildProcess>()
const directories: string[] = []

/** A directory of a test's own, with no server left in it after the test. */
export const newDirectory = (): string => {
  const directory = mkdtempSync(join(tmpdir(), 'uec-app-'))
  directories.push(directory)
  return directory
}

/** A directory with the data of a server that was started once: a copy, which costs less than to make it. */
export const usedDirectory = async (): Promise<string> => {
  seed ??= makeSeed()
  const directory = newDirectory()
  execFileSync('cp', ['-a', `${await seed}/.`, directory])
  return directory
}

let seed: Promise<string> | undefined

async function makeSeed(): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), 'uec-seed-'))
  const server = await openEmbeddedPostgres({ directory: directory })
  await server.close()
  return directory
}

afterAll(async () => {
  if (seed) rmSync(await seed, { recursive: true, force: true })
})

/** The pid in the lock file of the server of a directory. */
export const serverPid = (directory: string): number =>
  Number(readFileSync(join(directory, 'data/postmaster.pid'), 'utf8').split('\n')[0])

/** Starts a program on a directory, and waits for what it says. */
export const startApp = async (directory: string, onNotice: (text: string) => void = () => {}): Promise<App> => {
  const program = fileURLToPath(new URL('app.run.mjs', import.meta.url))
  const child = spawn(process.execPath, [program, directory], { stdio: ['pipe', 'pipe', 'inherit'] })
  running.add(child)
  const ended = once(child, 'exit').then(() => void running.delete(child))
  let said: (Said & { readonly notice?: string }) | undefined
  for await (const line of createInterface(child.stdout)) {
    said = JSON.parse(line) as Said
    if (said.notice === undefined) break
    onNotice(said.notice)
  }
  return {
    said: said!,
    close: async () => {
      child.stdin.end('close\n')
      await ended
    },
    kill: async () => {
      child.kill('SIGKILL')
      await ended
    },
  }
}

/** A connection as the superuser. */
export const connectTo = async (host: string, database = 'uec'): Promise<pg.Client> => {
  const client = new pg.Client(toDriverConfig({ host, user: 'uec_admin', database }) as pg.ClientConfig)
  client.on('error', () => {})
  await client.connect()
  return client
}

/** Resolves once a condition holds. */
export const until = async (condition: () => boolean | Promise<boolean>): Promise<void> => {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 20))
}

export const isAlive = (pid: number): boolean => {
  try {
    // A child of a process that does not wait for it stays as a zombie.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}

afterEach(async () => {
  for (const child of running) child.kill('SIGKILL')
  for (const directory of directories.splice(0)) {
    try {
      const pid = serverPid(directory)
      if (isAlive(pid) && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(directory)) process.kill(pid, 'SIGQUIT')
      await until(() => !isAlive(pid))
    } catch {
      // No server was left.
    }
    rmSync(directory, { recursive: true, force: true })
  }
})
