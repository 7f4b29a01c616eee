// PgBouncer in transaction mode, in front of the server of a run: what an app logs in at. Migrations and LISTEN go to
// the server itself.
//   TEST_PGBOUNCER=/usr/sbin/pgbouncer npm test -- postgres
import { spawn } from 'node:child_process'
import { chownSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { account, ending, newDirectory, untilItAnswers, type TestServer } from './installed-server.ts'

/** Few connections of its own, so that a transaction often gets the one that another client had. */
const toSettings = (directory: string, serverHost: string): string => `[databases]
* = host=${serverHost} port=5432
[pgbouncer]
listen_addr =
listen_port = 5432
unix_socket_dir = ${directory}
auth_type = trust
auth_file = ${directory}/users.txt
pool_mode = transaction
default_pool_size = 4
max_client_conn = 1000
max_db_connections = 0
ignore_startup_parameters = extra_float_digits
`

/** Starts it, and waits until it lets a client in. */
export const startPooler = async (program: string, serverHost: string): Promise<TestServer> => {
  const directory = newDirectory('uec-pooler-')
  const write = (name: string, text: string): string => {
    const file = join(directory, name)
    writeFileSync(file, text, { mode: 0o600 })
    if ('uid' in account) chownSync(file, account.uid!, account.gid!)
    return file
  }
  write('users.txt', ['uec_admin', 'uec_service', 'uec_worker'].map((user) => `"${user}" ""\n`).join(''))
  const settings = write('pgbouncer.ini', toSettings(directory, serverHost))
  const child = spawn(program, [settings], { ...account, cwd: '/', stdio: 'ignore', env: { PATH: '/usr/bin:/bin' } })
  await untilItAnswers(directory)
  return ending(child, directory)
}
