/**
 * What jose says about a token, in the codes of this package. The client is told the same for all of them.
 */
import { errors } from 'jose'
import { ContextError, type ContextErrorCode } from 'user-execution-context'
import { fixOfSlash } from './issuer-slash.ts'

const byCode: Readonly<Record<string, ContextErrorCode>> = {
  ERR_JWT_EXPIRED: 'ERR_CONTEXT_IDENTITY_EXPIRED',
  ERR_JOSE_ALG_NOT_ALLOWED: 'ERR_CONTEXT_TOKEN_ALGORITHM',
  ERR_JWS_SIGNATURE_VERIFICATION_FAILED: 'ERR_CONTEXT_TOKEN_SIGNATURE',
  ERR_JWKS_NO_MATCHING_KEY: 'ERR_CONTEXT_TOKEN_KEY',
  ERR_JWKS_MULTIPLE_MATCHING_KEYS: 'ERR_CONTEXT_TOKEN_KEY',
  ERR_JWS_INVALID: 'ERR_CONTEXT_TOKEN_MALFORMED',
  ERR_JWT_INVALID: 'ERR_CONTEXT_TOKEN_MALFORMED',
  // A critical header that is not known here (RFC 7515 section 4.1.11).
  ERR_JOSE_NOT_SUPPORTED: 'ERR_CONTEXT_TOKEN_MALFORMED',
}

/** The option of jwtIdentity() that decides. */
const optionOf: Readonly<Record<string, string>> = { iss: 'issuer', aud: 'audience', nbf: 'clockToleranceSeconds' }

const byClaim: Readonly<Record<string, ContextErrorCode>> = {
  iss: 'ERR_CONTEXT_TOKEN_ISSUER',
  aud: 'ERR_CONTEXT_TOKEN_AUDIENCE',
  sub: 'ERR_CONTEXT_TOKEN_SUBJECT',
}

/**
 * The error to throw for what a verification threw. jose's own error is dropped where it holds the claims of the token
 * (it keeps them in `cause`), so that no log of ours gets them.
 *
 * @param issuer - As the options have it.
 */
export const toRefusal = (error: unknown, issuer: string): ContextError => {
  if (error instanceof ContextError) return error
  if (error instanceof errors.JWTClaimValidationFailed) {
    const path = optionOf[error.claim] ?? error.claim
    return new ContextError(toClaimCode(error), {
      issues: [{ path, kind: error.reason === 'missing' ? 'missing' : 'does not fit' }],
      ...(error.claim === 'iss' && fixOfSlash(error.payload.iss, issuer)),
    })
  }
  const code = error instanceof errors.JOSEError ? byCode[error.code] : undefined
  // What is left are a timeout, a broken answer or no answer of the key set's server, and keys that cannot be imported.
  return code === undefined
    ? new ContextError('ERR_CONTEXT_TOKEN_KEYS_UNAVAILABLE', { cause: error })
    : new ContextError(code)
}

function toClaimCode({ claim, reason }: errors.JWTClaimValidationFailed): ContextErrorCode {
  if (claim === 'nbf' && reason === 'check_failed') return 'ERR_CONTEXT_TOKEN_NOT_YET_VALID'
  return byClaim[claim] ?? 'ERR_CONTEXT_TOKEN_CLAIMS'
}
