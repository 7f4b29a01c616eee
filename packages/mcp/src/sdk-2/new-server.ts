/**
 * Makes the server of a user: it knows what this user may see, and refuses the requests of any other.
 */
import { McpServer, ProtocolError, ProtocolErrorCode, type ServerContext } from '@modelcontextprotocol/server'
import { isContextError, own, toClientAnswer, type Scope } from 'user-execution-context'
import { configureServer, isCounted, isOfTemplate, newCount, type Count } from '../calls/configure-server.ts'
import { isAllowed, runCall } from '../calls/run-call.ts'
import { guardMessages } from '../requests/guard-messages.ts'
import { unsealState, type RequestParts } from '../state/request-state.ts'
import { newCall, OpenedState } from './call.ts'
import { registerPrompts } from './register-prompts.ts'
import { registerResources } from './register-resources.ts'
import { registerTools } from './register-tools.ts'
import type { Catalog, ToolEntry } from './registrations.ts'
import { findParts } from './request-parts.ts'
import type { Runnable, ServerOwner, ServerParts, UserServer } from './user-server.ts'
import { toWireInput } from './wire-input.ts'

/** Makes a server for a user. */
export const newServer = (owner: ServerOwner, parts: ServerParts): McpServer => {
  const { settings } = parts
  const { report } = settings
  const verify = async (state: string, sdk: ServerContext): Promise<OpenedState | undefined> => {
    const request = findParts(owner.body, sdk)
    // Not known here: run() opens it, with the arguments that the handler is given.
    if (request === undefined) return undefined
    try {
      return new OpenedState(await unsealState(state, owner.contextOf(sdk), request, settings))
    } catch (error) {
      report(error)
      throw error
    }
  }
  const server = own(owner.context, new McpServer(parts.implementation, { ...parts.options, requestState: { verify } }))
  const { context, contextOf, countRequest } = owner
  guardMessages({ server, contextOf, report, shown: context.permissions, countRequest })
  const run: UserServer['run'] = async <Result>(
    { handler, permissions }: Runnable,
    target: string,
    input: unknown,
    sdk: ServerContext,
  ) => {
    const context = owner.contextOf(sdk)
    const { wire, made } = toWireInput(input)
    const request: RequestParts = findParts(owner.body, sdk) ?? { method: sdk.mcpReq.method, target, input: wire }
    const call = await newCall(context, request, sdk, settings)
    const answer = (scope: Scope) => handler(scope, made as never, call) as Result
    return runCall(context, { permissions }, sdk.mcpReq.signal, parts, answer)
  }
  const told: UserServer['told'] = async (result) => {
    try {
      return await result
    } catch (error) {
      report(error)
      if (!isContextError(error)) throw error
      throw new ProtocolError(ProtocolErrorCode.InternalError, toClientAnswer(error).message)
    }
  }
  const count = newCount({ load: parts.load, contextOf, told })
  countCompletions(server, count, parts.catalog)
  const registering: UserServer = { server, owner, parts, run, told }
  const found = findCalledTool(owner.body, parts.catalog.tools)
  // A tool that this user may not call is answered as one that there is not: a server without it says the same of both.
  const called = found !== undefined && isAllowed(found, owner.context) ? found : undefined
  registerTools(registering, called)
  if (called === undefined) {
    registerResources(registering)
    registerPrompts(registering)
  }
  configureServer(server as never, parts.configure as never, { count })
  return server
}

type SetHandler = (method: string, ...parts: readonly unknown[]) => void
type Complete = (request: { readonly params?: unknown }, sdk: ServerContext) => unknown

/** The SDK tells what suggests for a prompt, or a template of configure(), nothing of the request: it counts here. */
function countCompletions({ server }: McpServer, count: Count, { resourceTemplates }: Catalog): void {
  const setHandler = server.setRequestHandler.bind(server) as SetHandler
  const setCounting: SetHandler = (method, ...parts) => {
    const handler = parts.at(-1) as Complete
    if (method !== 'completion/complete' || isCounted(handler)) return setHandler(method, ...parts)
    const counted = count(handler)
    const complete: Complete = (request, sdk) =>
      (isOfTemplate(request.params, resourceTemplates) ? handler : counted)(request, sdk)
    return setHandler(method, ...parts.slice(0, -1), complete)
  }
  server.setRequestHandler = setCounting as typeof server.setRequestHandler
}

/** The tool that a request calls: its server needs no other. Undefined for any other request, and for no such tool. */
function findCalledTool(body: unknown, tools: readonly ToolEntry[]): ToolEntry | undefined {
  const { method, params } = (body ?? {}) as {
    readonly method?: unknown
    readonly params?: { readonly name?: unknown }
  }
  return method === 'tools/call' ? tools.find(({ name }) => name === params?.name) : undefined
}
