/**
 * Fetches the key set of an issuer, and leaves a server that failed alone for a while.
 */
import { createLocalJWKSet, type FetchImplementation, type JSONWebKeySet } from 'jose'
import { ContextError } from 'user-execution-context'

const quietMs = 5000

/**
 * Makes the fetch of one key set. jose counts its pause from the last success, so that each token that anybody sends
 * would ask a server that is down: a storm that keeps it down.
 *
 * Its function throws `ERR_CONTEXT_TOKEN_KEYS_UNAVAILABLE`, without asking, for 5 seconds after no key set was
 * answered.
 */
export const keySetFetch = (): FetchImplementation => {
  let quietUntilMs = -Infinity
  return async (url, options) => {
    if (performance.now() < quietUntilMs) throw new ContextError('ERR_CONTEXT_TOKEN_KEYS_UNAVAILABLE')
    let hasFailed = true
    try {
      const response = await fetch(url, options)
      if (response.status === 200) {
        // Throws for what is no key set, as jose will. A page of an error with status 200 is a failure as well.
        createLocalJWKSet((await response.clone().json()) as JSONWebKeySet)
        hasFailed = false
      }
      return response
    } finally {
      if (hasFailed) quietUntilMs = performance.now() + quietMs
    }
  }
}
