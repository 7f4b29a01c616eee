/**
 * Tokens that are bound to a key of their client: RFC 7800 (`cnf`), with DPoP (RFC 9449) and mutual TLS (RFC 8705).
 */
import { ContextError, type Issue } from 'user-execution-context'
import type { JwtClaims } from './claim-path.ts'

/** Says whether the client that sent a token has shown that it holds the key which `cnf` names. */
export type ConfirmPossession = (cnf: JwtClaims, token: string) => boolean | Promise<boolean>

const fix =
  'Have the issuer give this client bearer tokens. Where its requests prove possession of the key (RFC 9449 ' +
  'section 7, RFC 8705 section 3), give jwtIdentity() that check as confirm.'

/** Whether a token says that it is bound. The claims have no prototype. */
export const isBound = (claims: JwtClaims): boolean => 'cnf' in claims

/**
 * Refuses a bound token whose binding nobody has checked. The attack it stops: a token that was stolen, from a log or
 * another service, is sent as a bearer token, and the binding that makes it useless to a thief counts for nothing.
 *
 * @throws {ContextError} `ERR_CONTEXT_TOKEN_TYPE`; what `confirm` throws.
 */
export const assertConfirmed = async (
  confirm: ConfirmPossession | undefined,
  claims: JwtClaims,
  token: string,
): Promise<void> => {
  if (!isBound(claims)) return
  const { cnf } = claims
  if (confirm === undefined) throw refused('confirm', 'missing')
  if (typeof cnf !== 'object' || cnf === null || Array.isArray(cnf)) throw refused('cnf', 'not an object')
  if ((await confirm(cnf as JwtClaims, token)) !== true) throw refused('confirm', 'refused by policy')
}

function refused(path: string, kind: Issue['kind']): ContextError {
  return new ContextError('ERR_CONTEXT_TOKEN_TYPE', { issues: [{ path, kind }], fix })
}
