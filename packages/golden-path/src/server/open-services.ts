/**
 * Makes the parts of a server from its settings.
 */
import { ContextError, newRunId, newThreadId, type VerifiedUser } from 'user-execution-context'
import { accessTokens } from '../login/access-tokens.ts'
import { fileSessionRegistry } from '../login/file-session-registry.ts'
import { inProcessSessionRegistry } from '../login/in-process-session-registry.ts'
import { passwordHasher } from '../login/password-hasher.ts'
import { passwordIdentity } from '../login/password-identity.ts'
import type { SessionRegistry } from '../login/session-registry.ts'
import { fileSigningSecret } from '../login/signing-secret.ts'
import { ticketOffice } from '../login/ticket-office.ts'
import { fileUserStore } from '../login/user-store.ts'
import { inProcessEventLog } from '../phases/ports/in-process-event-log.ts'
import { openGoldenPath } from '../phases/open-golden-path.ts'
import { addressLimits } from './address-limits.ts'
import { errorReporter } from './log-record.ts'
import type { OwnUsers } from './own-users.ts'
import { ProofWatch } from './proof-watch.ts'
import type { OwnLogin } from './routes/login-routes.ts'
import type { ServerSettings } from './server-options.ts'
import type { Services } from './services.ts'

type Opened = {
  readonly services: Services
  /** Of this server's own users; undefined when another issuer's tokens are checked. */
  readonly login: OwnLogin | undefined
  readonly users: OwnUsers | undefined
  /** Allows more origins, when the port of the server is known. */
  readonly addOrigins: (origins: readonly string[]) => void
}
type Identity = { readonly identity: Services['identity']; readonly login?: OwnLogin; readonly users?: OwnUsers }

/** Opens the parts. @throws {ContextError} `ERR_CONTEXT_STORE_UNREADABLE`. */
export const openServices = async (settings: ServerSettings): Promise<Opened> => {
  const { dataDirectory, limits, log, onError } = settings
  const report = errorReporter(log, onError)
  const sessions = dataDirectory === undefined ? inProcessSessionRegistry() : await fileSessionRegistry(dataDirectory)
  const { identity, login, users } = await openIdentity(settings, sessions)
  const eventLog = inProcessEventLog(limits)
  const origins = new Set(settings.origins)
  const services: Services = {
    lifecycle: { isReady: true, isClosing: false },
    identity,
    assertLive: (user) => assertLive(user, sessions),
    tickets: ticketOffice(),
    sessions,
    eventLog,
    goldenPath: openGoldenPath({
      agent: settings.agent,
      limits: settings.limitChanges,
      eventLog,
      onError: (error, { correlationId }) => report('run-failed', error, { correlationId }),
    }),
    limits,
    addresses: addressLimits(limits.connectionsPerAddress),
    toAddress: settings.toAddress,
    proofs: new ProofWatch(sessions),
    connecting: { threadId: newThreadId(), runId: newRunId() },
    prefix: settings.prefix,
    origins,
    maxBodyBytes: settings.maxBodyBytes,
    report,
  }
  const addOrigins = (more: readonly string[]): void => more.forEach((origin) => origins.add(origin))
  return { services, login, users, addOrigins }
}

async function openIdentity(settings: ServerSettings, sessions: SessionRegistry): Promise<Identity> {
  const { identity, dataDirectory, tokenLifetimeSeconds, attempts } = settings
  if (identity !== undefined) return { identity: refuseRevoked(identity, sessions) }
  // parseServerOptions() has seen to it that one of the two is given.
  const store = await fileUserStore(dataDirectory!)
  const hasher = passwordHasher()
  const tokens = accessTokens({
    issuer: 'user-execution-context',
    audience: 'user-execution-context',
    secret: await fileSigningSecret(dataDirectory!),
    sessions,
    users: store,
    ...(tokenLifetimeSeconds !== undefined && { lifetimeSeconds: tokenLifetimeSeconds }),
  })
  const signIn = passwordIdentity({ users: store, hasher, limits: attempts })
  return { identity: tokens.identity, login: { signIn, tokens }, users: { store, hasher } }
}

/** A check of tokens that also refuses sessions which were signed out here. */
function refuseRevoked(
  identity: (token: string) => Promise<VerifiedUser>,
  sessions: SessionRegistry,
): (token: string) => Promise<VerifiedUser> {
  return async (token) => {
    const user = await identity(token)
    await assertLive(user, sessions)
    return user
  }
}

/** @throws {ContextError} `ERR_CONTEXT_IDENTITY_EXPIRED`, `ERR_CONTEXT_IDENTITY_REVOKED`. */
async function assertLive({ expiresAtMs, sessionId }: VerifiedUser, sessions: SessionRegistry): Promise<void> {
  if (expiresAtMs !== undefined && expiresAtMs <= Date.now()) throw new ContextError('ERR_CONTEXT_IDENTITY_EXPIRED')
  if (sessionId !== undefined && (await sessions.isRevoked(sessionId)))
    throw new ContextError('ERR_CONTEXT_IDENTITY_REVOKED')
}
