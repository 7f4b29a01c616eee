/**
 * The prompts that a user may use, at the server of this user.
 */
import type { GetPromptResult, InputRequiredResult, ServerContext } from '@modelcontextprotocol/server'
import { isAllowed } from '../calls/run-call.ts'
import type { PromptEntry } from './registrations.ts'
import type { UserServer } from './user-server.ts'

/** Registers them: `prompts/list` has no other. */
export const registerPrompts = (user: UserServer): void => {
  for (const entry of user.parts.catalog.prompts) if (isAllowed(entry, user.owner.context)) registerPrompt(entry, user)
}

function registerPrompt(entry: PromptEntry, { server, run, told }: UserServer): void {
  const answer = async (input: unknown, sdk: ServerContext): Promise<GetPromptResult | InputRequiredResult> => {
    const result = await told(run<string | GetPromptResult | InputRequiredResult>(entry, entry.name, input, sdk))
    return typeof result === 'string'
      ? { messages: [{ role: 'user', content: { type: 'text', text: result } }] }
      : result
  }
  const { name, config } = entry
  if (config.argsSchema === undefined) server.registerPrompt(name, config as object, (sdk) => answer({}, sdk))
  else server.registerPrompt(name, config as never, answer as never)
}
