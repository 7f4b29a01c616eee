/**
 * What a strategy is: where a request carries its credentials.
 */
import { ContextError, type Issue } from 'user-execution-context'
import type { AnyRequest } from '../request/any-request.ts'

/**
 * Finds the credentials of a request: a text for the function that identityProvider() made, or undefined when the
 * request carries none. It may throw to refuse. It must give a secret that the identity provider checks (a token, a
 * session id, a key), never the name of a user: a header such as `x-user-id` can be sent by any client.
 */
export type TokenStrategy<Incoming = AnyRequest> = (request: Incoming) => string | undefined

/** Longer ones are refused before anything looks at them. Node itself stops at 16 KB of headers. */
export const maxTokenLength = 16_384

/** The characters of a header name and of a cookie name (RFC 9110 section 5.6.2). */
export const nameForm = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,256}$/

/** The error of options that cannot be used. */
export const invalidOptions = (issues: readonly Issue[], fix?: string): ContextError =>
  new ContextError('ERR_CONTEXT_INVALID_OPTIONS', fix === undefined ? { issues } : { issues, fix })
