// A database of its own, two servers and two workers, and all that can go wrong with them.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { fileUserStore, passwordHasher } from '@user-execution-context/golden-path/login'
import { toDriverConfig, type ConnectionTarget } from '../../src/connection/connection-target.ts'
import { retryTransient } from '../../src/connection/transient.ts'
import { openEmbeddedPostgres, type EmbeddedPostgres } from '../../src/embedded/open-embedded-postgres.ts'
import { migratePostgres } from '../../src/migrations/migrate-postgres.ts'
import { recordShards } from '../../src/shards/record-shards.ts'
import { Node, type Role } from '../server/nodes.ts'
import { OutageProxy } from '../outage-proxy.ts'

const roles: readonly Role[] = ['signs in', 'serves', 'executes', 'executes']
export const workers = [2, 3] as const
/** How long the nodes believe in a worker that says nothing (see node.run.mjs). */
export const leaseMs = 1_500

/** The processes of one kill test. */
export class KillCluster {
  readonly directory = mkdtempSync(join(tmpdir(), 'uec-kill-'))
  /** Of the database, which may run as another account. */
  readonly #database: string
  readonly crashes: string[] = []
  nodes: Node[] = []
  proxies: OutageProxy[] = []
  readonly #directories: readonly string[]
  #server: EmbeddedPostgres | undefined
  #isResumable = false
  #databases: readonly string[] = ['uec']
  readonly #environment: Readonly<Record<string, string>>

  /**
   * @param database - The directory of the database, which is left there. Default: one of its own.
   * @param environment - Of all nodes, beside what they need.
   */
  constructor(database?: string, environment: Readonly<Record<string, string>> = {}) {
    this.#environment = environment
    this.#database = database ?? mkdtempSync(join(tmpdir(), 'uec-killed-'))
    this.#directories = database === undefined ? [this.directory, this.#database] : [this.directory]
  }

  /** @param shards - Over how many databases, all of one server. */
  async open(userNames: readonly string[], toUserId: (userName: string) => string, isResumable: boolean, shards = 1) {
    this.#isResumable = isResumable
    const server = await openEmbeddedPostgres({ directory: this.#database })
    this.#server = server
    await migratePostgres({ connection: server.connections.migrate! })
    if (shards > 1) await this.#addShards(shards)
    // Cheap password records: this is not about the cost of scrypt.
    const hasher = passwordHasher({ cost: 1024 })
    const users = await fileUserStore(this.directory)
    for (const userName of userNames) {
      const password = await hasher.toRecord(`password-of-${userName}`)
      await users.add({ userId: toUserId(userName), userName, password })
    }
    for (const index of roles.keys()) {
      this.proxies[index] = new OutageProxy(server.host)
      await this.proxies[index].open()
      await this.startNode(index)
    }
  }

  /** Starts the process in this place: the first time, or after it was killed. */
  async startNode(index: number): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        this.nodes[index] = await Node.open('uec', this.directory, roles[index]!, {
          HOST: this.proxies[index]!.host,
          DECIDE_MS: '2000',
          RESUMABLE: this.#isResumable ? 'yes' : 'no',
          SHARDS: this.#databases.length > 1 ? this.#databases.join(',') : '',
          WITNESS: this.witnessFile,
          LOG: this.logFile,
          STDERR: this.errorFile,
          ...this.#environment,
        })
        this.#watch(index, this.nodes[index]!)
        return
      } catch (error) {
        // The database is away as well: a supervisor starts it again.
        if (attempt === 50) throw error
        await new Promise((resolve) => setTimeout(resolve, 300))
      }
    }
  }

  async #addShards(count: number): Promise<void> {
    const [first] = this.#databases
    this.#databases = Array.from({ length: count }, (_, index) => (index === 0 ? first! : `uec_${index}`))
    const client = await this.connect()
    for (const database of this.#databases.slice(1)) await client.query(`CREATE DATABASE ${database}`)
    await client.end()
    const logins = this.#databases.map((database) => [database, this.#loginOf(database)] as const)
    for (const [, connection] of logins) await migratePostgres({ connection })
    await recordShards({ shards: Object.fromEntries(logins) })
  }

  #loginOf(database: string): ConnectionTarget {
    const { migrate } = this.#server!.connections
    return { ...(migrate as Exclude<ConnectionTarget, string>), database }
  }

  /** A process that ends by itself is a fault. It is started again, as a supervisor does. */
  #watch(index: number, node: Node): void {
    void node.ended.then((isWanted) => {
      if (isWanted) return
      this.crashes.push(`The process that ${roles[index]!} ended by itself`)
      void this.startNode(index)
    })
  }

  /** What processes printed that ended by themselves, also at a start without the database. */
  get errorFile(): string {
    return join(this.directory, 'errors')
  }
  get witnessFile(): string {
    return join(this.directory, 'witness')
  }
  get logFile(): string {
    return join(this.directory, 'log')
  }
  /** All that servers and the database have logged. */
  readLogs(): string {
    return [this.logFile, this.errorFile, join(this.#database, 'server.log')]
      .map((file) => readIfThere(file))
      .join('\n')
  }
  readWitness(): readonly string[] {
    return readIfThere(this.witnessFile).split('\n').slice(0, -1)
  }

  /** Kills the database: its first process, or one that serves a connection, after which it recovers by itself. */
  killDatabase(which: 'server' | 'connection'): void {
    const pid = Number(readIfThere(join(this.#database, 'data/postmaster.pid')).split('\n')[0])
    if (!(pid > 0)) return
    try {
      if (which === 'server') return void process.kill(pid, 'SIGKILL')
      const children = execFileSync('pgrep', ['-P', String(pid), '-f', 'uec_'], { encoding: 'utf8' })
      process.kill(Number(children.split('\n')[0]), 'SIGKILL')
    } catch {
      // It is down already.
    }
  }

  async connect(database = this.#databases[0]!): Promise<pg.Client> {
    const client = new pg.Client(toDriverConfig(this.#loginOf(database)) as pg.ClientConfig)
    client.on('error', () => {})
    await client.connect()
    return client
  }

  /** The rows of a statement, of all databases. The last trouble may have left one on its way up. */
  async ask<Row extends pg.QueryResultRow>(text: string): Promise<readonly Row[]> {
    const found: Row[] = []
    for (const database of this.#databases)
      found.push(...(await retryTransient(30_000, () => this.#read<Row>(database, text))))
    return found
  }

  async #read<Row extends pg.QueryResultRow>(database: string, text: string): Promise<readonly Row[]> {
    const client = await this.connect(database)
    try {
      return (await client.query<Row>(text)).rows
    } finally {
      await client.end().catch(() => {})
    }
  }

  async close(): Promise<void> {
    for (const node of this.nodes) node.signal('SIGCONT')
    await Promise.all(this.nodes.map((node) => node.kill()))
    for (const proxy of this.proxies) proxy.close()
    await this.#server?.close()
    for (const directory of this.#directories) rmSync(directory, { recursive: true, force: true })
  }
}

function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
