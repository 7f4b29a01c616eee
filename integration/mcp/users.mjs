// The issuer of the project: tokens that say for whom and for which server they are, signed by a key of this process.
import { generateKeyPair, jwtVerify, SignJWT } from 'jose'
import { identityProvider } from 'user-execution-context'

export const issuer = 'https://id.example.com'
const { privateKey, publicKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519' })

/** A token of a user for a server. */
export const tokenFor = (url, user) =>
  new SignJWT({ tid: 'acme' })
    .setProtectedHeader({ alg: 'EdDSA' })
    .setSubject(user)
    .setIssuer(issuer)
    .setAudience(url)
    .setExpirationTime('10 minutes')
    .sign(privateKey)

/** Verifies them. */
export const identity = (url) =>
  identityProvider({
    name: 'access-token',
    namespace: issuer,
    verify: async (token) => {
      const { payload } = await jwtVerify(token, publicKey, { issuer, audience: url }).catch(() => ({}))
      return payload && { userId: payload.sub, tenantId: payload.tid, expiresAtMs: payload.exp * 1000 }
    },
  })
