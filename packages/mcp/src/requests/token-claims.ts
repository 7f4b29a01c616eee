/**
 * What a token says beside its user: for whom it was issued, and to which client. Read after `identity` has accepted
 * the token, and never before.
 */
import { ContextError } from 'user-execution-context'
import type { Audience, Settings } from '../options/options.ts'

/** What is read of a token. */
export type TokenClaims = {
  /** Undefined when the token is no signed JWT, or names none. */
  readonly audience: Audience
  /** The OAuth client that acts for the user. May be logged. */
  readonly clientId: string | undefined
}

/** The claims of a signed JWT (RFC 7519); none of a token of another form. */
export const readTokenClaims = (token: string): TokenClaims => {
  const claims = toClaims(token)
  const { aud, client_id: clientId, azp } = claims
  return {
    audience: isAudience(aud) ? aud : undefined,
    clientId: [clientId, azp].find((id): id is string => typeof id === 'string' && id !== ''),
  }
}

/**
 * Refuses a token that was issued for another server (RFC 8707): one that a user gave to a server of somebody else must
 * not open this one.
 *
 * @throws {ContextError} `ERR_CONTEXT_TOKEN_AUDIENCE`.
 */
export const assertAudience = (found: Audience, { audiences }: Settings): void => {
  const names = typeof found === 'string' ? [found] : (found ?? [])
  if (names.some((name) => audiences.includes(name) || audiences.some((audience) => isSame(name, audience)))) return
  const fix =
    'Compare the aud claim of the token with resource or audience of mcpContexts(). For a token that is no signed ' +
    'JWT, give audienceOf.'
  throw new ContextError('ERR_CONTEXT_TOKEN_AUDIENCE', { fix })
}

/** Issuers write an address with and without its last slash. */
function isSame(left: string, right: string): boolean {
  return left.replace(/\/$/, '') === right.replace(/\/$/, '')
}

function isAudience(value: unknown): value is Audience {
  return typeof value === 'string' || (Array.isArray(value) && value.every((entry) => typeof entry === 'string'))
}

function toClaims(token: string): Readonly<Record<string, unknown>> {
  const [first, last] = [token.indexOf('.'), token.lastIndexOf('.')]
  // Three parts, and neither less nor more.
  if (first === last || token.indexOf('.', first + 1) !== last) return {}
  try {
    const claims: unknown = JSON.parse(Buffer.from(token.slice(first + 1, last), 'base64url').toString('utf8'))
    return typeof claims === 'object' && claims !== null ? (claims as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}
