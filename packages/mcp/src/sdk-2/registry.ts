/**
 * Takes what a server offers: checked, and in the form in which each server of the SDK is given it.
 */
import { UriTemplate, type StandardSchemaWithJSON } from '@modelcontextprotocol/server'
import { knownBySdk2, parseRegistration } from '../calls/parse-registration.ts'
import { toSdkConfig } from '../calls/sdk-config.ts'
import type {
  Catalog,
  PromptConfig,
  ResourceConfig,
  ResourceHandler,
  ResourceTemplateConfig,
  ToolConfig,
  ToolEntry,
} from './registrations.ts'
import { keepWire } from './wire-input.ts'

type Schema = StandardSchemaWithJSON | undefined
type AnyHandler = ToolEntry['handler']

const parse = (registered: Omit<Parameters<typeof parseRegistration>[0], 'more'>): readonly string[] =>
  parseRegistration({ ...registered, more: knownBySdk2 })

/** The functions that register, which fill a catalog. */
export const newRegistry = (catalog: Catalog) =>
  Object.freeze({
    registerTool: (name: string, config: ToolConfig<Schema>, tool: AnyHandler) => {
      const permissions = parse({ kind: 'tool', name, config, handler: tool, others: catalog.tools })
      const inputSchema = keepWire(config.inputSchema)
      catalog.tools.push({ name, config: toSdkConfig({ ...config, inputSchema }), permissions, handler: tool })
    },
    registerResource: (name: string, uri: string, config: ResourceConfig, resource: ResourceHandler) => {
      const permissions = parse({ kind: 'resource', name, config, handler: resource, others: catalog.resources })
      catalog.resources.push({ name, uri, config: toSdkConfig(config), permissions, handler: resource })
    },
    registerResourceTemplate: (
      name: string,
      uriTemplate: string,
      config: ResourceTemplateConfig,
      resource: ResourceHandler,
    ) => {
      const variables = (): readonly string[] => new UriTemplate(uriTemplate).variableNames
      const permissions = parse({
        kind: 'template',
        name,
        config,
        handler: resource,
        others: catalog.resourceTemplates,
        variables,
      })
      const { list, complete, ...described } = toSdkConfig(config)
      const callbacks = { list, complete }
      catalog.resourceTemplates.push({
        name,
        uriTemplate,
        config: described,
        callbacks,
        permissions,
        handler: resource,
      })
    },
    registerPrompt: (name: string, config: PromptConfig<Schema>, prompt: AnyHandler) => {
      const permissions = parse({ kind: 'prompt', name, config, handler: prompt, others: catalog.prompts })
      const argsSchema = keepWire(config.argsSchema)
      catalog.prompts.push({ name, config: toSdkConfig({ ...config, argsSchema }), permissions, handler: prompt })
    },
  })
