/**
 * A server of SDK 1 for one user. It lives as long as a session, and so longer than one token: what it shows follows
 * the permissions of the token that came last, and what it runs those of the token of the request.
 */
import { McpServer, ResourceTemplate } from '@modelcontextprotocol/sdk/server/mcp.js'
import {
  ElicitResultSchema,
  ErrorCode,
  McpError,
  type CallToolResult,
  type GetPromptResult,
  type Implementation,
  type ReadResourceResult,
} from '@modelcontextprotocol/sdk/types.js'
import { isContextError, own, toClientAnswer, type Scope, type UserExecutionContext } from 'user-execution-context'
import { isAllowed, runCall, type CallParts, type Guarded } from '../calls/run-call.ts'
import { toSdkConfig } from '../calls/sdk-config.ts'
import type { SdkRequest } from '../requests/auth-info.ts'
import { guardMessages } from '../requests/guard-messages.ts'
import type { Catalog, McpCall, SdkExtra, SdkServerOptions } from './registrations.ts'

/** What servers are made of. */
export type ServerParts = CallParts & {
  readonly catalog: Catalog
  readonly implementation: Implementation
  readonly options: SdkServerOptions
  readonly configure: ((server: McpServer) => void) | undefined
  /** The context of a request. */
  readonly contextOf: (sdk: SdkRequest) => UserExecutionContext
}

/** A server, and how it learns of other permissions of its user. */
export type UserServer = { readonly server: McpServer; readonly show: (context: UserExecutionContext) => void }
/** What is registered, and how: what is removed is answered as what there never was. SDK 1 says which is disabled. */
type Entrance = { readonly entry: Guarded; readonly register: () => Removable; shown: Removable | undefined }
type Removable = { readonly remove: () => void }
type Runnable = Guarded & { readonly handler: (scope: Scope, input: never, call: McpCall) => unknown }

/** Makes a server for a user. */
export const newServer = (owner: UserExecutionContext, parts: ServerParts): UserServer => {
  const { settings, catalog } = parts
  const server = own(owner, new McpServer(parts.implementation, parts.options))
  guardMessages({ server, contextOf: parts.contextOf, report: settings.report })
  const entrances: Entrance[] = []
  // All are registered once, before the server is connected: it cannot tell its client of a capability later.
  const add = (entry: Guarded, register: () => Removable): void =>
    void entrances.push({ entry, register, shown: register() })

  const run = async (entry: Runnable, input: unknown, sdk: SdkExtra): Promise<unknown> => {
    const context = parts.contextOf(sdk)
    const call: McpCall = Object.freeze({
      elicit: (parameters: Parameters<McpCall['elicit']>[0]) =>
        sdk.sendRequest({ method: 'elicitation/create', params: parameters }, ElicitResultSchema),
      sdk,
    })
    return runCall(context, entry, sdk.signal, parts, (scope) => entry.handler(scope, input as never, call))
  }
  const told = async (result: Promise<unknown>): Promise<unknown> => {
    try {
      return await result
    } catch (error) {
      settings.report(error)
      if (!isContextError(error)) throw error
      throw new McpError(ErrorCode.InternalError, toClientAnswer(error).message)
    }
  }

  for (const entry of catalog.tools) {
    const { inputSchema, ...config } = toSdkConfig(entry.config)
    const answer = async (input: unknown, sdk: SdkExtra): Promise<CallToolResult> => {
      try {
        const result = await run(entry, input, sdk)
        return typeof result === 'string' ? { content: [{ type: 'text', text: result }] } : (result as CallToolResult)
      } catch (error) {
        settings.report(error)
        // The SDK shows the message of any other error to the model: it is the tool's own.
        if (!isContextError(error)) throw error
        return { content: [{ type: 'text', text: toClientAnswer(error).message }], isError: true }
      }
    }
    add(entry, () =>
      inputSchema === undefined
        ? server.registerTool(entry.name, config as object, (sdk: SdkExtra) => answer({}, sdk))
        : server.registerTool(entry.name, { ...config, inputSchema } as never, answer as never),
    )
  }
  const read = async (entry: Runnable, uri: URL, variables: object, sdk: SdkExtra): Promise<ReadResourceResult> => {
    const result = await told(run(entry, { uri, variables }, sdk))
    return typeof result === 'string' ? { contents: [{ uri: uri.href, text: result }] } : (result as ReadResourceResult)
  }
  for (const entry of catalog.resources) {
    const config = toSdkConfig(entry.config)
    add(entry, () => server.registerResource(entry.name, entry.uri, config, (uri, sdk) => read(entry, uri, {}, sdk)))
  }
  for (const entry of catalog.resourceTemplates) {
    const config = toSdkConfig(entry.config)
    const template = new ResourceTemplate(entry.uriTemplate, { list: undefined })
    add(entry, () =>
      server.registerResource(entry.name, template, config, (uri, variables, sdk) => read(entry, uri, variables, sdk)),
    )
  }
  for (const entry of catalog.prompts) {
    const { argsSchema, ...config } = toSdkConfig(entry.config)
    const answer = async (input: unknown, sdk: SdkExtra): Promise<GetPromptResult> => {
      const result = await told(run(entry, input, sdk))
      if (typeof result !== 'string') return result as GetPromptResult
      return { messages: [{ role: 'user', content: { type: 'text', text: result } }] }
    }
    add(entry, () =>
      argsSchema === undefined
        ? server.registerPrompt(entry.name, config as object, ((sdk: SdkExtra) => answer({}, sdk)) as never)
        : server.registerPrompt(entry.name, { ...config, argsSchema }, answer as never),
    )
  }

  const show = (context: UserExecutionContext): void => {
    for (const entrance of entrances) {
      if (isAllowed(entrance.entry, context)) {
        entrance.shown ??= entrance.register()
        continue
      }
      entrance.shown?.remove()
      entrance.shown = undefined
    }
  }
  parts.configure?.(server)
  show(owner)
  return { server, show }
}
