/**
 * A server of the SDK for one user, and what registers itself with it.
 */
import type { Implementation, McpServer, McpServerOptions, ServerContext } from '@modelcontextprotocol/server'
import type { Scope, UserExecutionContext } from 'user-execution-context'
import type { CallParts, Guarded } from '../calls/run-call.ts'
import type { SdkRequest } from '../requests/auth-info.ts'
import type { McpCall } from './call.ts'
import type { Catalog } from './registrations.ts'

/** Who a server is made for. */
export type ServerOwner = {
  /** The context of the user now: what the server is bound to, and what lists and completions run with. */
  readonly context: UserExecutionContext
  /** The context of a request. */
  readonly contextOf: (sdk: SdkRequest) => UserExecutionContext
  /** The JSON that the request came in, where there is one server for each request. */
  readonly body: unknown
  /** Counts a request of the user, where nothing has counted it on its way here. False when it is one too many. */
  readonly countRequest: ((context: UserExecutionContext) => boolean) | undefined
}

/** What servers are made of. */
export type ServerParts = CallParts & {
  readonly catalog: Catalog
  readonly implementation: Implementation
  readonly options: McpServerOptions
  readonly configure: ((server: McpServer) => void) | undefined
}

/** What registers itself with a server. */
export type UserServer = {
  readonly server: McpServer
  readonly owner: ServerOwner
  readonly parts: ServerParts
  /**
   * Runs a handler for the user of a request. `input` is what the SDK gives, or a WireInput.
   *
   * @throws {ContextError} What runCall() throws.
   */
  readonly run: <Result>(entry: Runnable, target: string, input: unknown, sdk: ServerContext) => Promise<Result>
  /** What a client is told of a failure, in place of the text for the developer. */
  readonly told: <Result>(result: Promise<Result>) => Promise<Result>
}
/** What is registered. */
export type Runnable = Guarded & { readonly handler: (scope: Scope, input: never, call: McpCall) => unknown }
