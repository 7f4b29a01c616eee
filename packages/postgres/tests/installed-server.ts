// A server of the system in place of the embedded one:
//   TEST_POSTGRES_BIN=/usr/lib/postgresql/15/bin npm test -- postgres
import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, chownSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { toDriverConfig } from '../src/connection/connection-target.ts'

/** A server, by the directory of its socket. */
export type TestServer = { readonly host: string; readonly close: () => Promise<void> }

/** The server refuses to run as root, and so does a pooler. */
export const account = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {}

export function newDirectory(name: string): string {
  const directory = mkdtempSync(join(tmpdir(), name))
  chmodSync(directory, 0o700)
  if ('uid' in account) chownSync(directory, account.uid!, account.gid!)
  return directory
}

/** Waits until a login is let in. */
export async function untilItAnswers(host: string, port = 5432): Promise<void> {
  for (let attempt = 0; attempt < 400; attempt++) {
    const login = { host, port, user: 'uec_admin', database: 'postgres' }
    const client = new pg.Client(toDriverConfig(login) as pg.ClientConfig)
    client.on('error', () => {})
    try {
      await client.connect()
      return await client.end()
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
  throw new Error('The server does not answer.')
}

/** Ends the process, and removes its directory. */
export function ending(child: ChildProcess, directory: string): TestServer {
  return {
    host: directory,
    close: async () => {
      const ended = once(child, 'exit')
      child.kill('SIGINT')
      await ended
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

/** Starts the server of an installation. */
export const startInstalled = async (programs: string): Promise<TestServer> => {
  const directory = newDirectory('uec-pg-')
  const data = join(directory, 'data')
  const run = { ...account, cwd: '/', stdio: 'ignore', env: { PATH: '/usr/bin:/bin', LC_ALL: 'C' } } as const
  execFileSync(join(programs, 'initdb'), ['-D', data, '-U', 'uec_admin', '-A', 'trust', '-E', 'UTF8'], run)
  const words = ['-D', data, '-k', directory, '-c', 'listen_addresses=', '-c', 'max_connections=200']
  const child = spawn(join(programs, 'postgres'), words, run)
  await untilItAnswers(directory)
  return ending(child, directory)
}
