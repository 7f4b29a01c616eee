/**
 * The guard: no handler behind it runs without a context.
 */
import { Inject, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common'
import { assertLive } from 'user-execution-context'
import { noScope } from '../scopes/node-scope.ts'
import { findContextOf, rawRequestOf, rawResponseOf, unknownTransport } from './scope-of.ts'
import { UserContexts } from './user-contexts.ts'

/**
 * Verifies the user of a request before pipes and handler run. For a message of a gateway it waits for connect() and
 * refuses a client that it did not see.
 *
 * @example
 * ```ts
 * import { UseGuards } from '@nestjs/common'
 * import { UserContextGuard } from '@user-execution-context/http/nestjs'
 *
 * export const Authenticated = (): MethodDecorator & ClassDecorator => UseGuards(UserContextGuard)
 * ```
 */
export class UserContextGuard implements CanActivate {
  readonly #contexts: UserContexts

  /** @param contexts - Of the module: Nest passes it. */
  constructor(contexts: UserContexts) {
    this.#contexts = contexts
  }

  /** Resolves to true, or rejects with an error of this package. */
  async canActivate(execution: ExecutionContext): Promise<boolean> {
    const type = execution.getType<string>()
    if (type === 'http') {
      await this.#contexts.enter(rawRequestOf(execution), rawResponseOf(execution))
    } else if (type === 'ws') {
      await this.#contexts.waitFor(execution.switchToWs().getClient<object>())
      const context = findContextOf(execution)
      if (context === undefined) throw noScope(notConnected)
      // A client that does not read the close can send on, until the server gives it up half a minute later.
      assertLive(context)
    } else {
      throw unknownTransport(type)
    }
    return true
  }
}

Injectable()(UserContextGuard)
Inject(UserContexts)(UserContextGuard, undefined, 0)

const notConnected =
  'This client has no context: call connect(client, request) of UserContexts in handleConnection() of the gateway. A ' +
  'client whose user was refused has none either.'
