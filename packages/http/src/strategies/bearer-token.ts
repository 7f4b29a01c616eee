/**
 * The token of the Authorization header.
 */
import { ContextError } from 'user-execution-context'
import { readHeader, type AnyRequest } from '../request/any-request.ts'
import { maxTokenLength, type TokenStrategy } from './token-strategy.ts'

const scheme = /^Bearer(?: |$)/i
const form = /^Bearer +([A-Za-z0-9\-._~+/]+=*)$/i

/**
 * The token of `Authorization: Bearer …` (RFC 6750 section 2.1), the default. A token in the query or in the body is
 * not read: addresses end up in logs.
 *
 * @returns A strategy for contextFromRequest() and the frameworks. It throws `ERR_CONTEXT_IDENTITY_REFUSED` for a
 *   bearer token that is none by its form, so that no other strategy stands in for it.
 * @example
 * ```ts
 * import { bearerToken, contextFromRequest } from '@user-execution-context/http'
 * import { identityProvider } from 'user-execution-context'
 *
 * const users = new Map([['token-of-ada', 'ada']])
 * const identity = identityProvider({
 *   name: 'tokens',
 *   verify: (token: string) => (users.has(token) ? { userId: users.get(token)! } : undefined),
 * })
 * export const toContext = contextFromRequest(identity, { token: bearerToken() })
 * ```
 */
export const bearerToken = (): TokenStrategy => findBearerToken

/** The same for every caller: it has no options. */
export const findBearerToken = (request: AnyRequest): string | undefined => {
  const header = readHeader(request, 'authorization')
  // Another scheme is another's, such as that of a proxy with a password.
  if (header === undefined || !scheme.test(header)) return undefined
  const token = header.length > maxTokenLength ? undefined : form.exec(header)?.[1]
  // Found nothing would let firstToken() take the cookie of whoever else is signed in in the same browser.
  if (token === undefined)
    throw new ContextError('ERR_CONTEXT_IDENTITY_REFUSED', {
      issues: [{ path: 'headers.authorization', kind: 'does not fit' }],
    })
  return token
}
