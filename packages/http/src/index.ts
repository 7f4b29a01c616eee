/**
 * For web-standard requests and requests of Node: where the token stands, the context of its user, and the answer to
 * what fails.
 */
export { contextFromRequest } from './context-from-request.ts'
export type { ContextFromRequestOptions, RequestIdentity } from './context-from-request.ts'
export type { AnyRequest, NodeRequest, WebRequest } from './request/any-request.ts'
export { apiKey } from './strategies/api-key.ts'
export type { ApiKeyOptions } from './strategies/api-key.ts'
export { bearerToken } from './strategies/bearer-token.ts'
export { cookieToken } from './strategies/cookie-token.ts'
export type { CookieTokenOptions } from './strategies/cookie-token.ts'
export { firstToken } from './strategies/first-token.ts'
export type { TokenStrategy } from './strategies/token-strategy.ts'
export { toResponse } from './to-response.ts'
