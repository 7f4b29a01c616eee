/**
 * The golden path as handlers: an app mounts them in an HTTP server of its own, or lets this one listen.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { newRunId, newThreadId } from 'user-execution-context'
import { callListener } from '../phases/call-listener.ts'
import { inProcessEventLog } from '../phases/in-process-event-log.ts'
import { parseLimits } from '../phases/limits.ts'
import { accessTokens } from '../login/access-tokens.ts'
import { attemptLimits } from '../login/attempt-limits.ts'
import { lockDirectory } from '../login/lock-directory.ts'
import { passwordHasher, type PasswordHasher } from '../login/password-hasher.ts'
import { passwordIdentity } from '../login/password-identity.ts'
import { fileSessionRegistry } from '../login/session-registry.ts'
import { fileSigningSecret } from '../login/signing-secret.ts'
import { ticketOffice } from '../login/ticket-office.ts'
import { fileUserStore, type UserStore } from '../login/user-store.ts'
import { openGoldenPath } from '../phases/open-golden-path.ts'
import { addressLimits } from './address-limits.ts'
import { addressReader } from './address-reader.ts'
import { handleRequest } from './handle-request.ts'
import { openListener, type ListenOptions } from './listener.ts'
import { ProofWatch } from './proof-watch.ts'
import { agUiRoutes } from './routes/ag-ui-routes.ts'
import { chatRoutes } from './routes/chat-routes.ts'
import { loginRoutes, sessionRoutes } from './routes/login-routes.ts'
import { runRoutes } from './routes/run-routes.ts'
import { threadRoutes } from './routes/thread-routes.ts'
import { logToStandardError, toErrorRecord, type Log, type GoldenPathServerOptions } from './server-options.ts'
import { refuseRevoked, type Services } from './services.ts'
import { openUpgrades } from './upgrade.ts'

/** The golden path, open. */
export type GoldenPathServer = {
  /**
   * Answers the requests below the prefix. Anything else goes to `next`, or is answered 404 when there is none. Fits
   * `createServer()` of `node:http` and `app.use()` of Express.
   */
  readonly handleRequest: (request: IncomingMessage, response: ServerResponse, next?: () => void) => void
  /** Answers the WebSocket upgrades of a server: give it to `server.on('upgrade', …)`. */
  readonly handleUpgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void
  /** Listens on a port of its own. Resolves to the URL, such as `http://localhost:3000`. */
  readonly listen: (options: ListenOptions) => Promise<string>
  /** The users that sign in here; undefined when `identity` checks the tokens of another issuer. */
  readonly users: UserStore | undefined
  /** Makes the password records of `users`. */
  readonly hasher: PasswordHasher
  /** Cancels runs, closes sockets, stops listening, and lets the data directory go. */
  readonly close: () => Promise<void>
}

/**
 * Opens the golden path over one data directory.
 *
 * @throws {ContextError} `ERR_CONTEXT_INVALID_OPTIONS`, `ERR_CONTEXT_STORE_IN_USE`, `ERR_CONTEXT_STORE_UNREADABLE`.
 */
export const openGoldenPathServer = async (options: GoldenPathServerOptions): Promise<GoldenPathServer> => {
  const unlock = await lockDirectory(options.dataDirectory)
  try {
    return await openLocked(options, unlock)
  } catch (error) {
    await unlock()
    throw error
  }
}

async function openLocked(options: GoldenPathServerOptions, unlock: () => Promise<void>): Promise<GoldenPathServer> {
  const { dataDirectory, prefix = '', log: write = logToStandardError } = options
  // A log that fails must take no answer with it, and not the process. There is nobody to tell.
  const log: Log = (record) =>
    callListener(
      () => write(record),
      () => {},
    )
  const limits = parseLimits(options.limits)
  const toAddress = addressReader(options.trustedProxies)
  const users = await fileUserStore(dataDirectory)
  const hasher = passwordHasher()
  const sessions = await fileSessionRegistry(dataDirectory)
  const eventLog = inProcessEventLog(limits)
  const lifetime = options.tokenLifetimeSeconds === undefined ? {} : { lifetimeSeconds: options.tokenLifetimeSeconds }
  const origins = new Set(options.origins)
  const tokens = accessTokens({
    issuer: 'user-execution-context',
    audience: 'user-execution-context',
    secret: await fileSigningSecret(dataDirectory),
    sessions,
    ...lifetime,
  })
  const services: Services = {
    signIn: passwordIdentity({ users, hasher, limits: attemptLimits(options.attempts) }),
    tokens,
    identity: options.identity === undefined ? tokens.identity : refuseRevoked(options.identity, sessions),
    tickets: ticketOffice(),
    sessions,
    eventLog,
    goldenPath: openGoldenPath({
      agent: options.agent,
      limits: options.limits,
      eventLog,
      onError: (error, { correlationId }) => log({ ...toErrorRecord('run-failed', error), correlationId }),
    }),
    limits,
    addresses: addressLimits(limits.connectionsPerAddress),
    toAddress,
    proofs: new ProofWatch(sessions),
    connecting: { threadId: newThreadId(), runId: newRunId() },
    prefix,
    origins,
    maxBodyBytes: options.maxBodyBytes ?? 65_536,
    log,
  }
  const routes = [
    ...(options.identity === undefined ? loginRoutes : []),
    ...sessionRoutes,
    ...runRoutes,
    ...threadRoutes,
    ...agUiRoutes,
    ...chatRoutes,
  ]
  const upgrades = openUpgrades(services)
  const handle: GoldenPathServer['handleRequest'] = (request, response, next) =>
    void handleRequest(services, routes, request, response, next)
  const listener = openListener(handle, upgrades.handle)
  return Object.freeze({
    handleRequest: handle,
    handleUpgrade: upgrades.handle,
    listen: async (at: ListenOptions) => {
      const port = await listener.listen(at)
      if (options.origins === undefined)
        for (const name of ['localhost', '127.0.0.1']) origins.add(`http://${name}:${port}`)
      return `http://localhost:${port}`
    },
    users: options.identity === undefined ? users : undefined,
    hasher,
    close: async () => {
      listener.stop()
      await services.goldenPath.close()
      await upgrades.close()
      services.proofs.close()
      await listener.close()
      await unlock()
    },
  })
}
