import type { betterAuth } from 'better-auth'
import { identityProvider } from 'user-execution-context'

type Auth = Pick<ReturnType<typeof betterAuth>, 'api'>

/** The cookies of a request: better-auth checks the session that they name. */
export const sessionIdentity = (auth: Auth) =>
  identityProvider({
    name: 'better-auth',
    verify: async (cookie: string) => {
      const found = await auth.api.getSession({ headers: new Headers({ cookie }) })
      if (found === null) return undefined
      const { user, session } = found
      return { userId: user.id, sessionId: session.id, expiresAtMs: session.expiresAt.getTime() }
    },
  })
