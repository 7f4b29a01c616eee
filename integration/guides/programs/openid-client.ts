import { randomBytes } from 'node:crypto'
import * as client from 'openid-client'
import { identityProvider, type LiveSessions } from 'user-execution-context'

type User = { readonly userId: string; readonly sessionId: string; readonly expiresAtMs: number }
type Checks = { readonly pkceCodeVerifier: string; readonly expectedState: string; readonly expectedNonce: string }
const sessionMs = 8 * 3_600_000

/** Signs browsers in at an OpenID provider. What a browser holds is a random text, which names nobody. */
export const openSignIn = (config: client.Configuration, redirectUri: string, sessions: LiveSessions) => {
  const begun = new Map<string, Checks>()
  const signedIn = new Map<string, User>()
  const newCookie = () => randomBytes(32).toString('base64url')

  return {
    /** The address to which the browser is sent, and a cookie for its way back. */
    begin: async () => {
      const [cookie, pkceCodeVerifier] = [newCookie(), client.randomPKCECodeVerifier()]
      const checks = { pkceCodeVerifier, expectedState: client.randomState(), expectedNonce: client.randomNonce() }
      begun.set(cookie, checks)
      const url = client.buildAuthorizationUrl(config, {
        redirect_uri: redirectUri,
        scope: 'openid',
        state: checks.expectedState,
        nonce: checks.expectedNonce,
        code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
        code_challenge_method: 'S256',
      })
      return { url, cookie }
    },

    /** For the address to which the browser comes back. Gives the cookie of its session, a new one. */
    finish: async (cookie: string, url: URL) => {
      const checks = begun.get(cookie)
      begun.delete(cookie)
      if (checks === undefined) throw new Error('This browser began no sign-in.')
      const tokens = await client.authorizationCodeGrant(config, url, { ...checks, idTokenExpected: true })
      const session = newCookie()
      const user = { userId: tokens.claims()!.sub, sessionId: newCookie(), expiresAtMs: Date.now() + sessionMs }
      signedIn.set(session, user)
      return session
    },

    /** Who the browser with this cookie is: for `userContext(identity, { token: cookieToken(…) })`. */
    identity: identityProvider({
      name: 'openid-client',
      namespace: config.serverMetadata().issuer,
      sessions,
      verify: (cookie: string) => signedIn.get(cookie),
    }),
  }
}
