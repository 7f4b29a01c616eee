/**
 * The resources that a user may read, at the server of this user.
 */
import {
  ResourceTemplate,
  type InputRequiredResult,
  type ReadResourceResult,
  type ServerContext,
} from '@modelcontextprotocol/server'
import type { Scope } from 'user-execution-context'
import { isAllowed, runCall } from '../calls/run-call.ts'
import type { ResourceEntry, ResourceInput, ResourceTemplateEntry } from './registrations.ts'
import type { UserServer } from './user-server.ts'
import { WireInput } from './wire-input.ts'

/** Registers them: the lists have no other, and reading another finds none. */
export const registerResources = (user: UserServer): void => {
  const { resources, resourceTemplates } = user.parts.catalog
  const { context } = user.owner
  for (const entry of resources) if (isAllowed(entry, context)) registerResource(entry, user)
  for (const entry of resourceTemplates) if (isAllowed(entry, context)) registerTemplate(entry, user)
}

function registerResource(entry: ResourceEntry, user: UserServer): void {
  user.server.registerResource(entry.name, entry.uri, entry.config, (uri, sdk) =>
    read(entry, { uri, variables: {} }, sdk, user),
  )
}

function registerTemplate(entry: ResourceTemplateEntry, user: UserServer): void {
  const { list, complete = {} } = entry.callbacks
  const { server, owner, parts, told } = user
  const inScope = <Result>(signal: AbortSignal, body: (scope: Scope) => Promise<Result> | Result): Promise<Result> =>
    told(runCall(owner.context, entry, signal, parts, body))
  const template = new ResourceTemplate(entry.uriTemplate, {
    list: list && (async (sdk) => ({ resources: [...(await inScope(sdk.mcpReq.signal, list))] })),
    // The SDK says nothing of the request here: the server is of one user, and so is the answer.
    complete: Object.fromEntries(
      Object.entries(complete).map(([variable, suggest]) => [
        variable,
        (value: string) => inScope(new AbortController().signal, (scope) => suggest(scope, value)),
      ]),
    ),
  })
  server.registerResource(entry.name, template, entry.config, (uri, variables, sdk) =>
    read(entry, { uri, variables }, sdk, user),
  )
}

async function read(
  entry: ResourceEntry | ResourceTemplateEntry,
  input: ResourceInput,
  sdk: ServerContext,
  { run, told }: UserServer,
): Promise<ReadResourceResult | InputRequiredResult> {
  const { href } = input.uri
  // The address is the target of the request, and all that came over the wire.
  const both = new WireInput({}, input)
  const result = await told(run<string | ReadResourceResult | InputRequiredResult>(entry, href, both, sdk))
  if (typeof result === 'string') return { contents: [{ uri: href, text: result }] }
  // What some users may read, nobody's cache keeps for all.
  return entry.permissions.length > 0 && 'contents' in result ? { ...result, cacheScope: 'private' } : result
}
