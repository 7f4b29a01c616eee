/**
 * Takes what a server on SDK 1 offers: checked, and tried with a server of the SDK.
 */
import { McpServer, ResourceTemplate } from '@modelcontextprotocol/sdk/server/mcp.js'
import type { AnySchema } from '@modelcontextprotocol/sdk/server/zod-compat.js'
import { UriTemplate } from '@modelcontextprotocol/sdk/shared/uriTemplate.js'
import { parseRegistration } from '../calls/parse-registration.ts'
import { toSdkConfig } from '../calls/sdk-config.ts'
import { tryRegistration } from '../calls/try-registration.ts'
import type {
  Catalog,
  PromptConfig,
  PromptHandler,
  ResourceConfig,
  ResourceHandler,
  ResourceTemplateConfig,
  ToolConfig,
} from './registrations.ts'
import type { ServerParts } from './server-parts.ts'

type AnyHandler = Catalog['tools'][number]['handler']

/** The functions that register, which fill a catalog. */
export const newRegistry = ({ catalog, implementation, options }: ServerParts) => {
  const trial = new McpServer(implementation, options)
  const never = () => Promise.reject(new Error('This server is never connected.'))

  return Object.freeze({
    registerTool: (name: string, config: ToolConfig<AnySchema | undefined>, handler: AnyHandler) => {
      const permissions = parseRegistration({ kind: 'tool', name, config, handler, others: catalog.tools })
      const { inputSchema } = tryRegistration(() => trial.registerTool(name, toSdkConfig(config) as object, never))
      // The SDK makes a schema of a record of schemas, which plain JavaScript may give: once, and not for each session.
      catalog.tools.push({ name, config: { ...config, inputSchema }, permissions, handler })
    },
    registerResource: (name: string, uri: string, config: ResourceConfig, handler: ResourceHandler) => {
      const permissions = parseRegistration({ kind: 'resource', name, config, handler, others: catalog.resources })
      tryRegistration(() => trial.registerResource(name, uri, toSdkConfig(config), never))
      catalog.resources.push({ name, uri, config, permissions, handler })
    },
    registerResourceTemplate: (
      name: string,
      uriTemplate: string,
      config: ResourceTemplateConfig,
      handler: ResourceHandler,
    ) => {
      const variables = (): readonly string[] => new UriTemplate(uriTemplate).variableNames
      const others = catalog.resourceTemplates
      const permissions = parseRegistration({ kind: 'template', name, config, handler, others, variables })
      const { list, complete, ...described } = config
      const template = new ResourceTemplate(uriTemplate, { list: undefined })
      tryRegistration(() => trial.registerResource(name, template, toSdkConfig(described), never))
      const callbacks = { list, complete }
      others.push({ name, uriTemplate, config: described, callbacks, permissions, handler })
    },
    registerPrompt: (name: string, config: PromptConfig, handler: PromptHandler) => {
      const permissions = parseRegistration({ kind: 'prompt', name, config, handler, others: catalog.prompts })
      tryRegistration(() => trial.registerPrompt(name, toSdkConfig(config) as object, never))
      catalog.prompts.push({ name, config, permissions, handler })
    },
  })
}
