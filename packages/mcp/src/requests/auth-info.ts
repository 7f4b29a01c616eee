/**
 * What the MCP SDK hands to handlers about a request: the context, and not the token.
 */
import {
  assertUserExecutionContext,
  createForUser,
  type UserExecutionContext,
  type VerifiedUser,
} from 'user-execution-context'
import type { Settings } from '../options/options.ts'
import { assertAudience, readTokenClaims } from './token-claims.ts'

/** The `AuthInfo` of both SDKs. */
export type ContextAuthInfo = {
  /** Never the token of the user: what a tool could pass on, somebody else could use (MCP, "Token Passthrough"). */
  readonly token: 'withheld'
  /** The OAuth client that the token names, else `'unknown'`. */
  readonly clientId: string
  /** The permissions of the context. */
  readonly scopes: string[]
  /** Seconds since the epoch. */
  readonly expiresAt?: number
  readonly resource: URL
  readonly extra: { readonly context: UserExecutionContext }
}

/**
 * From a token to a context of its own, for one request.
 *
 * @throws {ContextError} What `identity`, `audienceOf` and createForUser() throw, `ERR_CONTEXT_TOKEN_AUDIENCE`.
 */
export const authenticateToken = async (token: string, settings: Settings): Promise<ContextAuthInfo> => {
  const user = await settings.identity(token)
  const { audience, clientId = 'unknown' } = readTokenClaims(token)
  assertAudience(settings.audienceOf === undefined ? audience : await settings.audienceOf(token), settings)
  return toAuthInfo(user, clientId, settings)
}

/** What requireBearerAuth() of an SDK calls. */
export type TokenVerifier = { readonly verifyAccessToken: (token: string) => Promise<ContextAuthInfo> }

/** A verifier that reports why a token was refused, and tells the client what `toOAuthError` makes of it. */
export const newVerifier = (settings: Settings, toOAuthError: (error: unknown) => Error): TokenVerifier =>
  Object.freeze({
    verifyAccessToken: async (token: string) => {
      try {
        return await authenticateToken(token, settings)
      } catch (error) {
        settings.report(error)
        throw toOAuthError(error)
      }
    },
  })

function toAuthInfo(user: VerifiedUser, clientId: string, { resourceUrl }: Settings): ContextAuthInfo {
  const context = createForUser(user)
  const { permissions, expiresAtMs } = context
  return {
    token: 'withheld',
    clientId,
    scopes: [...permissions],
    ...(expiresAtMs === undefined ? {} : { expiresAt: Math.floor(expiresAtMs / 1000) }),
    resource: resourceUrl,
    extra: { context },
  }
}

/** The second argument of a handler: of SDK 2 (`http.authInfo`) or of SDK 1 (`authInfo`). */
export type SdkRequest = { readonly http?: { readonly authInfo?: AnyAuthInfo }; readonly authInfo?: AnyAuthInfo }
type AnyAuthInfo = { readonly extra?: Readonly<Record<string, unknown>> } | undefined

/**
 * The context of a request, for handlers that are registered with the SDK itself.
 *
 * @param request - The last argument that the SDK gives to a handler.
 * @returns The context of the user whose token came with this request.
 * @throws {ContextError} `ERR_CONTEXT_NOT_ISSUED` when the request did not come through mcpContexts().
 * @example
 * ```ts
 * import { contextOf } from '@user-execution-context/mcp'
 * import { McpServer } from '@modelcontextprotocol/server'
 *
 * export const addWhoami = (server: McpServer) =>
 *   server.registerTool('whoami', {}, (request) => ({
 *     content: [{ type: 'text', text: contextOf(request).requestId }],
 *   }))
 * ```
 */
export const contextOf = (request: SdkRequest): UserExecutionContext => {
  const context = (request.http?.authInfo ?? request.authInfo)?.extra?.['context']
  assertUserExecutionContext(context)
  return context
}
