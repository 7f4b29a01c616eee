/**
 * The makers of route handlers and server actions, and the context of a page.
 */
import { isContextError, openScope, toClientAnswer } from 'user-execution-context'
import type { ContextError, Scope, UserExecutionContext } from 'user-execution-context'
import { toContextMaker, type RequestIdentity } from '../context-from-request.ts'
import { assertPeerVersion } from '../peers/peer-version.ts'
import type { WebRequest } from '../request/any-request.ts'
import { closeWithAnswer } from '../scopes/close-with-answer.ts'
import { scopeOptionKeys, toCleanupListener, type UserContextOptions } from '../scopes/scope-options.ts'
import { toFailure } from '../scopes/to-failure.ts'
import { invalidOptions } from '../strategies/token-strategy.ts'
import { toResponse } from '../to-response.ts'

/** Options of a Next.js app: those of every framework, and what belongs to pages and actions. */
export type NextUserContextOptions = UserContextOptions<WebRequest> & {
  /** `headers` of `next/headers`, where pages and server actions find their request. Route handlers need none. */
  readonly headers?: (() => Promise<WebRequest['headers']>) | undefined
  /**
   * What a page or an action does for somebody who is not signed in (401), such as `() => redirect('/sign-in')`.
   * Default: the error is thrown, and Next.js shows its error page.
   */
  readonly onRefused?: ((error: ContextError) => never) | undefined
}

/** What gives the users of a Next.js app their context. */
export type NextUserContext = {
  /**
   * Makes a route handler from one that takes the scope in the place of the segment, which comes after it. Errors of
   * this package are answered with status, headers and a fixed sentence; others, and redirect(), are Next's.
   */
  readonly route: <Segment = { readonly params: Promise<Readonly<Record<string, string>>> }>(
    handle: (request: Request, scope: Scope, segment: Segment) => Response | Promise<Response>,
  ) => (request: Request, segment: Segment) => Promise<Response>
  /** Makes a server action from a function that takes the scope first. It closes when the action has ended. */
  readonly action: <Parameters extends readonly unknown[], Result>(
    act: (scope: Scope, ...parameters: Parameters) => Promise<Result>,
  ) => (...parameters: Parameters) => Promise<Result>
  /** The context of the user for whom a page, a layout or a component of the server is rendered: one a request. */
  readonly context: () => Promise<UserExecutionContext>
}

/**
 * For the App Router of Next.js 16: route handlers, server actions and pages with the context of their user. List
 * `user-execution-context` and `@user-execution-context/http` in `serverExternalPackages`: otherwise Next.js writes the
 * core into several bundles, and none takes a context of the other.
 *
 * @param identity - What identityProvider() gave; its credentials are a text.
 * @param options - `headers` for pages and actions; `onRefused`, `token`, `run`, `ambient`, `onCleanupError`.
 * @throws {ContextError} `ERR_CONTEXT_INVALID_OPTIONS`, `ERR_CONTEXT_PEER_UNSUPPORTED`.
 * @example
 * ```ts
 * import { identityProvider } from 'user-execution-context'
 * import { userContext } from '@user-execution-context/http/next'
 *
 * const identity = identityProvider({
 *   name: 'tokens',
 *   verify: (token: string) => (token === 'token-of-ada' ? { userId: 'ada' } : undefined),
 * })
 * const users = userContext(identity)
 *
 * export const GET = users.route((_request, { context }) => Response.json({ run: context.runId }))
 * ```
 */
export const userContext: (identity: RequestIdentity, options?: NextUserContextOptions) => NextUserContext = (
  identity,
  options = {},
) => {
  assertPeerVersion('next')
  const toContext = toContextMaker<WebRequest>(identity, options, [...scopeOptionKeys, 'headers', 'onRefused'])
  const onCleanupError = toCleanupListener(options)
  const { ambient, headers, onRefused } = options
  assertOptional({ headers, onRefused })
  const enter = <Result>(context: UserExecutionContext, step: () => Result): Result =>
    ambient === undefined ? step() : ambient(context, step)
  /** By the headers that Next.js keeps for a request: layouts, pages and components of it have one context. */
  const rendered = new WeakMap<object, Promise<UserExecutionContext>>()

  const fromHeaders = async (method: 'POST' | undefined): Promise<UserExecutionContext> => {
    if (headers === undefined) throw invalidOptions([{ path: 'headers', kind: 'missing' }], noHeaders)
    const found = await headers()
    if (method !== undefined) return toContext({ method, headers: found })
    const pending = rendered.get(found) ?? toContext({ method: methodOf(found), headers: found })
    rendered.set(found, pending)
    return pending
  }
  const orRefused = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    try {
      return await work()
    } catch (error) {
      if (onRefused !== undefined && isContextError(error) && toClientAnswer(error).httpStatus === 401)
        return onRefused(error)
      throw error
    }
  }

  return {
    route: (handle) => {
      assertHandler({ handle })
      return async (request, segment) => {
        let scope: Scope | undefined
        const close = (): void => void scope?.close().catch(onCleanupError)
        try {
          const opened = (scope = openScope(await toContext(request), { signal: request.signal }))
          const answer = await enter(opened.context, () => handle(request, opened, segment))
          return closeWithAnswer(answer, request.method, close)
        } catch (error) {
          close()
          const failure = toFailure(error, scope)
          if (isContextError(failure)) return toResponse(failure) as Response
          throw error
        }
      }
    },
    action: (act) => {
      assertHandler({ act })
      return (...parameters) =>
        orRefused(async () => {
          const scope = openScope(await fromHeaders('POST'))
          try {
            return await enter(scope.context, () => act(scope, ...parameters))
          } catch (error) {
            throw toFailure(error, scope)
          } finally {
            scope.close().catch(onCleanupError)
          }
        })
    },
    context: () => orRefused(() => fromHeaders(undefined)),
  }
}

/**
 * Next.js names no method where it renders. A browser sends Origin with each POST and never with the navigation to a
 * page, so a request with one may change something: a page of another site must not have it done for its visitor.
 */
function methodOf(headers: WebRequest['headers']): string {
  return headers.get('origin') === null ? 'GET' : 'POST'
}

const noHeaders = "Pages and server actions need it: import { headers } from 'next/headers', and pass { headers }."

function assertHandler(given: Readonly<Record<string, unknown>>): void {
  for (const [path, value] of Object.entries(given))
    if (typeof value !== 'function') throw invalidOptions([{ path, kind: 'not a function' }])
}

function assertOptional(given: Readonly<Record<string, unknown>>): void {
  for (const [path, value] of Object.entries(given)) if (value !== undefined) assertHandler({ [path]: value })
}
