/**
 * An MCP server for many users, on `@modelcontextprotocol/sdk` 1 with Streamable HTTP and sessions.
 */
import { InvalidTokenError, ServerError, type OAuthError } from '@modelcontextprotocol/sdk/server/auth/errors.js'
import type { AuthInfo } from '@modelcontextprotocol/sdk/server/auth/types.js'
import type { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import type { AnySchema } from '@modelcontextprotocol/sdk/server/zod-compat.js'
import type { Implementation } from '@modelcontextprotocol/sdk/types.js'
import { createForUser, toClientAnswer, type UserExecutionContext, type VerifiedUser } from 'user-execution-context'
import { newUserLoad } from '../calls/user-load.ts'
import { parseOptions, type CommonOptions } from '../options/options.ts'
import { assertPeerVersion } from '../options/peer-version.ts'
import { contextOf, newVerifier } from '../requests/auth-info.ts'
import { letPagesRead } from '../requests/cors.ts'
import { admit } from '../requests/gate.ts'
import { keepPrivate } from '../requests/keep-private.ts'
import { answerAll } from '../requests/refusals.ts'
import type {
  Catalog,
  PromptConfig,
  PromptHandler,
  ResourceConfig,
  ResourceHandler,
  ResourceTemplateConfig,
  SdkServerOptions,
  ToolConfig,
  ToolHandler,
} from './registrations.ts'
import { newRegistry } from './registry.ts'
import type { ServerParts } from './server-parts.ts'
import { newSessions } from './sessions.ts'
import { newServer } from './user-server.ts'

/** Options of {@link mcpContexts}. `state` is not used: this protocol has sessions. */
export type McpContextsOptions = Omit<CommonOptions, 'state'> & {
  /** What clients are told of this server: its name and version. */
  readonly server: Implementation
  /** Options of the SDK's McpServer. */
  readonly serverOptions?: SdkServerOptions | undefined
  /**
   * Called with each new server of the SDK before it is connected, for what it offers beyond tools, resources and
   * prompts. A handler there gets its user by contextOf().
   */
  readonly configure?: ((server: McpServer) => void) | undefined
}

/** An MCP server for many users, on SDK 1. */
export type McpContexts = {
  /** Registers a tool. @throws {ContextError} `ERR_CONTEXT_INVALID_OPTIONS`. */
  readonly registerTool: <Input extends AnySchema | undefined = undefined>(
    name: string,
    config: ToolConfig<Input>,
    handler: ToolHandler<Input>,
  ) => void
  /** Registers a resource at one address. @throws {ContextError} `ERR_CONTEXT_INVALID_OPTIONS`. */
  readonly registerResource: (name: string, uri: string, config: ResourceConfig, handler: ResourceHandler) => void
  /** Registers the resources of a URI template (RFC 6570). @throws {ContextError} `ERR_CONTEXT_INVALID_OPTIONS`. */
  readonly registerResourceTemplate: (
    name: string,
    uriTemplate: string,
    config: ResourceTemplateConfig,
    handler: ResourceHandler,
  ) => void
  /** Registers a prompt. @throws {ContextError} `ERR_CONTEXT_INVALID_OPTIONS`. */
  readonly registerPrompt: (name: string, config: PromptConfig, handler: PromptHandler) => void
  /** Answers a request. It takes the `Authorization` header out of the request. */
  readonly fetch: (request: Request) => Promise<Response>
  /** For requireBearerAuth() of the SDK. `authInfo.extra` has the context, and no field the token. */
  readonly verifier: { readonly verifyAccessToken: (token: string) => Promise<AuthInfo> }
  /**
   * A server for one user who is known without a token, such as over stdio.
   *
   * @throws {ContextError} `ERR_CONTEXT_USER_NOT_VERIFIED`, `ERR_CONTEXT_IDENTITY_EXPIRED`.
   */
  readonly serverFor: (user: VerifiedUser) => McpServer
  /** Ends all sessions. No request is answered any more but with 503. */
  readonly close: () => Promise<void>
}

/**
 * Makes an MCP server whose every handler runs in a scope of the user who sent the request, on SDK 1. A session belongs
 * to the user who opened it, and ends with the identity of the token that came last.
 *
 * @param options - Who the users are, the address of this server, its name.
 * @returns The server: register tools, resources and prompts, then serve `fetch`.
 * @throws {ContextError} `ERR_CONTEXT_INVALID_OPTIONS` with all issues at once, `ERR_CONTEXT_PEER_UNSUPPORTED`.
 * @example
 * ```ts
 * import { mcpContexts } from '@user-execution-context/mcp/sdk-1'
 * import type { VerifiedUser } from 'user-execution-context'
 * import { z } from 'zod'
 *
 * export const openNotes = (identity: (token: string) => Promise<VerifiedUser>, notes: Map<string, string>) => {
 *   const server = mcpContexts({
 *     identity,
 *     resource: 'https://notes.example.com/mcp',
 *     authorizationServers: ['https://id.example.com'],
 *     server: { name: 'notes', version: '1.0.0' },
 *   })
 *   server.registerTool('keep', { inputSchema: z.object({ text: z.string() }) }, ({ context }, { text }) => {
 *     notes.set(context.userId, text)
 *     return 'Kept.'
 *   })
 *   return server
 * }
 * ```
 */
export const mcpContexts = (options: McpContextsOptions): McpContexts => {
  assertPeerVersion('@modelcontextprotocol/sdk')
  const settings = parseOptions(options, [])
  const catalog: Catalog = { tools: [], resources: [], resourceTemplates: [], prompts: [] }
  const { server: implementation, serverOptions = {}, configure } = options
  const load = newUserLoad(settings.limits)
  const parts: ServerParts = { settings, load, catalog, implementation, options: serverOptions, configure, contextOf }
  const sessions = newSessions(parts)
  let isClosed = false
  const answer = async (request: Request): Promise<Response> => {
    const admitted = await admit(request, parts)
    return admitted instanceof Response ? admitted : keepPrivate(await sessions.answer(admitted))
  }

  return Object.freeze({
    ...newRegistry(parts),
    fetch: letPagesRead(
      answerAll(answer, settings, () => isClosed),
      settings,
    ),
    verifier: newVerifier(settings, toOAuthError),
    serverFor: (user: VerifiedUser) => {
      const countRequest = (context: UserExecutionContext): boolean => load.countRequests(context, 1)
      return newServer(createForUser(user), { ...parts, countRequest, contextOf: () => createForUser(user) })
    },
    close: async () => {
      isClosed = true
      await sessions.close()
    },
  }) as McpContexts
}

function toOAuthError(error: unknown): OAuthError {
  const { httpStatus, message } = toClientAnswer(error)
  return httpStatus === 401 ? new InvalidTokenError(message) : new ServerError(message)
}
