/**
 * The injectable that opens scopes: for requests of HTTP, and for the connections of a gateway.
 */
import { Inject, Injectable } from '@nestjs/common'
import { ContextError, openScope, toClientAnswer, watchIdentity } from 'user-execution-context'
import type { Scope, UserExecutionContext } from 'user-execution-context'
import { toContextMaker } from '../context-from-request.ts'
import type { NodeRequest } from '../request/any-request.ts'
import { enterRequest, findKeptBy, keepScope, type NodeResponse } from '../scopes/node-scope.ts'
import { scopeOptionKeys, toCleanupListener } from '../scopes/scope-options.ts'
import { closeClient, isGone, onceClosed, requestOf, type GatewayClient } from './gateway-client.ts'
import { userContextOptions, type UserContextModuleOptions } from './module-options.ts'

/**
 * Opens the scope of a request or of a connection. The guard uses it for HTTP; a gateway calls connect() when a client
 * connects. Nest makes it: take it as an argument of your constructor.
 *
 * @example
 * ```ts
 * import type { IncomingMessage } from 'node:http'
 * import type { GatewayClient, UserContexts } from '@user-execution-context/http/nestjs'
 *
 * export class Notes {
 *   constructor(private readonly contexts: UserContexts) {}
 *   handleConnection = (client: GatewayClient, request: IncomingMessage) => this.contexts.connect(client, request)
 * }
 * ```
 */
export class UserContexts {
  readonly #toContext: (request: NodeRequest) => Promise<UserExecutionContext>
  readonly #onCleanupError: (error: unknown) => void
  readonly #connections = new WeakMap<object, Promise<void>>()

  /** @param options - Of forRoot(): Nest passes them. */
  constructor(options: UserContextModuleOptions) {
    this.#toContext = toContextMaker<NodeRequest>(options?.identity, options, ['identity', ...scopeOptionKeys])
    this.#onCleanupError = toCleanupListener(options)
  }

  /** Verifies the user of a request of HTTP, once. The guard calls it. Rejects as contextFromRequest() does. */
  async enter(request: NodeRequest, response: NodeResponse): Promise<void> {
    // What another middleware has verified, with another identity, is not believed.
    if (findKeptBy(request, this.#toContext) !== undefined) return
    const context = await this.#toContext(request)
    enterRequest(request, response, context, this.#toContext, this.#onCleanupError)
  }

  /**
   * Verifies the user of a connection and opens its scope. Call it first in handleConnection(): messages that arrive
   * meanwhile wait in the guard. A client without a user, or whose identity ends, is closed with 4401 (Socket.IO:
   * disconnected); the scope closes when the client has gone. For one that has gone already nothing is verified or
   * opened. It never rejects.
   *
   * @param client - What Nest gives handleConnection(): a socket of `ws` or of Socket.IO.
   * @param request - The request of the upgrade: for `ws` the second argument of handleConnection(). Default: the one
   *   that a socket of Socket.IO holds.
   */
  connect(client: GatewayClient, request: NodeRequest | undefined = requestOf(client)): Promise<void> {
    const opening = this.#open(client, request)
    this.#connections.set(client, opening)
    return opening
  }

  /** Waits for the end of connect(). The guard calls it. */
  async waitFor(client: object): Promise<void> {
    await this.#connections.get(client)
  }

  async #open(client: GatewayClient, request: NodeRequest | undefined): Promise<void> {
    if (isGone(client)) return
    let scope: Scope | undefined
    let isOver = false
    onceClosed(client, () => {
      isOver = true
      scope?.close().catch(this.#onCleanupError)
    })
    try {
      if (request === undefined) throw noRequest()
      const context = await this.#toContext(request)
      if (isOver) return
      scope = openScope(context)
      scope.defer(watchIdentity(context, (error) => closeClient(client, toClientAnswer(error))))
      keepScope(client, scope, this.#toContext)
    } catch (error) {
      closeClient(client, toClientAnswer(error))
    }
  }
}

Injectable()(UserContexts)
Inject(userContextOptions)(UserContexts, undefined, 0)

const noRequest = (): ContextError =>
  new ContextError('ERR_CONTEXT_INVALID_OPTIONS', { issues: [{ path: 'request', kind: 'missing' }] })
