/**
 * A process of the cluster, as the program that starts it says: a server, or a worker. SIGTERM drains it.
 */
import { openGoldenPath } from '@user-execution-context/golden-path'
import { fileSigningSecret } from '@user-execution-context/golden-path/login'
import {
  goldenPathLog,
  openGoldenPathServer,
  type CloseOptions,
  type LogLevel,
} from '@user-execution-context/golden-path/server'
import { addFirstUsers, type FirstUser } from '../first-users.ts'
import { lineWriter } from '../log/line-writer.ts'
import { notesAgent } from '../notes-agent/notes-agent.ts'
import { showContext } from '../notes-agent/show-context.ts'
import { readPageAssets } from '../page/page-assets.ts'
import { servePage } from '../page/serve-page.ts'
import { openPostgresStore, type PostgresStoreOptions } from '../store/postgres-store.ts'

/** What a process is: users sign in at any server, whose secrets are the same, and any worker executes their runs. */
export type Role = 'serves' | 'executes'

/** What a process is told first. It holds passwords: do not log. */
export type Orders = Pick<PostgresStoreOptions, 'connections' | 'dataDirectory'> & {
  readonly role: Role
  /** Of the page, as browsers name it. */
  readonly origins: readonly string[]
  /** Those in front of the server, the balancer among them. */
  readonly trustedProxies: number
  readonly logLevel: LogLevel
}

/** What a process says once it works. */
export type Ready = { readonly port?: number; readonly firstUsers?: readonly FirstUser[] }

/** The balancer asks twice before these are over. */
const drain = { noticeMs: 1_000, finishMs: 5_000, spreadMs: 1_000 }

process.once('message', (orders: Orders) => {
  run(orders).catch((error: unknown) => {
    console.error(error)
    process.exit(1)
  })
})
// The process that started it is gone.
process.once('disconnect', () => process.exit())
// Of the terminal: whoever started this process hears it, too, and drains it.
process.on('SIGINT', () => {})

async function run({ role, connections, dataDirectory, origins, trustedProxies, logLevel }: Orders): Promise<void> {
  const log = lineWriter(logLevel, { process: process.pid })
  const executes = role === 'executes'
  const store = await openPostgresStore({ connections, dataDirectory, leaseMs: 5_000, executes, log })
  // Slow enough that a run can be seen, and stopped.
  const agent = showContext(notesAgent(store.notes, { pauseMs: 600 }))
  const { ready, close } = executes ? openWorker() : await openServer()
  process.once('SIGTERM', () => {
    void close(drain)
      .then(store.close)
      .then(() => process.exit(0))
  })
  process.send!(ready)

  function openWorker(): Opened {
    const { eventLog, runQueue, startKeys } = store.ports
    const goldenPath = openGoldenPath({ agent, eventLog, runQueue, startKeys, ...goldenPathLog({ log, logLevel }) })
    // No client comes to it, so nobody is told before.
    return { ready: {}, close: ({ finishMs, spreadMs }) => goldenPath.close({ finishMs, spreadMs }) }
  }

  async function openServer(): Promise<Opened> {
    const signingSecret = await fileSigningSecret(dataDirectory)
    const options = { ...store.ports, agent, origins, trustedProxies, signingSecret, log, logLevel }
    const server = await openGoldenPathServer(options)
    const url = await server.listen({ port: 0, fallback: servePage(await readPageAssets()) })
    const firstUsers = await addFirstUsers(server.users!)
    return { ready: { port: Number(new URL(url).port), firstUsers }, close: server.close }
  }
}

type Opened = { readonly ready: Ready; readonly close: (options: CloseOptions) => Promise<void> }
