/**
 * Several places for a token, in order.
 */
import { invalidOptions, type TokenStrategy } from './token-strategy.ts'

/**
 * The token of the first strategy that finds one. A token that the identity provider refuses is refused: the next
 * strategy is not asked, so that nobody falls back to whoever else is signed in in the same browser.
 *
 * @param strategies - In order, at least one.
 * @returns A strategy for contextFromRequest() and the frameworks.
 * @throws {ContextError} `ERR_CONTEXT_INVALID_OPTIONS`.
 * @example
 * ```ts
 * import { bearerToken, cookieToken, firstToken } from '@user-execution-context/http'
 *
 * const session = cookieToken({ name: '__Host-session', origins: ['https://app.example.com'] })
 * export const token = firstToken(bearerToken(), session)
 * ```
 */
export const firstToken: <Incoming>(...strategies: readonly TokenStrategy<Incoming>[]) => TokenStrategy<Incoming> = (
  ...strategies
) => {
  if (strategies.length === 0) throw invalidOptions([{ path: 'strategies', kind: 'missing' }])
  strategies.forEach((strategy, index) => {
    if (typeof strategy !== 'function') throw invalidOptions([{ path: `strategies[${index}]`, kind: 'not a function' }])
  })
  return (request) => {
    for (const strategy of strategies) {
      const token = strategy(request)
      if (token !== undefined) return token
    }
    return undefined
  }
}
