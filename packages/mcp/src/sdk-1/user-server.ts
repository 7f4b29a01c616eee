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
import { isContextError, own, toClientAnswer, type UserExecutionContext } from 'user-execution-context'
import { runCall } from '../calls/run-call.ts'
import { toSdkConfig } from '../calls/sdk-config.ts'
import { guardMessages } from '../requests/guard-messages.ts'
import { newEntrances } from './entrances.ts'
import { registerResources } from './register-resources.ts'
import type { McpCall, SdkExtra } from './registrations.ts'
import type { Registering, Runnable, ServerParts } from './server-parts.ts'

/** Makes a server for a user. */
export const newServer = (owner: UserExecutionContext, parts: ServerParts): McpServer => {
  const { settings, catalog } = parts
  const server = own(owner, new McpServer(parts.implementation, parts.options))
  guardMessages({ server, contextOf: parts.contextOf, report: settings.report })
  const entrances = newEntrances(server, parts.contextOf)

  const run = async (entry: Runnable, input: unknown, sdk: SdkExtra): Promise<unknown> => {
    const context = parts.contextOf(sdk)
    const call: McpCall = Object.freeze({
      elicit: (parameters: Parameters<McpCall['elicit']>[0]) =>
        sdk.sendRequest({ method: 'elicitation/create', params: parameters }, ElicitResultSchema),
      sdk,
    })
    return runCall(context, entry, sdk.signal, parts, (scope) => entry.handler(scope, input as never, call))
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
    entrances.add(entry, () =>
      inputSchema === undefined
        ? server.registerTool(entry.name, config as object, (sdk: SdkExtra) => answer({}, sdk))
        : server.registerTool(entry.name, { ...config, inputSchema } as never, answer as never),
    )
  }
  registerResources({ server, parts, entrances, run, told })
  for (const entry of catalog.prompts) {
    const { argsSchema, ...config } = toSdkConfig(entry.config)
    const answer = async (input: unknown, sdk: SdkExtra): Promise<GetPromptResult> => {
      const result = await told(run(entry, input, sdk))
      if (typeof result !== 'string') return result as GetPromptResult
      return { messages: [{ role: 'user', content: { type: 'text', text: result } }] }
    }
    entrances.add(entry, () =>
      argsSchema === undefined
        ? server.registerPrompt(entry.name, config as object, ((sdk: SdkExtra) => answer({}, sdk)) as never)
        : server.registerPrompt(entry.name, { ...config, argsSchema }, answer as never),
    )
  }

  parts.configure?.(server)
  entrances.show(owner)
  return server
}
