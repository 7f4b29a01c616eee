/**
 * MCP servers for many users, on `@modelcontextprotocol/sdk` 1: Streamable HTTP with sessions (protocol revisions
 * before 2026-07-28).
 */
export { mcpContexts, type McpContexts, type McpContextsOptions } from './sdk-1/mcp-contexts.ts'
export type {
  InputOf,
  McpCall,
  PromptConfig,
  PromptHandler,
  ResourceConfig,
  ResourceHandler,
  ResourceTemplateConfig,
  SdkExtra,
  SdkServerOptions,
  ToolConfig,
  ToolHandler,
} from './sdk-1/registrations.ts'
export { contextOf, type SdkRequest } from './requests/auth-info.ts'
export type { Audience, CommonOptions } from './options/options.ts'
export type { McpLimits } from './options/limits.ts'
