/**
 * The token of the Authorization header.
 */
import { readHeader, type AnyRequest } from '../request/any-request.ts'
import { maxTokenLength, type TokenStrategy } from './token-strategy.ts'

const form = /^Bearer +([A-Za-z0-9\-._~+/]+=*)$/i

/**
 * The token of `Authorization: Bearer …` (RFC 6750 section 2.1), the default. A token in the query or in the body is
 * not read: addresses end up in logs.
 *
 * @returns A strategy for contextFromRequest() and the frameworks.
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
  return header === undefined || header.length > maxTokenLength ? undefined : form.exec(header)?.[1]
}
