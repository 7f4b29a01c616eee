/**
 * Floor 8. One server over one data directory: login, sockets, runs and the page on one port.
 */
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { newRunId, newThreadId } from '../facts/ids.ts'
import { callListener } from '../golden-path/call-listener.ts'
import { inProcessEventLog } from '../golden-path/in-process-event-log.ts'
import { parseLimits } from '../golden-path/limits.ts'
import { accessTokens } from '../golden-path/login/access-tokens.ts'
import { attemptLimits } from '../golden-path/login/attempt-limits.ts'
import { lockDirectory } from '../golden-path/login/lock-directory.ts'
import { passwordHasher } from '../golden-path/login/password-hasher.ts'
import { passwordIdentity } from '../golden-path/login/password-identity.ts'
import { fileSessionRegistry } from '../golden-path/login/session-registry.ts'
import { fileSigningSecret } from '../golden-path/login/signing-secret.ts'
import { ticketOffice } from '../golden-path/login/ticket-office.ts'
import { fileUserStore } from '../golden-path/login/user-store.ts'
import { openGoldenPath } from '../golden-path/open-golden-path.ts'
import { addressLimits } from './address-limits.ts'
import { addressReader } from './address-reader.ts'
import { commonHeaders } from './answer.ts'
import { addFirstUsers, type FirstUser } from './first-users.ts'
import { handleRequest } from './handle-request.ts'
import { fileNotes } from './notes-agent/notes.ts'
import { notesAgent } from './notes-agent/notes-agent.ts'
import { pageHeaders, readPageAssets } from './page/page-assets.ts'
import { ProofWatch } from './proof-watch.ts'
import { endUnreadable } from './raw-answer.ts'
import { agUiRoutes } from './routes/ag-ui-routes.ts'
import { chatRoutes } from './routes/chat-routes.ts'
import { loginRoutes, sessionRoutes } from './routes/login-routes.ts'
import { toPageRoutes } from './routes/page-routes.ts'
import { runRoutes } from './routes/run-routes.ts'
import { threadRoutes } from './routes/thread-routes.ts'
import { logToStandardError, toErrorRecord, type Log, type ServerOptions } from './server-options.ts'
import { refuseRevoked, type Services } from './services.ts'
import { openUpgrades } from './upgrade.ts'

/** A server that listens. */
export type RunningServer = {
  /** Where it listens, such as `http://localhost:3000`. */
  readonly url: string
  /** Users that were made because there were none, with their passwords: to be shown once. */
  readonly firstUsers: readonly FirstUser[]
  /** Cancels runs, closes sockets, stops listening. */
  readonly close: () => Promise<void>
}

/**
 * Opens a server on its embedded defaults.
 *
 * @throws {ContextError} `ERR_CONTEXT_INVALID_OPTIONS`, `ERR_CONTEXT_STORE_IN_USE`, `ERR_CONTEXT_STORE_UNREADABLE`;
 *   the error of Node when the port is taken (`EADDRINUSE`).
 */
export const openServer = async (options: ServerOptions): Promise<RunningServer> => {
  const unlock = await lockDirectory(options.dataDirectory)
  try {
    return await openLocked(options, unlock)
  } catch (error) {
    await unlock()
    throw error
  }
}

async function openLocked(options: ServerOptions, unlock: () => Promise<void>): Promise<RunningServer> {
  const { dataDirectory, port, host = '127.0.0.1', log: write = logToStandardError } = options
  // A log that fails must take no answer with it, and not the process. There is nobody to tell.
  const log: Log = (record) => callListener(() => write(record), () => {})
  const limits = parseLimits(options.limits)
  const toAddress = addressReader(options.trustedProxies)
  const users = await fileUserStore(dataDirectory)
  const hasher = passwordHasher()
  const sessions = await fileSessionRegistry(dataDirectory)
  const eventLog = inProcessEventLog(limits)
  const lifetime = options.tokenLifetimeSeconds === undefined ? {} : { lifetimeSeconds: options.tokenLifetimeSeconds }
  const origins = new Set(options.origins)
  const tokens = accessTokens({
    issuer: 'user-execution-context', audience: 'user-execution-context', secret: await fileSigningSecret(dataDirectory), sessions, ...lifetime,
  })
  const services: Services = {
    signIn: passwordIdentity({ users, hasher, limits: attemptLimits(options.attempts) }),
    tokens,
    identity: options.identity === undefined ? tokens.identity : refuseRevoked(options.identity, sessions),
    tickets: ticketOffice(),
    sessions,
    eventLog,
    goldenPath: openGoldenPath({
      agent: options.agent ?? notesAgent(fileNotes(join(dataDirectory, 'notes'))),
      limits: options.limits,
      eventLog,
      onError: (error, { correlationId }) => log({ ...toErrorRecord('run-failed', error), correlationId }),
    }),
    limits,
    addresses: addressLimits(limits.connectionsPerAddress),
    toAddress,
    proofs: new ProofWatch(sessions),
    connecting: { threadId: newThreadId(), runId: newRunId() },
    origins,
    maxBodyBytes: options.maxBodyBytes ?? 65_536,
    log,
  }
  const routes = [
    ...(options.identity === undefined ? loginRoutes : []), ...sessionRoutes, ...runRoutes, ...threadRoutes,
    ...agUiRoutes, ...chatRoutes, ...toPageRoutes(await readPageAssets(), pageHeaders),
  ]
  const upgrades = openUpgrades(services)
  const server = createServer(
    {
      maxHeaderSize: 16_384, headersTimeout: 10_000, requestTimeout: 20_000, connectionsCheckingInterval: 5000, keepAliveTimeout: 5000,
      // Asked for in handleRequest(): the answer of Node has no headers.
      requireHostHeader: false,
    },
    (request, response) => void handleRequest(services, routes, request, response),
  )
  server.on('upgrade', upgrades.handle).on('clientError', endUnreadable)
  server.on('checkExpectation', (_request, response: ServerResponse) => void response.writeHead(417, { ...commonHeaders }).end())
  // Their bytes are bounded. A bound of lines drops the last ones, and with them what a proxy says of the client.
  server.maxHeadersCount = 0

  const close = async (): Promise<void> => {
    const closed = new Promise((resolve) => server.close(resolve))
    await services.goldenPath.close()
    await upgrades.close()
    services.proofs.close()
    server.closeAllConnections()
    await closed
  }
  try {
    await listen(server, port, host)
    const actualPort = (server.address() as AddressInfo).port
    if (options.origins === undefined) for (const name of ['localhost', '127.0.0.1']) origins.add(`http://${name}:${actualPort}`)
    // After the port is taken: a start that fails prints no passwords that nobody will see again.
    const firstUsers = options.identity === undefined ? await addFirstUsers(users, hasher) : []
    return Object.freeze({
      url: `http://localhost:${actualPort}`,
      firstUsers,
      close: async () => {
        await close()
        await unlock()
      },
    })
  } catch (error) {
    // Before the lock is let go: it would serve on over data that another process may have by then.
    await close()
    throw error
  }
}

function listen(server: ReturnType<typeof createServer>, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve()
    })
  })
}
