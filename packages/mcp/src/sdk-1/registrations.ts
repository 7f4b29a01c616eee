/**
 * What a server on SDK 1 offers: registered with `(scope, input, call)`, as on SDK 2.
 */
import type { ServerOptions } from '@modelcontextprotocol/sdk/server/index.js'
import type { ResourceMetadata } from '@modelcontextprotocol/sdk/server/mcp.js'
import type { AnySchema, SchemaOutput, ZodRawShapeCompat } from '@modelcontextprotocol/sdk/server/zod-compat.js'
import type { RequestHandlerExtra } from '@modelcontextprotocol/sdk/shared/protocol.js'
import type {
  CallToolResult,
  ElicitRequestFormParams,
  ElicitResult,
  GetPromptResult,
  ReadResourceResult,
  Resource,
  ServerNotification,
  ServerRequest,
  ToolAnnotations,
} from '@modelcontextprotocol/sdk/types.js'
import type { Scope } from 'user-execution-context'

type Awaitable<Value> = Value | Promise<Value>
type Permitted = { readonly permissions?: readonly string[] | undefined }

/** What the SDK gives to a handler. It holds no token. */
export type SdkExtra = RequestHandlerExtra<ServerRequest, ServerNotification>

/** The third argument of a handler. */
export type McpCall = {
  /** Asks the user, over the connection of this request, and waits. */
  readonly elicit: (parameters: ElicitRequestFormParams) => Promise<ElicitResult>
  /** The SDK's view of the request: progress, sampling, its signal. It holds no token. */
  readonly sdk: SdkExtra
}

/** A tool. */
export type ToolConfig<Input extends AnySchema | undefined> = Permitted & {
  readonly title?: string | undefined
  readonly description?: string | undefined
  /** A zod object: what the model fills in. Never the user. */
  readonly inputSchema?: Input
  readonly outputSchema?: AnySchema | undefined
  readonly annotations?: ToolAnnotations | undefined
  readonly _meta?: Record<string, unknown> | undefined
}
/** What a schema gives; nothing without one. */
export type InputOf<Schema extends AnySchema | undefined> = Schema extends AnySchema
  ? SchemaOutput<Schema>
  : Readonly<Record<string, never>>
/** Answers a call. A text is a result with one text. */
export type ToolHandler<Input extends AnySchema | undefined> = (
  scope: Scope,
  input: InputOf<Input>,
  call: McpCall,
) => Awaitable<string | CallToolResult>

/** A resource, or a template of resources. */
export type ResourceConfig = Permitted & ResourceMetadata
/** A template of resources. */
export type ResourceTemplateConfig = ResourceConfig & {
  /** The resources of this user. Default: none is listed. */
  readonly list?: ((scope: Scope) => Awaitable<readonly Resource[]>) | undefined
  /** For a variable of the template: how a value that begins like this may go on, for this user. */
  readonly complete?: Readonly<Record<string, (scope: Scope, value: string) => Awaitable<string[]>>> | undefined
}
/** Reads a resource. A text is the one content of its address. */
export type ResourceHandler = (
  scope: Scope,
  input: { readonly uri: URL; readonly variables: Readonly<Record<string, string | string[]>> },
  call: McpCall,
) => Awaitable<string | ReadResourceResult>

/** A prompt. */
export type PromptConfig = Permitted & {
  readonly title?: string | undefined
  readonly description?: string | undefined
  /** Its arguments: a record of zod schemas, as the SDK takes them. */
  readonly argsSchema?: ZodRawShapeCompat | undefined
}
/** Makes a prompt. A text is one message of the user. */
export type PromptHandler = (
  scope: Scope,
  input: Readonly<Record<string, string | undefined>>,
  call: McpCall,
) => Awaitable<string | GetPromptResult>

/** A registration as it is kept. */
export type Entry<Config, Handler> = {
  readonly name: string
  readonly config: Config
  readonly permissions: readonly string[]
  readonly handler: Handler
}
type AnyHandler = (scope: Scope, input: never, call: McpCall) => unknown
/** A template as it is kept. */
export type ResourceTemplateEntry = Entry<ResourceConfig, ResourceHandler> & {
  readonly uriTemplate: string
  readonly callbacks: Pick<ResourceTemplateConfig, 'list' | 'complete'>
}
/** All that a server offers. */
export type Catalog = {
  readonly tools: Entry<ToolConfig<AnySchema | undefined>, AnyHandler>[]
  readonly resources: (Entry<ResourceConfig, ResourceHandler> & { readonly uri: string })[]
  readonly resourceTemplates: ResourceTemplateEntry[]
  readonly prompts: Entry<PromptConfig, PromptHandler>[]
}

/** Options of the SDK's server. */
export type SdkServerOptions = ServerOptions
