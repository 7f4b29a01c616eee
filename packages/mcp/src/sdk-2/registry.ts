/**
 * Takes what a server offers: checked, and in the form in which each server of the SDK is given it.
 */
import { McpServer, ResourceTemplate, UriTemplate, type StandardSchemaWithJSON } from '@modelcontextprotocol/server'
import { knownBySdk2, parseRegistration } from '../calls/parse-registration.ts'
import { toSdkConfig } from '../calls/sdk-config.ts'
import { tryRegistration } from '../calls/try-registration.ts'
import type {
  PromptConfig,
  ResourceConfig,
  ResourceHandler,
  ResourceTemplateConfig,
  ToolConfig,
  ToolEntry,
} from './registrations.ts'
import type { ServerParts } from './user-server.ts'
import { keepWire } from './wire-input.ts'

type Schema = StandardSchemaWithJSON | undefined
type AnyHandler = ToolEntry['handler']

const parse = (registered: Omit<Parameters<typeof parseRegistration>[0], 'more'>): readonly string[] =>
  parseRegistration({ ...registered, more: knownBySdk2 })

/** The functions that register, which fill a catalog. */
export const newRegistry = ({ catalog, implementation, options }: ServerParts) => {
  const trial = new McpServer(implementation, options)
  const never = () => Promise.reject(new Error('This server is never connected.'))

  return Object.freeze({
    registerTool: (name: string, config: ToolConfig<Schema>, tool: AnyHandler) => {
      const permissions = parse({ kind: 'tool', name, config, handler: tool, others: catalog.tools })
      // The SDK makes a schema of a record of schemas, which plain JavaScript may give.
      const made = tryRegistration(() => trial.registerTool(name, toSdkConfig(config), never))
      const inputSchema = keepWire(made.inputSchema)
      catalog.tools.push({ name, config: toSdkConfig({ ...config, inputSchema }), permissions, handler: tool })
    },
    registerResource: (name: string, uri: string, config: ResourceConfig, resource: ResourceHandler) => {
      const permissions = parse({ kind: 'resource', name, config, handler: resource, others: catalog.resources })
      const described = toSdkConfig(config)
      tryRegistration(() => trial.registerResource(name, uri, described, never))
      catalog.resources.push({ name, uri, config: described, permissions, handler: resource })
    },
    registerResourceTemplate: (
      name: string,
      uriTemplate: string,
      config: ResourceTemplateConfig,
      resource: ResourceHandler,
    ) => {
      const variables = (): readonly string[] => new UriTemplate(uriTemplate).variableNames
      const others = catalog.resourceTemplates
      const permissions = parse({ kind: 'template', name, config, handler: resource, others, variables })
      const { list, complete, ...described } = toSdkConfig(config)
      const template = new ResourceTemplate(uriTemplate, { list: undefined })
      tryRegistration(() => trial.registerResource(name, template, described, never))
      const callbacks = { list, complete }
      others.push({ name, uriTemplate, config: described, callbacks, permissions, handler: resource })
    },
    registerPrompt: (name: string, config: PromptConfig<Schema>, prompt: AnyHandler) => {
      const permissions = parse({ kind: 'prompt', name, config, handler: prompt, others: catalog.prompts })
      const made = tryRegistration(() => trial.registerPrompt(name, toSdkConfig(config), never))
      const argsSchema = keepWire(made.argsSchema)
      catalog.prompts.push({ name, config: toSdkConfig({ ...config, argsSchema }), permissions, handler: prompt })
    },
  })
}
