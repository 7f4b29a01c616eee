/**
 * What a server offers, as it is registered: each with `(scope, input, call)`, so that no input of a model names the
 * user.
 */
import type {
  CacheHint,
  CallToolResult,
  GetPromptResult,
  Icon,
  InputRequiredResult,
  ReadResourceResult,
  Resource,
  ResourceMetadata,
  StandardSchemaWithJSON,
  ToolAnnotations,
  Variables,
} from '@modelcontextprotocol/server'
import type { Scope } from 'user-execution-context'
import type { SdkConfig } from '../calls/sdk-config.ts'
import type { McpCall } from './call.ts'

type Awaitable<Value> = Value | Promise<Value>
/** What a schema gives; nothing without one. */
export type InputOf<Schema extends StandardSchemaWithJSON | undefined> = Schema extends StandardSchemaWithJSON
  ? StandardSchemaWithJSON.InferOutput<Schema>
  : Readonly<Record<string, never>>

/** What every registration may say. */
export type Registration = {
  readonly title?: string | undefined
  readonly description?: string | undefined
  readonly icons?: Icon[] | undefined
  readonly _meta?: Record<string, unknown> | undefined
  /** All of them are needed to see it in a list and to call it. Default none: every signed-in user. */
  readonly permissions?: readonly string[] | undefined
}

/** A tool. */
export type ToolConfig<Input extends StandardSchemaWithJSON | undefined> = Registration & {
  /** Such as `z.object({ text: z.string() })`: what the model fills in. Never the user. */
  readonly inputSchema?: Input
  readonly outputSchema?: StandardSchemaWithJSON | undefined
  readonly annotations?: ToolAnnotations | undefined
}
/** Answers a call of a tool. A text is a result with one text. */
export type ToolHandler<Input extends StandardSchemaWithJSON | undefined> = (
  scope: Scope,
  input: InputOf<Input>,
  call: McpCall,
) => Awaitable<string | CallToolResult | InputRequiredResult>

/** A resource or a template of resources. */
export type ResourceConfig = Omit<Registration, 'icons'> &
  Omit<ResourceMetadata, 'title' | 'description' | '_meta'> & {
    /** For whom a client may keep it. `public` is refused beside `permissions`. */
    readonly cacheHint?: CacheHint | undefined
  }
/** A template of resources. */
export type ResourceTemplateConfig = ResourceConfig & {
  /** The resources of this user. Default: none is listed. */
  readonly list?: ((scope: Scope) => Awaitable<readonly Resource[]>) | undefined
  /** For a variable of the template: how a value that begins like this may go on, for this user. */
  readonly complete?: Readonly<Record<string, (scope: Scope, value: string) => Awaitable<string[]>>> | undefined
}
/** Which resource is read: its address, and the variables of the template. */
export type ResourceInput = { readonly uri: URL; readonly variables: Variables }
/** Reads a resource. A text is the one content of its address. */
export type ResourceHandler = (
  scope: Scope,
  input: ResourceInput,
  call: McpCall,
) => Awaitable<string | ReadResourceResult | InputRequiredResult>

/** A prompt. */
export type PromptConfig<Input extends StandardSchemaWithJSON | undefined> = Registration & {
  readonly argsSchema?: Input
}
/** Makes a prompt. A text is one message of the user. */
export type PromptHandler<Input extends StandardSchemaWithJSON | undefined> = (
  scope: Scope,
  input: InputOf<Input>,
  call: McpCall,
) => Awaitable<string | GetPromptResult | InputRequiredResult>

/** A registration as it is kept. Its schema was checked by the compiler where it was registered. */
export type Entry<Config extends Registration, Handler> = {
  readonly name: string
  /** As the SDK takes it: made once, and not for each server. */
  readonly config: SdkConfig<Config>
  readonly permissions: readonly string[]
  readonly handler: Handler
}

type AnySchema = StandardSchemaWithJSON | undefined
export type ToolEntry = Entry<ToolConfig<AnySchema>, (scope: Scope, input: never, call: McpCall) => unknown>
export type ResourceEntry = Entry<ResourceConfig, ResourceHandler> & { readonly uri: string }
export type ResourceTemplateEntry = Entry<ResourceConfig, ResourceHandler> & {
  readonly uriTemplate: string
  readonly callbacks: Pick<ResourceTemplateConfig, 'list' | 'complete'>
}
export type PromptEntry = Entry<PromptConfig<AnySchema>, (scope: Scope, input: never, call: McpCall) => unknown>

/** All that a server offers. */
export type Catalog = {
  readonly tools: ToolEntry[]
  readonly resources: ResourceEntry[]
  readonly resourceTemplates: ResourceTemplateEntry[]
  readonly prompts: PromptEntry[]
}
