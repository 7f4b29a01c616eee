import type { betterAuth } from 'better-auth'
import { contextFromRequest, cookieToken, toResponse } from '@user-execution-context/http'
import { identityProvider } from 'user-execution-context'

type Auth = Pick<ReturnType<typeof betterAuth>, 'api' | 'handler' | '$context'>

/** Who sent a request: the session cookie of better-auth, and for a change only from a page of `origins`. */
export const openSignIn = async (auth: Auth, origins: readonly string[]) => {
  const { name } = (await auth.$context).authCookies.sessionToken
  const identity = identityProvider({
    name: 'better-auth',
    verify: async (value: string) => {
      const headers = new Headers({ cookie: `${name}=${value}` })
      const found = await auth.api.getSession({ headers, query: { disableRefresh: true } })
      if (found === null) return undefined
      const { user, session } = found
      return { userId: user.id, sessionId: session.id, expiresAtMs: session.expiresAt.getTime() }
    },
  })
  return { identity, token: cookieToken({ name, origins }) }
}

/** Answers the requests of signed-in users; what is under /api/auth/ is better-auth's own. */
export const openServer = async (auth: Auth, origins: readonly string[]) => {
  const { identity, token } = await openSignIn(auth, origins)
  const toContext = contextFromRequest(identity, { token })
  return async (request: Request): Promise<Response> => {
    if (new URL(request.url).pathname.startsWith('/api/auth/')) return auth.handler(request)
    try {
      const context = await toContext(request)
      return Response.json({ userId: context.userId })
    } catch (error) {
      return toResponse(error)
    }
  }
}
