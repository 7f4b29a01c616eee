/**
 * An MCP server for many users, on `@modelcontextprotocol/server` 2.
 */
import {
  createMcpHandler,
  OAuthError,
  OAuthErrorCode,
  type AuthInfo,
  type CacheHint,
  type Implementation,
  type McpServer,
  type McpServerFactory,
  type McpServerOptions,
  type ServerNotifier,
  type StandardSchemaWithJSON,
} from '@modelcontextprotocol/server'
import {
  ContextError,
  createForUser,
  requireContext,
  toClientAnswer,
  type UserExecutionContext,
  type VerifiedUser,
} from 'user-execution-context'
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
  ToolConfig,
  ToolHandler,
} from './registrations.ts'
import { newRegistry } from './registry.ts'
import { isListening, newStreams } from './streams.ts'
import { newServer } from './new-server.ts'
import type { ServerParts } from './user-server.ts'

type Schema = StandardSchemaWithJSON | undefined

/** Options of {@link mcpContexts}. */
export type McpContextsOptions = CommonOptions & {
  /** What clients are told of this server: its name and version. */
  readonly server: Implementation
  /** Options of the SDK's McpServer, without `requestState`, which is ours. Its lists are never `public`. */
  readonly serverOptions?: Omit<McpServerOptions, 'requestState'> | undefined
  /**
   * Called with each new server of the SDK before it is connected, for what it offers beyond tools, resources and
   * prompts. A handler there gets its user by contextOf().
   */
  readonly configure?: ((server: McpServer) => void) | undefined
  /** How clients of the protocol before 2026-07-28 are served, as in createMcpHandler(). Default `'stateless'`. */
  readonly legacy?: 'stateless' | 'reject' | undefined
}

