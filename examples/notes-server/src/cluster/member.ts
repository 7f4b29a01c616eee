/**
 * A process of the cluster, as the program that starts it says: a server, or a worker. SIGTERM drains it.
 */
import { openGoldenPath } from '@user-execution-context/golden-path'
import { accessTokens, fileSigningSecret } from '@user-execution-context/golden-path/login'
import { openGoldenPathServer, type CloseOptions } from '@user-execution-context/golden-path/server'
import type { FirstUser } from '../first-users.ts'
import { notesAgent } from '../notes-agent/notes-agent.ts'
import { showContext } from '../notes-agent/show-context.ts'
import { openNotesServer } from '../open-notes-server.ts'
import { readPageAssets } from '../page/page-assets.ts'
import { servePage } from '../page/serve-page.ts'
import { openPostgresStore, type PostgresStoreOptions } from '../store/postgres-store.ts'

/** What a process is: users sign in at one server, and every server checks the tokens that it issues. */
export type Role = 'signs in' | 'serves' | 'executes'

/** What a process is told first. It holds passwords: do not log. */
export type Orders = Pick<PostgresStoreOptions, 'connections' | 'dataDirectory'> & {
  readonly role: Role
  /** Of the page, as browsers name it. */
  readonly origins: readonly string[]
}

/** What a process says once it works. */
export type Ready = { readonly port?: number; readonly firstUsers?: readonly FirstUser[] }

/** The balancer asks twice before these are over. */
const drain = { noticeMs: 1_000, finishMs: 5_000, spreadMs: 1_000 }
/** What openGoldenPathServer() writes into the tokens of its own users. */
const issuer = 'user-execution-context'

process.once('message', (orders: Orders) => {
  run(orders).catch((error: unknown) => {
    console.error(error)
    process.exit(1)
  })
})
// Who started it is gone.
process.once('disconnect', () => process.exit())
// Of the terminal: whoever started this process hears it, too, and drains it.
process.on('SIGINT', () => {})

async function run(orders: Orders): Promise<void> {
  const { role, connections, dataDirectory } = orders
  const store = await openPostgresStore({ connections, dataDirectory, leaseMs: 5_000, executes: role === 'executes' })
  // Slow enough that a run can be seen, and stopped.
  const agent = showContext(notesAgent(store.notes, { pauseMs: 600 }))
  const { ready, close } = await open()
  process.once('SIGTERM', () => {
    void close(drain)
      .then(store.close)
      .then(() => process.exit(0))
  })
  process.send!(ready)

  async function open(): Promise<{ ready: Ready; close: (options: CloseOptions) => Promise<void> }> {
    const { ports } = store
    if (role === 'executes') {
      const onError = (error: unknown): void =>
        console.error('A run failed:', (error as { code?: string }).code ?? 'Error')
      return { ready: {}, close: openGoldenPath({ agent, onError, ...ports }).close }
    }
    const options = { ...ports, agent, origins: orders.origins, trustedProxies: 1 }
    if (role === 'signs in') {
      const { url, firstUsers, close } = await openNotesServer({ ...options, dataDirectory, port: 0 })
      return { ready: { port: Number(new URL(url).port), firstUsers }, close }
    }
    // The users are signed in by the other server; this one takes the tokens.
    const { users, attempts: _, ...shared } = options
    const secret = await fileSigningSecret(dataDirectory)
    const { identity } = accessTokens({ issuer, audience: issuer, secret, users: users!, sessions: ports.sessions! })
    const server = await openGoldenPathServer({ ...shared, identity })
    const url = await server.listen({ port: 0, fallback: servePage(await readPageAssets()) })
    return { ready: { port: Number(new URL(url).port) }, close: server.close }
  }
}
