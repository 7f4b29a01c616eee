// Tokens of a made-up issuer and the check of them, for bench/sign-in.mjs and its servers.
import { SignJWT } from 'jose'
import { liveSessions } from 'user-execution-context'
import { jwtIdentity } from '../packages/golden-path/dist/login.js'

const secret = Buffer.alloc(32, 7)
const key = { kty: 'oct', alg: 'HS256', k: secret.toString('base64url') }
const parties = { issuer: 'https://id.example.com', audience: 'bench' }
let count = 0

/** A token that is like no other. */
export const newToken = () =>
  new SignJWT({ sid: `s-${++count}`, scope: 'notes.read notes.write' })
    .setProtectedHeader({ alg: 'HS256', typ: 'at+jwt' })
    .setSubject('auth0|64b1')
    .setIssuer(parties.issuer)
    .setAudience(parties.audience)
    .setIssuedAt()
    .setExpirationTime('1h')
    .sign(secret)

/** A check of tokens that asks each time whether the session was signed out. */
export const openIdentity = async () => {
  const sessions = liveSessions({ maxProofMs: 7_200_000 })
  return jwtIdentity({ ...parties, keys: [key], algorithms: ['HS256'], sessions })
}