/** An MCP server for many users. */
export type McpContexts = {
  /** Registers a tool. @throws {ContextError} `ERR_CONTEXT_INVALID_OPTIONS`. */
  readonly registerTool: <Input extends Schema = undefined>(
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
  readonly registerPrompt: <Input extends Schema = undefined>(
    name: string,
    config: PromptConfig<Input>,
    handler: PromptHandler<Input>,
  ) => void
  /**
   * Answers a request: the metadata (RFC 9728) to anybody, everything else to users with a token for this server. It
   * takes the `Authorization` header out of the request. For Node: `toNodeHandler()` of `@modelcontextprotocol/node`.
   */
  readonly fetch: (request: Request) => Promise<Response>
  /** For requireBearerAuth() and verifyBearerToken() of the SDK. `authInfo.extra` has the context, and no token. */
  readonly verifier: { readonly verifyAccessToken: (token: string) => Promise<AuthInfo> }
  /**
   * For createMcpHandler() of the SDK, behind `verifier`: a server for the user of each request.
   *
   * **It is less than `fetch`.** The SDK's handler opens streams that no sign-out ends and that carry the events of all
   * users; it counts no streams (`limits.subscriptions`), has its own bound for a body, and checks no `Host` and
   * `Origin`. Serve `fetch` unless you do all of that yourself. Make a server for each request: one is of one token.
   */
  readonly factory: McpServerFactory
  /**
   * For one user who is known without a token, such as over stdio: `serveStdio(server.factoryFor(user))`. Take the user
   * from vouchForUser() with the reason, or from your identity provider.
   *
   * @throws {ContextError} `ERR_CONTEXT_USER_NOT_VERIFIED`, `ERR_CONTEXT_IDENTITY_EXPIRED`.
   */
  readonly factoryFor: (user: VerifiedUser) => McpServerFactory
  /** Sends events to the streams of one user. @throws {ContextError} `ERR_CONTEXT_NOT_ISSUED`. */
  readonly notify: (context: UserExecutionContext) => ServerNotifier
  /** Sends events to the streams of all users: only what all of them may know. */
  readonly notifyAll: ServerNotifier
  /** Ends all streams and what is in flight. No request is answered any more but with 503. */
  readonly close: () => Promise<void>
}

/**
 * Makes an MCP server whose every handler runs in a scope of the user who sent the request. It checks the token and for
 * whom it was issued, makes a context for each request, shows and runs what the permissions of this user allow, seals
 * what a client keeps between two rounds, and passes no token on.
 *
 * @param options - Who the users are, the address of this server, its name.
 * @returns The server: register tools, resources and prompts, then serve `fetch`.
 * @throws {ContextError} `ERR_CONTEXT_INVALID_OPTIONS` with all issues at once, `ERR_CONTEXT_PEER_UNSUPPORTED`.
 * @example
 * ```ts
 * import { mcpContexts } from '@user-execution-context/mcp'
 * import type { VerifiedUser } from 'user-execution-context'
 * import { z } from 'zod'
 *
 * export const openNotes = (identity: (token: string) => Promise<VerifiedUser>, notes: Map<string, string[]>) => {
 *   const server = mcpContexts({
 *     identity,
 *     resource: 'https://notes.example.com/mcp',
 *     authorizationServers: ['https://id.example.com'],
 *     server: { name: 'notes', version: '1.0.0' },
 *   })
 *   const inputSchema = z.object({ text: z.string() })
 *   server.registerTool('add_note', { inputSchema, permissions: ['notes:write'] }, ({ context }, { text }) => {
 *     notes.set(context.userId, [...(notes.get(context.userId) ?? []), text])
 *     return 'Added.'
 *   })
 *   return server
 * }
 * ```
 */
export const mcpContexts = (options: McpContextsOptions): McpContexts => {
  assertPeerVersion('@modelcontextprotocol/server')
  const settings = parseOptions(options, ['state', 'legacy'])
  assertPrivateLists(options.serverOptions?.cacheHints)
  const catalog: Catalog = { tools: [], resources: [], resourceTemplates: [], prompts: [] }
  const load = newUserLoad(settings.limits)
  const { server: implementation, serverOptions = {}, configure, legacy = 'stateless' } = options
  const parts: ServerParts = { settings, load, catalog, implementation, options: serverOptions, configure }
  const countRequest = (context: UserExecutionContext): boolean => load.countRequests(context, 1)
  /** The JSON that a request came in, by what the SDK hands on of the request. */
  const bodies = new WeakMap<object, unknown>()

  const factory: McpServerFactory = ({ authInfo }) => {
    const context = contextOf({ authInfo })
    const isAdmitted = authInfo !== undefined && bodies.has(authInfo)
    const body = isAdmitted ? bodies.get(authInfo) : undefined
    return newServer({ context, contextOf, body, countRequest: isAdmitted ? undefined : countRequest }, parts)
  }
  const handler = createMcpHandler(factory, { legacy, onerror: settings.report })
  const streams = newStreams(factory, parts)

  let isClosed = false
  const answer = async (request: Request): Promise<Response> => {
    const admitted = await admit(request, parts)
    if (admitted instanceof Response) return admitted
    const { authInfo, body } = admitted
    bodies.set(authInfo, body)
    if (isListening(body)) return keepPrivate(await streams.listen(admitted))
    const sdkOptions = body === undefined ? { authInfo } : { authInfo, parsedBody: body }
    return keepPrivate(await handler.fetch(admitted.request, sdkOptions))
  }

  return Object.freeze({
    ...newRegistry(parts),
    fetch: letPagesRead(
      answerAll(answer, settings, () => isClosed),
      settings,
    ),
    verifier: newVerifier(settings, toOAuthError),
    factory,
    factoryFor: (user: VerifiedUser): McpServerFactory => {
      createForUser(user)
      const toContext = () => createForUser(user)
      return () => newServer({ context: toContext(), contextOf: toContext, body: undefined, countRequest }, parts)
    },
    notify: (context: UserExecutionContext) => {
      requireContext(context)
      return streams.notify(context)
    },
    notifyAll: streams.notifyAll,
    close: async () => {
      isClosed = true
      await Promise.all([handler.close(), streams.close()])
    },
  }) as McpContexts
}

/** Lists differ from user to user: what everybody's cache kept would be one user's, shown to another. */
function assertPrivateLists(hints: Readonly<Record<string, CacheHint | undefined>> | undefined): void {
  const shared = Object.entries(hints ?? {}).filter(([, hint]) => hint?.cacheScope === 'public')
  const issues = shared.map(
    ([method]) => ({ path: `serverOptions.cacheHints.${method}`, kind: 'refused by policy' }) as const,
  )
  if (issues.length > 0) throw new ContextError('ERR_CONTEXT_INVALID_OPTIONS', { issues })
}

function toOAuthError(error: unknown): OAuthError {
  const { httpStatus, message } = toClientAnswer(error)
  return new OAuthError(httpStatus === 401 ? OAuthErrorCode.InvalidToken : OAuthErrorCode.ServerError, message)
}
