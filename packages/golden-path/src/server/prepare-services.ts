/**
 * Makes the parts of a server from its settings.
 */
import { liveSessions, newRunId, newThreadId, type LiveSessions } from 'user-execution-context'
import { accessTokens } from '../login/access-tokens.ts'
import { fileRevocationStore } from '../login/file-revocation-store.ts'
import { passwordHasher } from '../login/password-hasher.ts'
import { passwordIdentity } from '../login/password-identity.ts'
import { fileSigningSecret } from '../login/signing-secret.ts'
import { ticketOffice } from '../login/ticket-office.ts'
import { userAccounts } from '../login/user-accounts.ts'
import { fileUserStore } from '../login/user-store.ts'
import { boundIfLate } from '../phases/ports/bounded-event-log.ts'
import { inProcessEventLog } from '../phases/ports/in-process-event-log.ts'
import { openGoldenPath } from '../phases/open-golden-path.ts'
import { addressLimits } from './address-limits.ts'
import { filedIdentity } from './filed-identity.ts'
import { newReporting } from './new-reporting.ts'
import type { OwnUsers } from './own-users.ts'
import type { OwnLogin } from './routes/login-routes.ts'
import type { ServerSettings } from './parse-server-options.ts'
import type { Services } from './services.ts'

type Opened = {
  readonly services: Services
  /** Of this server's own users; undefined when another issuer's tokens are checked. */
  readonly login: OwnLogin | undefined
  readonly users: OwnUsers | undefined
  /** Allows more origins, when the port of the server is known. */
  readonly addOrigins: (origins: readonly string[]) => void
}
/** How long a session of this server's own can be renewed, and what it is called. */
const sessionSeconds = 43_200
const issuer = 'user-execution-context'

type Identity = {
  readonly sessions: LiveSessions | undefined
  readonly identity: Services['identity']
  readonly login?: OwnLogin
  readonly users?: OwnUsers
}

/** Opens the parts. @throws {ContextError} `ERR_CONTEXT_STORE_UNREADABLE`. */
export const prepareServices = async (settings: ServerSettings): Promise<Opened> => {
  const { limits, ports } = settings
  const { report, tell } = newReporting(settings)
  const { sessions, identity, login, users } = await openIdentity(settings)
  const eventLog = ports.eventLog ?? inProcessEventLog(limits)
  const origins = new Set(settings.origins)
  const services: Services = {
    lifecycle: { isReady: true, isClosing: false },
    identity,
    tickets: settings.tickets ?? ticketOffice(),
    sessions,
    // Routes ask it too: one that never answers would keep their clients waiting.
    eventLog: boundIfLate(eventLog, limits.logTimeMs),
    goldenPath: openGoldenPath({
      ...ports,
      agent: settings.agent,
      limits: settings.limitChanges,
      eventLog,
      observe: tell,
      onError: (error, { correlationId }) => report('run-failed', error, { correlationId }),
    }),
    limits,
    addresses: addressLimits(limits.connectionsPerAddress),
    toAddress: settings.toAddress,
    connecting: { threadId: newThreadId(), runId: newRunId() },
    prefix: settings.prefix,
    origins,
    maxBodyBytes: settings.maxBodyBytes,
    readinessNote: settings.readinessNote,
    report,
    tell,
  }
  const addOrigins = (more: readonly string[]): void => more.forEach((origin) => origins.add(origin))
  return { services, login, users, addOrigins }
}

async function openIdentity(settings: ServerSettings): Promise<Identity> {
  const { identity, dataDirectory, tokenLifetimeSeconds, attempts } = settings
  if (identity !== undefined) {
    const { sessions } = settings
    return { identity: sessions === undefined ? identity : filedIdentity(identity, sessions), sessions }
  }
  // parseServerOptions() has seen to it that what is not given has a directory.
  const store = settings.users ?? (await fileUserStore(dataDirectory!))
  // A minute longer than any proof lasts, for the clock.
  const sessions =
    settings.sessions ??
    liveSessions({ maxProofMs: (sessionSeconds + 60) * 1000, store: await fileRevocationStore(dataDirectory!) })
  const hasher = passwordHasher()
  const tokens = accessTokens({
    issuer,
    audience: issuer,
    sessionSeconds,
    secret: settings.signingSecret ?? (await fileSigningSecret(dataDirectory!)),
    sessions,
    users: store,
    ...(tokenLifetimeSeconds !== undefined && { lifetimeSeconds: tokenLifetimeSeconds }),
  })
  const signIn = passwordIdentity({ users: store, hasher, limits: attempts, namespace: issuer, sessions })
  const accounts = userAccounts({ users: store, hasher, sessions, namespace: issuer })
  return { sessions, identity: tokens.identity, login: { signIn, tokens }, users: { store, hasher, accounts } }
}
