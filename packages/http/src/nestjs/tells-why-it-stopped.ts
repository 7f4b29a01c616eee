/**
 * The reason of a handler that was stopped by the signal of its scope.
 */
import { UseInterceptors, type NestInterceptor } from '@nestjs/common'
import { catchError } from 'rxjs'
import { toFailure } from '../scopes/to-failure.ts'
import { findOpenScopeOf } from './scope-of.ts'

const interceptor: NestInterceptor = {
  intercept: (execution, next) =>
    next.handle().pipe(
      catchError((error: unknown) => {
        throw toFailure(error, findOpenScopeOf(execution))
      }),
    ),
}

/**
 * Gives a handler the interceptor that turns its AbortError into the reason. It stands on those handlers alone that
 * take the scope, and so its signal: no other is stopped, and an interceptor is expensive.
 *
 * @param prototype - Of the controller or the gateway.
 * @param method - The name of the handler.
 */
export const tellsWhyItStopped = (prototype: object, method: string | symbol | undefined): void => {
  const handler = method === undefined ? undefined : Object.getOwnPropertyDescriptor(prototype, method)
  if (handler !== undefined) UseInterceptors(interceptor)(prototype, method!, handler)
}
