// A server of a test's own that lets nobody in without a reason: by passwords, and by TLS with a certificate that it
// made itself.
import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { prepareInstallation } from '../src/embedded/binaries.ts'
import { account, newDirectory, untilItAnswers } from './installed-server.ts'

const run = { ...account, cwd: '/', stdio: 'ignore', env: { PATH: '/usr/bin:/bin', LC_ALL: 'C' } } as const

// The superuser alone comes in as it is, by the socket.
const rules = `local all uec_admin trust
hostssl all only_tls 127.0.0.1/32 trust
hostnossl all only_tls 127.0.0.1/32 reject
local all all scram-sha-256
host all all 127.0.0.1/32 scram-sha-256
`

/** The server, by the directory of its socket and by a port of this machine. */
export class GuardedServer {
  readonly directory = newDirectory('uec-guarded-')
  port = 0
  readonly #programs: string
  #child: ChildProcess | undefined

  constructor() {
    const installed = process.env['TEST_POSTGRES_BIN']
    this.#programs =
      installed ??
      join(
        prepareInstallation(this.directory, account as never, () => {}),
        'bin',
      )
    const words = ['-D', this.#data, '-U', 'uec_admin', '-A', 'trust', '-E', 'UTF8']
    execFileSync(join(this.#programs, 'initdb'), words, run)
    const [key, certificate] = ['server.key', 'server.crt'].map((name) => join(this.#data, name)) as [string, string]
    const made = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=localhost', '-days', '2']
    execFileSync('openssl', [...made, '-keyout', key, '-out', certificate], run)
    writeFileSync(join(this.#data, 'pg_hba.conf'), rules)
    appendFileSync(join(this.#data, 'postgresql.conf'), 'ssl = on\n')
  }

  /** Starts it, with more words for the program. It may not answer yet. */
  async start(...more: readonly string[]): Promise<void> {
    this.port = await freePort()
    const words = ['-D', this.#data, '-k', this.directory, '-c', 'listen_addresses=127.0.0.1', '-p', `${this.port}`]
    this.#child = spawn(join(this.#programs, 'postgres'), [...words, ...more], run)
  }

  untilItAnswers(): Promise<void> {
    return untilItAnswers(this.directory, this.port)
  }

  /** From its next start on it waits for what a primary writes, and only reads. */
  becomeStandby(): void {
    writeFileSync(join(this.#data, 'standby.signal'), '')
  }

  async stop(): Promise<void> {
    const ended = once(this.#child!, 'exit')
    this.#child!.kill('SIGINT')
    await ended
  }

  async close(): Promise<void> {
    await this.stop()
    rmSync(this.directory, { recursive: true, force: true })
  }

  get #data(): string {
    return join(this.directory, 'data')
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
