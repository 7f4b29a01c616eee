/**
 * Whether a token was issued to a program that stands for itself (RFC 6749 section 4.4), not to a person.
 *
 * Such a token has a subject, so that it looks like a user's. The program would own what a user owns, and be one "user"
 * for all who use it.
 */
import type { JwtClaims } from './claim-path.ts'

const clientClaims = ['client_id', 'azp', 'appid', 'cid']
const grantClaims = ['gty', 'grant_type']

/** Whether claims are those of a program. The claims have no prototype. */
export const isServiceToken = (claims: JwtClaims): boolean => {
  const { sub, idtyp } = claims
  const clients = clientClaims
    .map((name) => claims[name])
    .filter((id) => typeof id === 'string' && id !== '') as string[]
  // Auth0, FusionAuth: the grant by its name.
  if (grantClaims.some((name) => [claims[name]].flat().some(isClientGrant))) return true
  // Entra: https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference
  if (idtyp === 'app' || isAppOfEntra(claims)) return true
  // RFC 9068 section 2.2: the subject of a client that acts for itself names the client.
  if (clients.some((id) => sub === id)) return true
  return isNamedAsMachine(sub) || isAppOfAdFs(claims) || isAccountOfKeycloak(claims, clients)
}

function isClientGrant(value: unknown): boolean {
  return typeof value === 'string' && value.replace('_', '-') === 'client-credentials'
}

// Auth0: the subject of a person names their connection before a `|`. Clerk: people are `user_…`.
function isNamedAsMachine(sub: unknown): boolean {
  return typeof sub === 'string' && /^(?:[^|]+@clients|mch_[A-Za-z0-9]+)$/.test(sub)
}

// AD FS: a confidential client also acts for people, whose tokens name them and the scopes that were granted.
function isAppOfAdFs(claims: JwtClaims): boolean {
  const isOfPerson = ['upn', 'unique_name', 'winaccountname', 'scp', 'scope'].some((name) => name in claims)
  return claims['apptype'] === 'Confidential' && !isOfPerson
}

// Without `idtyp`, which is optional: the object is the subject, for people it never is, and no scope was granted.
function isAppOfEntra({ sub, oid, scp, azp, appid }: JwtClaims): boolean {
  return typeof oid === 'string' && oid === sub && scp === undefined && (azp !== undefined || appid !== undefined)
}

// Keycloak makes a user for each client of this kind: its `sub` is one of a user.
function isAccountOfKeycloak(claims: JwtClaims, clients: readonly string[]): boolean {
  if ('clientHost' in claims || 'clientAddress' in claims) return true
  return clients.some((id) => claims['preferred_username'] === `service-account-${id.toLowerCase()}`)
}
