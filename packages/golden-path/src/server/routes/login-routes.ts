/**
 * Sign-in, renewal, tickets and sign-out over HTTP.
 */
import { ContextError, createForUser, encodeKey, toOwnerKey, type VerifiedUser } from 'user-execution-context'
import type { AccessTokens } from '../../login/access-tokens.ts'
import type { PasswordCredentials } from '../../login/password-identity.ts'
import { sendJson } from '../answer.ts'
import { readBearerToken } from '../bearer.ts'
import { readJsonBody, readText } from '../read-body.ts'
import type { Handler, Route } from '../route.ts'
import { authenticate } from '../services.ts'

/** What signs in this server's own users. */
export type OwnLogin = {
  readonly signIn: (credentials: PasswordCredentials) => Promise<VerifiedUser>
  readonly tokens: AccessTokens
}

/** The routes of this server's own users. */
export const toLoginRoutes = ({ signIn, tokens }: OwnLogin): readonly Route[] => {
  const login: Handler = async ({ request, response, services }) => {
    const body = await readJsonBody(request, services.maxBodyBytes, services.limits.requestTimeMs)
    const address = services.toAddress(request)
    const user = await signIn({
      userName: readText(body, 'userName'),
      password: readText(body, 'password'),
      address,
    })
    const issued = await tokens.issue(user)
    services.tell({ type: 'signed-in', context: createForUser(user, services.connecting), address })
    sendJson(response, 200, issued)
  }
  const renew: Handler = async ({ request, response }) =>
    sendJson(response, 200, await tokens.renew(readBearerToken(request)))
  return [
    { method: 'POST', path: '/login', handle: login },
    { method: 'POST', path: '/token', handle: renew },
  ]
}

const logout: Handler = async ({ request, response, services }) => {
  const { sessions } = services
  const user = await authenticate(services, request)
  // An app that signs its users out by itself: an answer here would claim what did not happen.
  if (sessions === undefined) throw new ContextError('ERR_CONTEXT_ROUTE_UNKNOWN')
  // Answered once it is durable. What the store throws is answered as an error: the session has ended here, and would
  // live again after a restart.
  // Made before: a proof that has ended makes no context.
  const context = createForUser(user, services.connecting)
  await sessions.revoke({ session: user })
  services.tell({ type: 'signed-out', context, address: services.toAddress(request) })
  sendJson(response, 204)
}

const issueTicket: Handler = async ({ request, response, services }) => {
  const token = readBearerToken(request)
  const user = await services.identity(token)
  // A session id is unique within its user, and a user id within its tenant: the same ids elsewhere must end no ticket.
  const session = encodeKey([toOwnerKey(createForUser(user, services.connecting)), user.sessionId ?? ''])
  const { lifetimeMs } = services.tickets
  const ticket = await services.tickets.issue(session, token)
  sendJson(response, 200, { ticket, ...(lifetimeMs !== undefined && { expiresIn: lifetimeMs / 1000 }) })
}

/** The routes of every user with a token, of this server or of another issuer. */
export const sessionRoutes: readonly Route[] = [
  { method: 'POST', path: '/logout', handle: logout },
  { method: 'POST', path: '/ticket', handle: issueTicket },
]
