/**
 * MCP servers for many users, on `@modelcontextprotocol/server` 2 (protocol revision 2026-07-28, and those before it).
 */
export { mcpContexts, type McpContexts, type McpContextsOptions } from './sdk-2/mcp-contexts.ts'
export type { McpCall } from './sdk-2/call.ts'
export type {
  InputOf,
  PromptConfig,
  PromptHandler,
  Registration,
  ResourceConfig,
  ResourceHandler,
  ResourceInput,
  ResourceTemplateConfig,
  ToolConfig,
  ToolHandler,
} from './sdk-2/registrations.ts'
export { contextOf, type SdkRequest } from './requests/auth-info.ts'
export type { Audience, CommonOptions } from './options/options.ts'
export type { StateOptions } from './state/state-options.ts'
export type { McpLimits } from './options/limits.ts'
