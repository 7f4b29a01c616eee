/**
 * The tools that a user may call, at the server of this user.
 */
import type { CallToolResult, InputRequiredResult, ServerContext } from '@modelcontextprotocol/server'
import { isContextError, toClientAnswer } from 'user-execution-context'
import { isAllowed } from '../calls/run-call.ts'
import type { ToolEntry } from './registrations.ts'
import type { UserServer } from './user-server.ts'

/** Registers them: `tools/list` has no other, and a call of another finds none. `called` is the only one of a call. */
export const registerTools = (user: UserServer, called: ToolEntry | undefined): void => {
  const entries = called === undefined ? user.parts.catalog.tools : [called]
  for (const entry of entries) if (isAllowed(entry, user.owner.context)) registerTool(entry, user)
}

function registerTool(entry: ToolEntry, { server, parts, run }: UserServer): void {
  const answer = async (input: unknown, sdk: ServerContext): Promise<CallToolResult | InputRequiredResult> => {
    try {
      const result = await run<string | CallToolResult | InputRequiredResult>(entry, entry.name, input, sdk)
      return typeof result === 'string' ? { content: [{ type: 'text', text: result }] } : result
    } catch (error) {
      parts.settings.report(error)
      // The SDK shows the message of any other error to the model: it is the tool's own.
      if (!isContextError(error)) throw error
      return { content: [{ type: 'text', text: toClientAnswer(error).message }], isError: true }
    }
  }
  const { name, config } = entry
  // The SDK gives a handler an input where there is a schema, and none where there is not.
  if (config.inputSchema === undefined) server.registerTool(name, config as object, (sdk) => answer({}, sdk))
  else server.registerTool(name, config, answer as never)
}
