// PgBouncer in transaction mode in front of the server of the run, from the system. For tests only.
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, chownSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import pg from 'pg'
import { toDriverConfig } from '../../src/connection/connection-target.ts'

/** It refuses to run as root. */
const account = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {}

/** A pooler, by the directory of its socket. */
export type Pooler = { readonly host: string; readonly close: () => Promise<void> }

/** Where it is installed; undefined where it is not. */
export const findPooler = (): string | undefined =>
  [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin']
    .map((directory) => join(directory, 'pgbouncer'))
    .find((file) => existsSync(file))

/** Starts it before a server. Everybody is let in, as by the server of the tests. */
export const openPooler = async (program: string, serverHost: string): Promise<Pooler> => {
  const directory = mkdtempSync(join(tmpdir(), 'uec-pooler-'))
  chmodSync(directory, 0o755)
  if ('uid' in account) chownSync(directory, account.uid!, account.gid!)
  const settings = join(directory, 'pooler.ini')
  const logins = join(directory, 'logins.txt')
  writeFileSync(logins, '"uec_service" ""\n"uec_worker" ""\n"uec_admin" ""\n')
  writeFileSync(
    settings,
    [
      '[databases]',
      `* = host=${serverHost}`,
      '[pgbouncer]',
      'listen_port = 5432',
      `unix_socket_dir = ${directory}`,
      'auth_type = trust',
      `auth_file = ${logins}`,
      'pool_mode = transaction',
      'ignore_startup_parameters = extra_float_digits',
    ].join('\n'),
  )
  const child = spawn(program, [settings], { ...account, cwd: '/', stdio: 'ignore', env: { PATH: '/usr/bin:/bin' } })
  await untilItListens(directory, child)
  return {
    host: directory,
    close: async () => {
      const ended = once(child, 'exit')
      child.kill('SIGKILL')
      await ended
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

async function untilItListens(host: string, child: ChildProcess): Promise<void> {
  while (child.exitCode === null) {
    const target = { host, user: 'uec_admin', database: 'postgres' }
    const client = new pg.Client(toDriverConfig(target) as pg.ClientConfig)
    client.on('error', () => {})
    try {
      await client.connect()
      return await client.end()
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
  throw new Error(`The pooler has ended with ${child.exitCode}.`)
}
