/**
 * Parameter decorators: the context and the scope of whoever sent the request.
 */
import { createParamDecorator, type ExecutionContext } from '@nestjs/common'
import { deriveChild, type Scope, type UserExecutionContext } from 'user-execution-context'
import { contextOf, scopeOf } from './scope-of.ts'
import { tellsWhyItStopped } from './tells-why-it-stopped.ts'

/**
 * The context of the user: for HTTP that of the request, for a message of a gateway a child of the connection's, with a
 * `requestId` of its own. A handler without the guard is refused with `ERR_CONTEXT_NOT_ISSUED`.
 *
 * @example
 * ```ts
 * import { CurrentContext } from '@user-execution-context/http/nestjs'
 *
 * export const decorateFirst = (prototype: object, method: string): void => CurrentContext()(prototype, method, 0)
 * ```
 */
export const CurrentContext: () => ParameterDecorator = createParamDecorator(
  (_data: unknown, execution: ExecutionContext): UserExecutionContext => {
    const context = contextOf(execution)
    return execution.getType() === 'ws' ? deriveChild(context, 'message') : context
  },
)

/**
 * The scope of the request, or of the connection of a message: its signal, and what runs when it ends. A handler
 * without the guard is refused with `ERR_CONTEXT_NOT_ISSUED`.
 *
 * @example
 * ```ts
 * import { CurrentScope } from '@user-execution-context/http/nestjs'
 *
 * export const decorateFirst = (prototype: object, method: string): void => CurrentScope()(prototype, method, 0)
 * ```
 */
export const CurrentScope: () => ParameterDecorator = createParamDecorator(
  (_data: unknown, execution: ExecutionContext): Scope => scopeOf(execution),
  [tellsWhyItStopped],
)
