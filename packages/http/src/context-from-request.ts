/**
 * From a request to the context of the user who sent it.
 */
import { ContextError, createForUser, findUnknownKeys, type Issue, type RunRequest } from 'user-execution-context'
import type { UserExecutionContext, VerifiedUser } from 'user-execution-context'
import type { AnyRequest } from './request/any-request.ts'
import { findBearerToken } from './strategies/bearer-token.ts'
import { toError } from './scopes/to-error.ts'
import { invalidOptions, maxTokenLength, type TokenStrategy } from './strategies/token-strategy.ts'

/** What identityProvider() gave for credentials that are a text, such as a token: the one place that decides. */
export type RequestIdentity = (token: string) => Promise<VerifiedUser>

/** Where the credentials stand, and which run a request is for. */
export type ContextFromRequestOptions<Incoming = AnyRequest> = {
  /** Where the request carries its credentials. Default bearerToken(). */
  readonly token?: TokenStrategy<Incoming> | undefined
  /**
   * The run that the request is for, such as a thread id of the address after parseThreadId(). It cannot name a user.
   * Called after the identity was verified. Default: new ids.
   */
  readonly run?: ((request: Incoming) => RunRequest | undefined | Promise<RunRequest | undefined>) | undefined
}

/**
 * Makes a function from a request to the context of its user. There is no default user: a request without a token is
 * refused with 401, and one whose token cannot be checked with what the identity provider throws.
 *
 * @param identity - What identityProvider() gave; its credentials are a text.
 * @param options - `token` and `run`, both optional.
 * @returns A function from a web-standard `Request` or a request of Node to a new context. It rejects with
 *   `ERR_CONTEXT_IDENTITY_REFUSED` when there is no token, with what the strategy, `identity`, `run` and
 *   createForUser() throw otherwise; what is thrown and no object is the cause of an Error.
 * @throws {ContextError} `ERR_CONTEXT_INVALID_OPTIONS`.
 * @example
 * ```ts
 * import { contextFromRequest, toResponse } from '@user-execution-context/http'
 * import { identityProvider } from 'user-execution-context'
 *
 * const users = new Map([['token-of-ada', 'ada']])
 * const identity = identityProvider({
 *   name: 'tokens',
 *   verify: (token: string) => (users.has(token) ? { userId: users.get(token)! } : undefined),
 * })
 * const toContext = contextFromRequest(identity)
 *
 * export const handle = async (request: Request): Promise<Response> => {
 *   try {
 *     const context = await toContext(request)
 *     return Response.json({ run: context.runId })
 *   } catch (error) {
 *     return toResponse(error)
 *   }
 * }
 * ```
 */
export const contextFromRequest: <Incoming = AnyRequest>(
  identity: RequestIdentity,
  options?: ContextFromRequestOptions<Incoming>,
) => (request: Incoming) => Promise<UserExecutionContext> = (identity, options) => toContextMaker(identity, options, [])

/** The same for a framework: `more` names the options that it has beside these. */
export const toContextMaker = <Incoming>(
  identity: RequestIdentity,
  options: ContextFromRequestOptions<Incoming> = {},
  more: readonly string[],
): ((request: Incoming) => Promise<UserExecutionContext>) => {
  const { token: find = findBearerToken as TokenStrategy<never>, run } = options ?? {}
  const issues = findUnknownKeys(options ?? {}, ['token', 'run', ...more])
  for (const [path, value] of Object.entries({ identity, token: find, run: run ?? findBearerToken }))
    if (typeof value !== 'function') issues.push({ path, kind: 'not a function' })
  if (issues.length > 0) throw invalidOptions(issues)
  return async (request) => {
    try {
      const token: unknown = find(request as never)
      if (token === undefined) throw refused('missing', noToken)
      // A strategy of the caller's own may give anything.
      if (typeof token !== 'string' || token === '' || token.length > maxTokenLength) throw refused('does not fit')
      const user = await identity(token)
      return createForUser(user, run === undefined ? undefined : await run(request))
    } catch (error) {
      throw toError(error)
    }
  }
}

const noToken =
  'Send one where the token strategy looks for it; the default is the header Authorization: Bearer. There is no ' +
  'default user.'

const refused = (kind: Issue['kind'], fix?: string): ContextError =>
  new ContextError('ERR_CONTEXT_IDENTITY_REFUSED', {
    issues: [{ path: 'token', kind }],
    ...(fix !== undefined && { fix }),
  })
