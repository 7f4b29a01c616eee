/**
 * The resources of a server on SDK 1.
 */
import { ResourceTemplate } from '@modelcontextprotocol/sdk/server/mcp.js'
import type { ReadResourceResult } from '@modelcontextprotocol/sdk/types.js'
import type { Scope, UserExecutionContext } from 'user-execution-context'
import { runCall } from '../calls/run-call.ts'
import { toSdkConfig } from '../calls/sdk-config.ts'
import type { ResourceTemplateEntry, SdkExtra } from './registrations.ts'
import type { Registering, Runnable } from './server-parts.ts'

/** Registers them. */
export const registerResources = (registering: Registering): void => {
  const { sdk, parts, entrances, run, told } = registering
  const read = async (entry: Runnable, uri: URL, variables: object, extra: SdkExtra): Promise<ReadResourceResult> => {
    const result = await told(run(entry, { uri, variables }, extra))
    return typeof result === 'string' ? { contents: [{ uri: uri.href, text: result }] } : (result as ReadResourceResult)
  }
  for (const entry of parts.catalog.resources) {
    const config = toSdkConfig(entry.config)
    entrances.add(entry, () =>
      sdk.registerResource(entry.name, entry.uri, config, (uri, extra) => read(entry, uri, {}, extra)),
    )
  }
  for (const entry of parts.catalog.resourceTemplates) {
    const config = toSdkConfig(entry.config)
    const template = toTemplate(entry, registering)
    entrances.add(entry, () =>
      sdk.registerResource(entry.name, template, config, (uri, variables, extra) => read(entry, uri, variables, extra)),
    )
  }
}

function toTemplate(entry: ResourceTemplateEntry, registering: Registering): ResourceTemplate {
  const { parts, entrances, told } = registering
  const { list, complete = {} } = entry.callbacks
  const inScope = <Result>(
    context: UserExecutionContext,
    signal: AbortSignal,
    body: (scope: Scope) => Promise<Result> | Result,
  ): Promise<Result> => told(runCall(context, entry, signal, parts, body))
  return new ResourceTemplate(entry.uriTemplate, {
    list: list && (async (sdk) => ({ resources: [...(await inScope(parts.contextOf(sdk), sdk.signal, list))] })),
    complete: Object.fromEntries(
      Object.entries(complete).map(([variable, suggest]) => [
        variable,
        (value: string) =>
          inScope(entrances.completingFor(), new AbortController().signal, (scope) => suggest(scope, value)),
      ]),
    ),
  })
}
