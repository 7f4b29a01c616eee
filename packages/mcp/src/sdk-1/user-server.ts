/**
 * A server of SDK 1 for one user. It lives as long as a session, and so longer than one token: what it shows and runs
 * follows the permissions of the token of the request.
 */
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import {
  ElicitResultSchema,
  ErrorCode,
  McpError,
  type CallToolResult,
  type GetPromptResult,
} from '@modelcontextprotocol/sdk/types.js'
import { isContextError, own, toClientAnswer, type Scope, type UserExecutionContext } from 'user-execution-context'
import { configureServer, isOfTemplate, newCount } from '../calls/configure-server.ts'
import { runCall } from '../calls/run-call.ts'
import { toSdkConfig } from '../calls/sdk-config.ts'
import { guardMessages } from '../requests/guard-messages.ts'
import { newEntrances, type SdkMessage } from './entrances.ts'
import { ownTasks } from './owned-tasks.ts'
import { registerResources } from './register-resources.ts'
import type { McpCall, SdkExtra } from './registrations.ts'
import type { Registering, Runnable, SdkRegistrations, ServerParts } from './server-parts.ts'

/** Makes a server for a user. */
export const newServer = (owner: UserExecutionContext, parts: ServerParts): McpServer => {
  const { settings, catalog } = parts
  const server = own(owner, new McpServer(parts.implementation, ownTasks(owner, parts.options)))
  const { contextOf, countRequest } = parts
  guardMessages({ server, contextOf, report: settings.report, countRequest })

  // The gate has asked for the context of each message: this does not throw.
  const run = (entry: Runnable, input: unknown, extra: SdkExtra): Promise<unknown> => {
    const toCall = ({ signal }: Scope): McpCall => ({
      // People take longer than the minute that the SDK waits for an answer by itself: the call ends with its scope.
      elicit: (params: Parameters<McpCall['elicit']>[0]) =>
        extra.sendRequest({ method: 'elicitation/create', params }, ElicitResultSchema, {
          signal,
          timeout: settings.limits.callMs,
        }),
      sdk: extra,
    })
    const body = (scope: Scope) => entry.handler(scope, input as never, Object.freeze(toCall(scope)))
    return runCall(contextOf(extra), entry, extra.signal, parts, body)
  }
  const told: Registering['told'] = async (result) => {
    try {
      return await result
    } catch (error) {
      settings.report(error)
      if (!isContextError(error)) throw error
      throw new McpError(ErrorCode.InternalError, toClientAnswer(error).message)
    }
  }

  const count = newCount({ load: parts.load, contextOf, told })
  const taskTools = new Set<string>()
  const isOfProgram = ({ method, params }: SdkMessage): boolean => {
    if (method === 'tools/call') return taskTools.has(params?.['name'] as string)
    if (method === 'completion/complete') return !isOfTemplate(params, catalog.resourceTemplates)
    // Not what ends a task: it gives places back, and a user without one must be able to.
    return typeof method === 'string' && method.startsWith('tasks/') && method !== 'tasks/cancel'
  }
  const entrances = newEntrances(server, { contextOf, count, isOfProgram })
  const sdk = toRegistrations(server)

  for (const entry of catalog.tools) {
    const { inputSchema, ...config } = toSdkConfig(entry.config)
    const answer = async (input: unknown, extra: SdkExtra): Promise<CallToolResult> => {
      try {
        const result = await run(entry, input, extra)
        return typeof result === 'string' ? { content: [{ type: 'text', text: result }] } : (result as CallToolResult)
      } catch (error) {
        settings.report(error)
        // The SDK shows the message of any other error to the model: it is the tool's own.
        if (!isContextError(error)) throw error
        return { content: [{ type: 'text', text: toClientAnswer(error).message }], isError: true }
      }
    }
    entrances.add(entry, () =>
      inputSchema === undefined
        ? sdk.registerTool(entry.name, config as object, (extra: SdkExtra) => answer({}, extra))
        : sdk.registerTool(entry.name, { ...config, inputSchema } as never, answer as never),
    )
  }
  registerResources({ sdk, parts, entrances, run, told })
  for (const entry of catalog.prompts) {
    const { argsSchema, ...config } = toSdkConfig(entry.config)
    const answer = async (input: unknown, extra: SdkExtra): Promise<GetPromptResult> => {
      const result = await told(run(entry, input, extra))
      if (typeof result !== 'string') return result as GetPromptResult
      return { messages: [{ role: 'user', content: { type: 'text', text: result } }] }
    }
    entrances.add(entry, () =>
      argsSchema === undefined
        ? sdk.registerPrompt(entry.name, config as object, ((extra: SdkExtra) => answer({}, extra)) as never)
        : sdk.registerPrompt(entry.name, { ...config, argsSchema }, answer as never),
    )
  }

  configureServer(server as never, parts.configure as never, { count, taskTools })
  entrances.show(owner)
  return server
}

/** As they are before configure(): what is shown to another token later is counted by run(), and not as its handler. */
function toRegistrations(server: McpServer): SdkRegistrations {
  return {
    registerTool: server.registerTool.bind(server) as McpServer['registerTool'],
    registerPrompt: server.registerPrompt.bind(server) as McpServer['registerPrompt'],
    registerResource: server.registerResource.bind(server) as McpServer['registerResource'],
  }
}
