/**
 * Sign-in, renewal, tickets and sign-out over HTTP.
 */
import { createForUser, encodeKey, toOwnerKey, type VerifiedUser } from 'user-execution-context'
import type { AccessTokens } from '../../login/access-tokens.ts'
import type { PasswordCredentials } from '../../login/password-identity.ts'
import { sendJson } from '../answer.ts'
import { readBearerToken } from '../bearer.ts'
import { readJsonBody, readText } from '../read-body.ts'
import type { Handler, Route } from '../route.ts'
import { authenticate } from '../services.ts'

/** Longer than a session of this server can be renewed. */
const longestSessionMs = 86_400_000

/** What signs in this server's own users. */
export type OwnLogin = {
  readonly signIn: (credentials: PasswordCredentials) => Promise<VerifiedUser>
  readonly tokens: AccessTokens
}

/** The routes of this server's own users. */
export const toLoginRoutes = ({ signIn, tokens }: OwnLogin): readonly Route[] => {
  const login: Handler = async ({ request, response, services }) => {
    const body = await readJsonBody(request, services.maxBodyBytes, services.limits.requestTimeMs)
    const user = await signIn({
      userName: readText(body, 'userName'),
      password: readText(body, 'password'),
      address: services.toAddress(request),
    })
    sendJson(response, 200, await tokens.issue(user))
  }
  const renew: Handler = async ({ request, response }) =>
    sendJson(response, 200, await tokens.renew(readBearerToken(request)))
  return [
    { method: 'POST', path: '/login', handle: login },
    { method: 'POST', path: '/token', handle: renew },
  ]
}

const logout: Handler = async ({ request, response, services }) => {
  // Another issuer's token may outlive every session of ours, and one that names no end has none.
  const { sessionId, expiresAtMs = Number.MAX_SAFE_INTEGER } = await authenticate(services, request)
  // A token without a session cannot be told from others of its user: it ends by itself.
  if (sessionId !== undefined)
    await services.sessions.revoke(sessionId, Math.max(expiresAtMs, Date.now() + longestSessionMs))
  sendJson(response, 204)
}

const issueTicket: Handler = async ({ request, response, services }) => {
  const token = readBearerToken(request)
  const user = await services.identity(token)
  // A session id is unique within its user, and a user id within its tenant: the same ids elsewhere must end no ticket.
  const session = encodeKey([toOwnerKey(createForUser(user, services.connecting)), user.sessionId ?? ''])
  sendJson(response, 200, { ticket: await services.tickets.issue(session, token), expiresIn: 30 })
}

/** The routes of every user with a token, of this server or of another issuer. */
export const sessionRoutes: readonly Route[] = [
  { method: 'POST', path: '/logout', handle: logout },
  { method: 'POST', path: '/ticket', handle: issueTicket },
]
