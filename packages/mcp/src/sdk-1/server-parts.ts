/**
 * What a server of SDK 1 is made of, and what registers itself with it.
 */
import type { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import type { Implementation } from '@modelcontextprotocol/sdk/types.js'
import type { Scope, UserExecutionContext } from 'user-execution-context'
import type { CallParts, Guarded } from '../calls/run-call.ts'
import type { SdkRequest } from '../requests/auth-info.ts'
import type { Entrances } from './entrances.ts'
import type { Catalog, McpCall, SdkExtra, SdkServerOptions } from './registrations.ts'

/** What servers are made of. */
export type ServerParts = CallParts & {
  readonly catalog: Catalog
  readonly implementation: Implementation
  readonly options: SdkServerOptions
  readonly configure: ((server: McpServer) => void) | undefined
  /** Counts a request of the user, where nothing has counted it on its way here. False when it is one too many. */
  readonly countRequest?: (context: UserExecutionContext) => boolean
  /** The context of a request. */
  readonly contextOf: (sdk: SdkRequest) => UserExecutionContext
}

/** How something is registered with the SDK. */
export type SdkRegistrations = Pick<McpServer, 'registerTool' | 'registerPrompt' | 'registerResource'>

/** What registers itself with a server. */
export type Registering = {
  readonly sdk: SdkRegistrations
  readonly parts: ServerParts
  readonly entrances: Entrances
  /** Runs a handler for the user of a request. */
  readonly run: (entry: Runnable, input: unknown, sdk: SdkExtra) => Promise<unknown>
  /** What a client is told of a failure, in place of the text for the developer. */
  readonly told: <Result>(result: Promise<Result>) => Promise<Result>
}
/** What is registered. */
export type Runnable = Guarded & { readonly handler: (scope: Scope, input: never, call: McpCall) => unknown }
